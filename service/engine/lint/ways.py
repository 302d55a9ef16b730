"""Ways through a diagram: every element is reached, every way ends, every loop waits somewhere."""

from __future__ import annotations

from collections.abc import Iterator

from service.domain.errors import Finding
from service.engine.lint.plan import ACTIVITIES, LEAVING, Plan, Scope, at, named
from service.engine.model import Element


def unreached(plan: Plan) -> Iterator[Finding]:
    """Elements that no token comes to."""
    for scope in plan.scopes:
        reached = scope.reach(*scope.starts)
        for name, element in scope.elements.items():
            if name in reached or not scope.starts:
                continue
            if not scope.into[name] and element.kind not in {"startEvent", "boundaryEvent"}:
                message = f"{named(element)} 没有入线，永远走不到。"
                yield at(element, "flow.no_incoming", message, "画一条线通到它，或删去它。")
            elif element.kind != "boundaryEvent" or element.attached_to in scope.elements:
                message = f"{named(element)} 从开始走不到。"
                yield at(element, "flow.unreachable", message, "接到开始之后的某一步，或删去它。")


def endless(plan: Plan) -> Iterator[Finding]:
    """Elements from which no end is reached, and that nothing else takes away."""
    for scope in plan.scopes:
        reached = scope.reach(*scope.starts)
        for element in scope.elements.values():
            if element.id not in reached or not scope.out[element.id]:
                continue
            if not _ends(scope, element.id) and not _taken_away(plan, scope, element.id, ()):
                message = f"从 {named(element)} 出发到不了结束事件，也没有别的分支来结束它。"
                cure = "接到结束事件；可重复的动作，在并行的另一分支上画终止结束事件。"
                yield at(element, "flow.no_end", message, cure)


def busy_loops(plan: Plan) -> Iterator[Finding]:
    """Loops in which nobody and no time is waited for: they would run until the step is stopped."""
    for scope in plan.scopes:
        told: set[str] = set()
        for element in scope.elements.values():
            if element.id in told or plan.waiting[element.id] or not _returns(plan, scope, element.id):
                continue
            told |= _loop(plan, scope, element.id)
            message = f"从 {named(element)} 绕回自己的这一圈里没有人要做的事，也不等时间，会一直空转。"
            yield at(element, "flow.busy_loop", message, "在这一圈里放一个用户任务，或去掉回头的线。")


def repeated_tasks(plan: Plan) -> Iterator[Finding]:
    """Tasks that come back as soon as they are done, for ever, and are not optional."""
    for scope in plan.scopes:
        for element in scope.elements.values():
            if element.kind != "userTask" or element.optional or _ends(scope, element.id):
                continue
            again = {
                one for after in at_once(scope, element.id) for one in _until_waiting(plan, scope, after)
            }
            if element.id in again and not any(plan.waiting[one] for one in again - {element.id}):
                message = f"{named(element)} 一办完就又出现，待办永远清不掉。"
                yield at(
                    element,
                    "task.endless",
                    message,
                    '写上 jsjb:optional="true"，或接到结束事件。',
                    severity="warning",
                )


def never_started(plan: Plan) -> Iterator[Finding]:
    """Processes that nothing starts."""
    started = {e.starts for e in plan.elements.values() if e.starts}
    for process in plan.processes.values():
        if process.is_stage or process.start_forms or process.timed_start or process.id in started:
            continue
        message = f"流程“{process.name}”没有开始表单，也没有别的流程调用或启动它，也不到时自己开始。"
        cure = "在开始事件上写 jsjb:form 和 jsjb:assign，或画成计时，或在别处用调用活动、jsjb:starts 启动它。"
        yield at(process, "process.never_started", message, cure, severity="warning")


def _ends(scope: Scope, name: str) -> bool:
    return any(scope.elements[one].kind == "endEvent" for one in scope.reach(name))


def _taken_away(plan: Plan, scope: Scope, name: str, chain: tuple[str, ...]) -> bool:
    """Whether something beside an endless part ends it: an end in a parallel branch, or outside its scope."""
    if any(_beside(scope, split, name) for split in scope.splits("parallelGateway", "inclusiveGateway")):
        return True
    if any(_beside_border(scope, event, name) for event in scope.elements.values()):
        return True
    hosts = plan.around(scope)
    return bool(hosts) and all(
        _host_ends(plan, host, (*chain, host.id)) for host in hosts if host.id not in chain
    )


def _beside(scope: Scope, split: Element, name: str) -> bool:
    """A split one of whose branches leads to the endless part, another to an end that takes all with it."""
    branches = [scope.reach(flow.target) for flow in scope.out[split.id]]
    return any(name in one for one in branches) and any(_leaves(scope, one) for one in branches)


def _beside_border(scope: Scope, event: Element, name: str) -> bool:
    """An event that does not interrupt, whose branch ends what goes on in the activity's own."""
    host = event.attached_to or ""
    if event.kind != "boundaryEvent" or event.interrupting or host not in scope.elements:
        return False
    return name in scope.reach(host) and _leaves(scope, scope.reach(event.id))


def _host_ends(plan: Plan, host: Element, chain: tuple[str, ...]) -> bool:
    scope = plan.scope_of[host.id]
    if any(event.interrupting for event in scope.borders[host.id]):
        return True
    return _taken_away(plan, scope, host.id, chain)


def _leaves(scope: Scope, reached: frozenset[str]) -> bool:
    return any(scope.elements[n].kind == "endEvent" and scope.elements[n].event in LEAVING for n in reached)


def _returns(plan: Plan, scope: Scope, name: str) -> bool:
    return any(name in _without_waiting(plan, scope, after) for after in at_once(scope, name))


def _loop(plan: Plan, scope: Scope, name: str) -> set[str]:
    ahead = _without_waiting(plan, scope, name)
    return {one for one in ahead if name in _without_waiting(plan, scope, one)}


def _without_waiting(plan: Plan, scope: Scope, begin: str) -> frozenset[str]:
    """What is reached in one go, without anybody or any time being waited for."""
    found: set[str] = set()
    heap = [begin]
    while heap:
        name = heap.pop()
        if name not in found and not plan.waiting[name]:
            found.add(name)
            heap.extend(at_once(scope, name))
    return frozenset(found)


def _until_waiting(plan: Plan, scope: Scope, begin: str) -> frozenset[str]:
    """What is reached in one go, and what is then waited for."""
    return scope.reach(begin, stop=lambda name: plan.waiting[name])


def at_once(scope: Scope, name: str) -> Iterator[str]:
    """Where a token goes at once: along the arrows, and to what catches an error of a stage that waits for nobody."""
    yield from (flow.target for flow in scope.out[name])
    if scope.elements[name].kind in ACTIVITIES:
        yield from (event.id for event in scope.borders[name] if event.event != "timer")


__all__ = ["at_once", "busy_loops", "endless", "never_started", "unreached"]
