"""From nodes to closures: values, names, paths, operators. Each closure takes the frame and gives the value."""

from collections.abc import Callable, Mapping
from typing import Any

from service.feel import arithmetic, compare
from service.feel import nodes as n
from service.feel.access import member
from service.feel.conformance import conforms, known_type
from service.feel.limits import Run
from service.feel.scope import RUN, VARIABLES, Code, Frame, Scope
from service.feel.values import Range, Value, from_float

Maker = Callable[[Any, Scope], Code]
_MAKERS: dict[type, Maker] = {}


def makes(node_type: type) -> Callable[[Maker], Maker]:
    """Registers the function that compiles one class of nodes."""

    def register(maker: Maker) -> Maker:
        _MAKERS[node_type] = maker
        return maker

    return register


def is_made(node: Any) -> bool:
    """Whether a node is a value by itself, and not a part of one: an iterator, a type."""
    return node.__class__ in _MAKERS


def code_for(node: Any, scope: Scope) -> Code:
    return _MAKERS[node.__class__](node, scope)


@makes(n.Literal)
def _literal(node: n.Literal, _scope: Scope) -> Code:
    value = node.value
    return lambda _frame: value


@makes(n.Name)
def _name(node: n.Name, scope: Scope) -> Code:
    name = node.name
    items, place = scope.bindings(name)
    if place is None and not (items and name == "item"):
        scope.free.whole_names.add(name)
        (scope.free.item_names if items else scope.free.names).add(name)
        (scope.free.item_paths if items else scope.free.paths).add((name,))
    outer = _variable(name) if place is None else _bound(place)
    if not items:
        return outer
    return _item_or(name, items, outer)


def _bound(place: int) -> Code:
    return lambda frame: frame[place]


def _variable(name: str) -> Code:
    def variable(frame: Frame) -> Value:
        try:
            value = frame[VARIABLES][name]
        except KeyError:
            return None
        return from_float(value) if value.__class__ is float else value

    return variable


def _item_or(name: str, items: list[int], outer: Code) -> Code:
    """A name inside a filter: a property of the item, `item` itself, else what it means outside."""

    def item_or(frame: Frame) -> Value:
        for place in items:
            item = frame[place]
            if item.__class__ is dict:  # by far the most items; asking for a Mapping costs ten times as much
                if name in item:
                    value = item[name]
                    return from_float(value) if value.__class__ is float else value
            elif isinstance(item, Mapping) and name in item:
                return member(item, name)
            if name == "item":
                return item
        return outer(frame)

    return item_or


@makes(n.Path)
def _path(node: n.Path, scope: Scope) -> Code:
    _note_path(node, scope)
    target, name = _target(node.target, scope), node.name

    def path(frame: Frame) -> Value:
        value = target(frame)
        if value.__class__ is dict:
            value = value.get(name)
            return from_float(value) if value.__class__ is float else value
        return member(value, name)

    return path


def _target(node: n.Node, scope: Scope) -> Code:
    """What a path reaches into; a name is not read as a whole by that."""
    whole = scope.free.whole_names
    reached = node.name if isinstance(node, n.Name) and node.name not in whole else None
    code = code_for(node, scope)
    if reached is not None:
        whole.discard(reached)
    return code


def _note_path(node: n.Path, scope: Scope) -> None:
    """Keep the chain of names of a path that starts at a free name."""
    chain: list[str] = []
    current: Any = node
    while isinstance(current, n.Path):
        chain.append(current.name)
        current = current.target
    if not isinstance(current, n.Name):
        return
    items, place = scope.bindings(current.name)
    if place is None and not (items and current.name == "item"):
        (scope.free.item_paths if items else scope.free.paths).add((current.name, *reversed(chain)))


@makes(n.Logic)
def _logic(node: n.Logic, scope: Scope) -> Code:
    parts = tuple(code_for(part, scope) for part in node.parts)
    decisive = node.word == "or"
    if len(parts) == 2:
        return _logic_of_two(parts[0], parts[1], decisive)

    def logic(frame: Frame) -> bool | None:
        answer: bool | None = not decisive
        for part in parts:
            value: object = part(frame)
            if value is decisive:
                return decisive
            if value is not True and value is not False:
                answer = None
        return answer

    return logic


def _logic_of_two(left: Code, right: Code, decisive: bool) -> Code:
    other = not decisive

    def logic(frame: Frame) -> bool | None:
        first: object = left(frame)
        if first is decisive:
            return decisive
        second: object = right(frame)
        if second is decisive:
            return decisive
        return other if first is other and second is other else None

    return logic


