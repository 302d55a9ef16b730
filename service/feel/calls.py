"""From nodes to closures: calls, function definitions, `in`, and the tests of unary tests.

Where a called name is looked up: what the expression binds; the built-in functions; the host's functions; a
function kept in a variable. A host function may share a name with a built-in one: it is called where its only
argument is a string (`all("form_key")` is the host's, `all(list)` the built-in one).
"""

import datetime as dt
import inspect
from collections.abc import Callable, Sequence

from service.feel import compare
from service.feel import nodes as n
from service.feel.builtins import BUILTINS
from service.feel.builtins.registry import Builtin
from service.feel.codegen import code_for, makes
from service.feel.conformance import conforms
from service.feel.errors import FeelError
from service.feel.limits import Run
from service.feel.scope import FUNCTIONS, RUN, VARIABLES, Code, Frame, Scope
from service.feel.values import FeelFunction, Host, Range, Value, adopt, is_list

Names = tuple[str, ...] | None
Test = Callable[[Frame, Value], bool | None]


@makes(n.Call)
def _call(node: n.Call, scope: Scope) -> Code:
    arguments = tuple(code_for(argument, scope) for argument in node.arguments)
    target = node.target
    if not isinstance(target, n.Name):
        return _dynamic_call(code_for(target, scope), arguments, node.names, None)
    outside = _named_call(target.name, arguments, node, scope)
    if not scope.binds(target.name):
        return outside
    return _dynamic_call(code_for(target, scope), arguments, node.names, outside)


def _named_call(name: str, arguments: tuple[Code, ...], node: n.Call, scope: Scope) -> Code:
    _note_literal(name, node, scope)
    if name in ("now", "today") and not arguments:
        return _present(name, scope)
    entry = BUILTINS.get(name)
    if entry is not None:
        _doubt_call(entry, node, scope)
        return _builtin_call(entry, arguments, node.names)
    if not scope.binds(name):
        scope.free.calls.add(name)
    return _host_call(name, arguments, node.names)


def _doubt_call(entry: Builtin, node: n.Call, scope: Scope) -> None:
    """Keep what will always be null: a built-in function called with arguments that it does not take."""
    if node.names is None and not entry.takes(len(node.arguments)):
        scope.free.doubts.add(f"{entry.name} 不接受 {len(node.arguments)} 个参数，结果总是 null")
    elif node.names is not None and not entry.takes_names(node.names):
        scope.free.doubts.add(f"{entry.name} 没有名为 {'、'.join(node.names)} 的这组参数，结果总是 null")


def _dynamic_call(function: Code, arguments: tuple[Code, ...], names: Names, otherwise: Code | None) -> Code:
    """A call of whatever value stands there; a bound name that holds no function means the outer function."""

    def dynamic(frame: Frame) -> Value:
        found = function(frame)
        if not isinstance(found, FeelFunction):
            return None if otherwise is None else otherwise(frame)
        return invoke(found, [argument(frame) for argument in arguments], names)

    return dynamic


def _present(name: str, scope: Scope) -> Code:
    """`now()` and `today()`: the host's, else the variable `now`. FEEL itself reads no clock."""
    scope.free.names.add("now")

    def present(frame: Frame) -> Value:
        host = frame[FUNCTIONS].get(name)
        if host is not None:
            return _hosted(host, (), None, frame[RUN])
        now = frame[VARIABLES].get("now")
        if not isinstance(now, dt.datetime):
            return None
        return now if name == "now" else now.date()

    return present


def _note_literal(name: str, node: n.Call, scope: Scope) -> None:
    if node.arguments:
        first = node.arguments[0]
        if isinstance(first, n.Literal) and isinstance(first.value, str):
            scope.free.literal_calls.add((name, first.value))
        else:
            scope.free.open_calls.add(name)


def _builtin_call(entry: Builtin, arguments: tuple[Code, ...], names: Names) -> Code:
    if names is not None:
        return lambda frame: entry.call_named(frame[RUN], names, [code(frame) for code in arguments])
    if len(arguments) != 1:
        return lambda frame: entry.call(frame[RUN], [code(frame) for code in arguments])
    only = arguments[0]

    def call(frame: Frame) -> Value:
        argument = only(frame)
        if argument.__class__ is str and entry.name in frame[FUNCTIONS]:
            return _hosted(frame[FUNCTIONS][entry.name], [argument], None, frame[RUN])
        return entry.call(frame[RUN], (argument,))

    return call


def _host_call(name: str, arguments: tuple[Code, ...], names: Names) -> Code:
    def call(frame: Frame) -> Value:
        values = [code(frame) for code in arguments]
        host = frame[FUNCTIONS].get(name)
        if host is not None:
            return _hosted(host, values, names, frame[RUN])
        kept = frame[VARIABLES].get(name)
        return invoke(kept, values, names) if isinstance(kept, FeelFunction) else None

    return call


