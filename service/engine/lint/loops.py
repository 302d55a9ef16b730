"""Loops that nobody stops: driven by timers that are late again as soon as they are set, or by processes that start
each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from service.content.lint.calls import LEAST, first_text, is_number
from service.content.lint.expressions import children
from service.domain.errors import Finding
from service.engine.lint.plan import Plan, Scope, at, named
from service.engine.lint.ways import at_once
from service.engine.model import Element
from service.feel import FeelError
from service.feel import nodes as n
from service.feel.constants import worked_out
from service.feel.limits import DEFAULT
from service.feel.parse import parse

# how many arguments these have beside the start, which is the entry of the activity where it is left out
COUNTING = {"minutes": 1, "hours": 1, "natural_days": 1, "workdays": 1, "end_of_day": 0, "due": 1}


def timer_loops(plan: Plan) -> Iterator[Finding]:
    """Timers that lead back to where they are set anew, and whose time has then passed already: they fire for ever.

    One that counts from the entry of its activity comes again only after its time, and one that may be null, or
    follows from a clock, may end the loop by itself: those are allowed, and stopped when they run if they do not.
    """
    for scope in plan.scopes:
        after = {name: tuple(_on(plan, scope, name)) for name in scope.elements}
        for element in scope.elements.values():
            if stands(plan, element) and element.id in _reached(after[element.id], after.__getitem__):
                message = (
                    f"{named(element)} 的时间不随重新进入而推后，到时后又绕回来，会不停地立刻再到时，"
                    "中间没有人能办事。"
                )
                cure = (
                    "时间从进入这一步起算，例如 hours(1)、不写起点的 due(…)；或者到时后不再绕回；"
                    "或者写成 if … then … else null。"
                )
                yield at(element, "flow.timer_loop", message, cure)


def start_cycles(plan: Plan) -> Iterator[Finding]:
    """Processes that start themselves, or each other in a circle, before anybody is waited for."""
    begins = {process: tuple(_begun(plan, process)) for process in plan.processes}
    after = {process: [e.starts for e in found if e.starts in begins] for process, found in begins.items()}
    for process, found in begins.items():
        for element in found:
            if element.starts in begins and process in _reached([element.starts], after.__getitem__):
                message = (
                    f"{named(element)} 启动流程 {element.starts}，而它一开始又会启动 {process}，没有尽头。"
                )
                cure = "去掉其中一处启动，或在它之前放一个用户任务。"
                yield at(element, "process.start_cycle", message, cure)


def stands(plan: Plan, element: Element) -> bool:
    """Whether an interrupting timer, or one that is waited for, has a time that being set anew does not move."""
    passing = element.kind == "intermediateCatchEvent" or (
        element.kind == "boundaryEvent" and element.interrupting
    )
    return passing and element.event == "timer" and bool(element.due) and _stands(plan, element.due or "", ())


def _stands(plan: Plan, text: str, facts: tuple[str, ...]) -> bool:
    try:
        node = parse(text, DEFAULT)
    except FeelError:
        return False
    return _is_fixed(plan, node, facts)


def _is_fixed(plan: Plan, node: Any, facts: tuple[str, ...]) -> bool:
    """Whether a part of a time neither counts from the entry, nor may be null, nor follows from a clock."""
    match node:
        case n.Literal(value=None):
            return False
        case n.If(then=then, otherwise=otherwise):
            return _is_fixed(plan, then, facts) and _is_fixed(plan, otherwise, facts)
        case n.Call(target=n.Name(name=name)) if name == "clock" or _counts(plan, node):
            return False
        case n.Name(name=name) if plan.vocabulary is not None and name in plan.vocabulary.facts:
            known = plan.vocabulary.facts[name]
            return name in facts or _stands(plan, known, (*facts, name))
        case n.Compare() | n.Logic() | n.Filter():
            return True
        case _:
            return all(_is_fixed(plan, child, facts) for child in children(node))


def _counts(plan: Plan, call: n.Call) -> bool:
    """Whether a call counts from the entry of the activity, and forward."""
    name = call.target.name if isinstance(call.target, n.Name) else ""
    if name not in COUNTING or (call.names and "start" in call.names):
        return False
    if name == "due" and plan.vocabulary and first_text(call) in plan.vocabulary.without_length:
        return False
    amount = worked_out(call.arguments[0], DEFAULT) if name in LEAST and call.arguments else None
    forward = not is_number(amount) or amount >= LEAST[name]
    return len(call.arguments) == COUNTING[name] and forward


def _on(plan: Plan, scope: Scope, name: str, chain: tuple[str, ...] = ()) -> Iterator[str]:
    """Where a token comes to without anybody doing anything: at once, and by the timers that stand."""
    if _passes(plan, scope, name, chain) or stands(plan, scope.elements[name]):
        yield from at_once(scope, name)
    yield from (event.id for event in scope.borders[name] if stands(plan, event))


def _passes(plan: Plan, scope: Scope, name: str, chain: tuple[str, ...]) -> bool:
    """Whether an element lets a token through without anybody doing anything. `chain`: the activities around it."""
    element = scope.elements[name]
    if element.kind == "parallelGateway" and scope.is_join(name):
        return False  # somebody may have to be waited for in another branch
    if not plan.waiting[name]:
        return element.kind != "boundaryEvent" or element.event != "timer"
    inside = plan.inner.get(name)
    if inside is None or name in chain:
        return False
    reached = _reached(inside.starts, lambda one: _on(plan, inside, one, (*chain, name)))
    return any(inside.elements[one].kind == "endEvent" for one in reached)


def _begun(plan: Plan, process: str) -> Iterator[Element]:
    """The elements of a process that start another before anybody or any time is waited for."""
    scope = next(s for s in plan.scopes if s.process.id == process and s.host is None)
    heap, seen = [(scope, name) for name in scope.starts], set[str]()
    while heap:
        here, name = heap.pop()
        if name in seen:
            continue
        seen.add(name)
        if here.elements[name].starts:
            yield here.elements[name]
        inside = plan.inner.get(name)
        if inside is not None:
            heap.extend((inside, one) for one in inside.starts)
        if not plan.waiting[name]:
            heap.extend((here, one) for one in at_once(here, name))


def _reached(begin: Iterable[str], after: Callable[[str], Iterable[str]]) -> set[str]:
    """All that is reached from some places, those among them."""
    found: set[str] = set()
    heap = list(begin)
    while heap:
        one = heap.pop()
        if one not in found:
            found.add(one)
            heap.extend(after(one))
    return found


__all__ = ["stands", "start_cycles", "timer_loops"]
