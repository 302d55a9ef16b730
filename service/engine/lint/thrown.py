"""Errors and escalations: whatever is thrown is caught, and parallel stages do not share a code."""

from __future__ import annotations

from collections.abc import Iterator

from service.domain.errors import Finding
from service.engine.lint.plan import Plan, Scope, at, named
from service.engine.model import Element

THROWING = frozenset({"error", "escalation"})


def uncaught(plan: Plan) -> Iterator[Finding]:
    """Error and escalation events that nothing around them catches."""
    for scope in plan.scopes:
        for element in scope.elements.values():
            if element.event not in THROWING or element.kind == "boundaryEvent":
                continue
            if not element.event_code or (plan.vocabulary is None and not plan.around(scope)):
                continue  # refused by name already; or a stage looked at by itself
            path = _escapes(plan, scope, element, ())
            if path is not None:
                what = "错误" if element.event == "error" else "升级"
                message = f"{what} {element.event_code} 没有人接：{path} 的边界上都没有接住它的事件。"
                cure = f"在外面的阶段边界上画一个接住 {element.event_code} 的{what}边界事件。"
                yield at(element, f"{element.event}.uncaught", message, cure)


def _escapes(plan: Plan, scope: Scope, thrown: Element, chain: tuple[str, ...]) -> str | None:
    """By which way an error leaves everything, as a person would say it; None where it is always caught."""
    hosts = [host for host in plan.around(scope) if host.id not in chain]
    if not hosts:
        return " ← ".join(chain) or f"流程 {scope.process.id}"
    for host in hosts:
        outer = plan.scope_of[host.id]
        if any(_catches(event, thrown) for event in outer.borders[host.id]):
            continue
        path = _escapes(plan, outer, thrown, (*chain, host.id))
        if path is not None:
            return path
    return None


def never_thrown(plan: Plan) -> Iterator[Finding]:
    """Boundary events for an error that nothing inside throws."""
    for scope in plan.scopes:
        for event in scope.elements.values():
            host = scope.elements.get(event.attached_to or "")
            if (
                event.kind != "boundaryEvent"
                or event.event not in THROWING
                or host is None
                or not event.event_code
            ):
                continue
            if (event.event, event.event_code) not in _thrown_in(plan, host, ()):
                message = f"{named(event)} 等的 {event.event_code}，{named(host)} 里面没有谁抛出。"
                cure = "改成里面的错误结束事件所用的代码，或删去这个边界事件。"
                yield at(event, "error.never_thrown", message, cure, severity="warning")


def _thrown_in(plan: Plan, host: Element, chain: tuple[str, ...]) -> set[tuple[str, str]]:
    """What can leave an activity: thrown inside at any depth and not caught on the way."""
    inside = plan.inner.get(host.id)
    if inside is None or host.id in chain:
        return set()
    found: set[tuple[str, str]] = set()
    for element in inside.elements.values():
        if element.event in THROWING and element.kind != "boundaryEvent":
            found.add((element.event or "", element.event_code or ""))
        caught = {(e.event, e.event_code) for e in inside.borders[element.id]}
        found |= _thrown_in(plan, element, (*chain, host.id)) - caught
    return found


def shared_codes(plan: Plan) -> Iterator[Finding]:
    """Stages open at the same time that catch the same code: other engines let both catch either's error."""
    for scope in plan.scopes:
        catching = [e for e in scope.elements.values() if e.kind == "boundaryEvent" and e.event in THROWING]
        for i, one in enumerate(catching):
            for other in catching[i + 1 :]:
                same = one.event_code == other.event_code and one.attached_to != other.attached_to
                if same and _together(scope, one.attached_to or "", other.attached_to or ""):
                    first, second = (
                        scope.elements[one.attached_to or ""],
                        scope.elements[other.attached_to or ""],
                    )
                    message = (
                        f"同时进行的 {named(first)} 和 {named(second)} 用了同一个错误代码 {one.event_code}。"
                    )
                    cure = "给每个阶段的错误起一个自己的代码。"
                    yield at(other, "error.shared_code", message, cure)


def _together(scope: Scope, one: str, other: str) -> bool:
    """Whether two activities can be open at the same time: in different branches of a parallel split."""
    if one not in scope.elements or other not in scope.elements:
        return False
    for split in scope.splits("parallelGateway", "inclusiveGateway"):
        branches = [scope.reach(f.target, stop=scope.is_join) for f in scope.out[split.id]]
        if any(
            one in a and other in b for i, a in enumerate(branches) for j, b in enumerate(branches) if i != j
        ):
            return True
    return False


def _catches(event: Element, thrown: Element) -> bool:
    return event.event == thrown.event and event.event_code in {thrown.event_code, None, ""}