def _hosted(host: Host, values: Sequence[Value], names: Names, run: Run) -> Value:
    """A host function's answer; null where it takes other arguments than these."""
    run.spend(1)
    try:
        if names is None:
            return adopt(host(*values))
        return adopt(host(**dict(zip(names, values, strict=True))))
    except TypeError:
        if _fits(host, values, names):
            raise  # the fault is inside the host function, not in how the expression called it
        return None


def _fits(host: Host, values: Sequence[Value], names: Names) -> bool:
    try:
        if names is None:
            inspect.signature(host).bind(*values)
        else:
            inspect.signature(host).bind(**dict(zip(names, values, strict=True)))
    except TypeError:
        return False
    return True


def invoke(function: FeelFunction, values: Sequence[Value], names: Names = None) -> Value:
    """A call of a function written in FEEL; null where the arguments are not those it names."""
    if names is not None:
        named = dict(zip(names, values, strict=True))
        if set(named) != set(function.parameters):
            return None
        values = [named[name] for name in function.parameters]
    return function.call(values) if len(values) == len(function.parameters) else None


@makes(n.Function)
def _function(node: n.Function, scope: Scope) -> Code:
    names = tuple(name for name, _ in node.parameters)
    types = tuple(of for _, of in node.parameters)
    cost = n.weight(node.body)
    typed = any(of is not None for of in types)
    places: list[int] = []
    for name in names:
        scope = scope.bind(name)
        places.append(scope.place)
    body = code_for(node.body, scope)

    def define(frame: Frame) -> FeelFunction:
        captured, run = frame.copy(), frame[RUN]

        def call(arguments: Sequence[Value]) -> Value:
            if typed:
                fitted = [_as_typed(value, of, run) for value, of in zip(arguments, types, strict=True)]
                if any(not fits for fits, _ in fitted):
                    return None
                arguments = [value for _, value in fitted]
            local = captured.copy()
            for place, argument in zip(places, arguments, strict=True):
                local[place] = adopt(argument)
            run.enter(cost)
            try:
                return body(local)
            finally:
                run.leave()

        return FeelFunction(names, call)

    return define


def _as_typed(value: Value, of: n.TypeName | None, run: Run) -> tuple[bool, Value]:
    """Whether an argument fits its declared type, and the argument after the standard's own conversions."""
    if of is None or value is None or conforms(value, of, run) is True:
        return True, value
    if is_list(value) and len(value) == 1 and conforms(value[0], of, run) is True:
        return True, value[0]
    if of.name == "list" and not is_list(value) and conforms([value], of, run) is True:
        return True, [value]
    return False, None


@makes(n.NotTests)
def _not(node: n.NotTests, scope: Scope) -> Code:
    """The function `not`; its argument is an expression, not a test."""
    if len(node.tests) != 1 or isinstance(node.tests[0], n.OperatorTest):
        raise FeelError("not(…) 在表达式里只接受一个条件；多个取值或 < > 写法只用在决策表的单元格里")
    return _builtin_call(BUILTINS["not"], (code_for(node.tests[0], scope),), None)


@makes(n.In)
def _in(node: n.In, scope: Scope) -> Code:
    value = code_for(node.value, scope)
    tests = tuple(_plain_test(test, scope) for test in node.tests)
    if len(tests) == 1:
        only = tests[0]
        return lambda frame: only(frame, value(frame))

    def member(frame: Frame) -> bool:
        sought = value(frame)
        return any(test(frame, sought) is True for test in tests)

    return member


def _plain_test(node: n.Node, scope: Scope) -> Test:
    if isinstance(node, n.OperatorTest):
        return _operator_test(node, scope)
    wanted = code_for(node, scope)
    return lambda frame, value: compare.matches(value, wanted(frame), frame[RUN])


def _operator_test(node: n.OperatorTest, scope: Scope) -> Test:
    operand, sign = code_for(node.operand, scope), node.sign
    if sign in ("=", "!="):
        same = sign == "="

        def equality(frame: Frame, value: Value) -> bool | None:
            found = compare.equal(value, operand(frame), frame[RUN])
            return None if found is None else found is same

        return equality
    test = _ORDERS[sign]
    return lambda frame, value: test(value, operand(frame))


_ORDERS: dict[str, Callable[[Value, Value], bool | None]] = {
    "<": compare.less,
    "<=": compare.at_most,
    ">": compare.more,
    ">=": compare.at_least,
}


def unary_test(node: n.Node, scope: Scope) -> Test:
    """One test of a cell, with `?` bound in the scope.

    Met where the expression equals the value, holds it (list, range), or, being a condition, is true. A
    condition that names `?` speaks for itself; one that does not is compared when the value is a boolean too.
    """
    if isinstance(node, n.OperatorTest):
        return _operator_test(node, scope)
    code, speaks = code_for(node, scope), n.mentions(node, "?")

    def test(frame: Frame, value: Value) -> bool | None:
        found = code(frame)
        if (found is True or found is False) and (speaks or not isinstance(value, bool)):
            return found
        if speaks and not (isinstance(found, Range) or is_list(found)):
            return None
        return compare.matches(value, found, frame[RUN])

    return test
