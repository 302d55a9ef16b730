"""From nodes to closures: filters, `for`, `some` and `every`. Each turn costs a step."""

import datetime as dt
from collections.abc import Iterator as Turns
from collections.abc import Sequence
from typing import Any

from service.feel import nodes as n
from service.feel.codegen import code_for, makes
from service.feel.numbers import whole
from service.feel.scope import RUN, Code, Frame, Scope
from service.feel.values import Range, Value, adopt, as_list, is_number

_DAY = dt.timedelta(days=1)


@makes(n.Filter)
def _filter(node: n.Filter, scope: Scope) -> Code:
    """By position (from 1, or from the end when negative), or by condition over each item."""
    target = code_for(node.target, scope)
    inner = scope.filtered()
    condition, place = code_for(node.condition, inner), inner.place
    cost, fixed = n.weight(node.condition), _fixed_position(node.condition)
    if fixed is not None:
        return lambda frame: _at(as_list(target(frame)), fixed)

    def kept(frame: Frame) -> Value:
        items = as_list(target(frame))
        if items is None:
            return None
        frame[RUN].spend(len(items) * cost + 1)
        found: list[Value] = []
        for index, item in enumerate(items):
            frame[place] = adopt(item)
            answer = condition(frame)
            if answer is True:
                found.append(frame[place])
            elif index == 0 and answer is not False and is_number(answer):
                return _at(items, whole(answer) or 0)
        if not items:
            frame[place] = None
            return None if is_number(condition(frame)) else found
        return found

    return kept


def _fixed_position(node: Any) -> int | None:
    if isinstance(node, n.Negation) and isinstance(node.operand, n.Literal):
        position = whole(node.operand.value)
        return None if position is None else -position
    return whole(node.value) if isinstance(node, n.Literal) else None


def _at(items: Sequence[Value] | None, position: int) -> Value:
    if not items or position == 0 or abs(position) > len(items):
        return None
    return adopt(items[position - 1 if position > 0 else position])


Source = tuple[int, Code, Code | None]


def _sources(iterators: tuple[n.Iterator, ...], scope: Scope) -> tuple[list[Source], Scope]:
    sources: list[Source] = []
    for iterator in iterators:
        code = code_for(iterator.source, scope)
        end = code_for(iterator.end, scope) if iterator.end is not None else None
        scope = scope.bind(iterator.name)
        sources.append((scope.place, code, end))
    return sources, scope


def _turns(frame: Frame, sources: list[Source], cost: int, depth: int = 0) -> Turns[bool]:
    """Every combination of the iterators, set in the frame one after the other; False where one is no list."""
    place, code, end = sources[depth]
    items = _counted(code(frame), end(frame), frame) if end is not None else _listed(code(frame), frame)
    if items is None:
        yield False
        return
    last = depth == len(sources) - 1
    spend = frame[RUN].spend
    for item in items:
        spend(cost)
        frame[place] = adopt(item)
        if last:
            yield True
        else:
            yield from _turns(frame, sources, cost, depth + 1)


def _listed(value: Value, frame: Frame) -> Any:
    if isinstance(value, Range):
        if not (value.start_included and value.end_included):
            return None
        return _counted(value.start, value.end, frame)
    return as_list(value)


def _counted(start: Value, end: Value, frame: Frame) -> Any:
    """The whole numbers, or the days, from one end to the other, upwards or downwards; null for other ends."""
    if type(start) is dt.date and type(end) is dt.date:
        days = (end - start).days
        return (start + _DAY * step for step in (range(days + 1) if days >= 0 else range(0, days - 1, -1)))
    first, last = whole(start), whole(end)
    if first is None or last is None:
        return None
    return range(first, last + 1) if first <= last else range(first, last - 1, -1)


@makes(n.For)
def _for(node: n.For, scope: Scope) -> Code:
    """The results so far are `partial`; it is only kept where the body asks for it."""
    sources, inner = _sources(node.iterators, scope)
    inner = inner.bind("partial")
    body, place = code_for(node.body, inner), inner.place
    cost = n.weight(node)
    asks = n.mentions(node.body, "partial")

    def results(frame: Frame) -> list[Value] | None:
        made: list[Value] = []
        for fits in _turns(frame, sources, cost):
            if not fits:
                return None
            if asks:
                frame[RUN].spend(len(made))
                frame[place] = list(made)
            made.append(body(frame))
        return made

    return results


@makes(n.Quantified)
def _quantified(node: n.Quantified, scope: Scope) -> Code:
    """`some` is an or over all turns, `every` an and: ternary, as those are."""
    sources, inner = _sources(node.iterators, scope)
    condition = code_for(node.condition, inner)
    cost, decisive = n.weight(node), not node.every

    def answer(frame: Frame) -> bool | None:
        result: bool | None = not decisive
        for fits in _turns(frame, sources, cost):
            if not fits:
                return None
            value: object = condition(frame)
            if value is decisive:
                return decisive
            if value is not True and value is not False:
                result = None
        return result

    return answer