@makes(n.Compare)
def _compare(node: n.Compare, scope: Scope) -> Code:
    left, right = code_for(node.left, scope), code_for(node.right, scope)
    if node.sign in ("=", "!="):
        return _equality(node, left, right)
    test = _ORDERS[node.sign]
    return lambda frame: test(left(frame), right(frame))


_ORDERS: dict[str, Callable[[Value, Value], bool | None]] = {
    "<": compare.less,
    "<=": compare.at_most,
    ">": compare.more,
    ">=": compare.at_least,
}


def _equality(node: n.Compare, left: Code, right: Code) -> Code:
    equal = compare.equal
    wanted = node.right.value if isinstance(node.right, n.Literal) else None
    if isinstance(wanted, str):
        same = node.sign == "="

        def equals_text(frame: Frame) -> bool | None:
            value = left(frame)
            if value.__class__ is str:
                return (value == wanted) is same
            found = equal(value, wanted, frame[RUN])
            return None if found is None else found is same

        return equals_text
    if node.sign == "=":
        return lambda frame: equal(left(frame), right(frame), frame[RUN])

    def unequal(frame: Frame) -> bool | None:
        found = equal(left(frame), right(frame), frame[RUN])
        return None if found is None else not found

    return unequal


@makes(n.Between)
def _between(node: n.Between, scope: Scope) -> Code:
    value, low, high = (code_for(part, scope) for part in (node.value, node.low, node.high))
    return lambda frame: compare.between(value(frame), low(frame), high(frame))


@makes(n.Arithmetic)
def _arithmetic(node: n.Arithmetic, scope: Scope) -> Code:
    left, right = code_for(node.left, scope), code_for(node.right, scope)
    if node.sign in _COUNTED:
        counted = _COUNTED[node.sign]
        return lambda frame: counted(left(frame), right(frame), frame[RUN])
    work = _OPERATIONS[node.sign]
    return lambda frame: work(left(frame), right(frame))


_OPERATIONS: dict[str, Callable[[Value, Value], Value]] = {
    "-": arithmetic.subtract,
    "*": arithmetic.multiply,
    "/": arithmetic.divide,
}
# What may grow, or take long, is paid for.
_COUNTED: dict[str, Callable[[Value, Value, Run], Value]] = {"+": arithmetic.add, "**": arithmetic.power}


@makes(n.Negation)
def _negation(node: n.Negation, scope: Scope) -> Code:
    operand = code_for(node.operand, scope)
    return lambda frame: arithmetic.negate(operand(frame))


@makes(n.If)
def _if(node: n.If, scope: Scope) -> Code:
    condition, then, otherwise = (
        code_for(part, scope) for part in (node.condition, node.then, node.otherwise)
    )
    return lambda frame: then(frame) if condition(frame) is True else otherwise(frame)


@makes(n.InstanceOf)
def _instance_of(node: n.InstanceOf, scope: Scope) -> Code:
    value, of = code_for(node.value, scope), node.of
    if not known_type(of):
        scope.free.doubts.add(f"没有名为 {of.name} 的类型，instance of 得到 null")
    return lambda frame: conforms(value(frame), of, frame[RUN])


@makes(n.ListLiteral)
def _list(node: n.ListLiteral, scope: Scope) -> Code:
    items = tuple(code_for(item, scope) for item in node.items)
    return lambda frame: [item(frame) for item in items]


@makes(n.RangeLiteral)
def _range(node: n.RangeLiteral, scope: Scope) -> Code:
    """A range; null where its ends are null, in no order, or the wrong way round."""
    start = code_for(node.start, scope) if node.start is not None else None
    end = code_for(node.end, scope) if node.end is not None else None

    def span(frame: Frame) -> Range | None:
        low = start(frame) if start is not None else None
        high = end(frame) if end is not None else None
        if node.start is not node.end and start is not None and end is not None:
            standing = compare.order(low, high)
            if standing is None or standing > 0:
                return None
        return Range(low, high, node.start_included, node.end_included, node.differs)

    return span


@makes(n.ContextLiteral)
def _context(node: n.ContextLiteral, scope: Scope) -> Code:
    """Entries see those before them, and a later one of the same name makes the whole null."""
    entries: list[tuple[str, int, Code]] = []
    for key, value in node.entries:
        code = code_for(value, scope)
        scope = scope.bind(key)
        entries.append((key, scope.place, code))
    twice = len({key for key, _, _ in entries}) != len(entries)

    def context(frame: Frame) -> dict[str, Value] | None:
        made: dict[str, Value] = {}
        for key, place, code in entries:
            made[key] = frame[place] = code(frame)
        return None if twice else made

    return context
