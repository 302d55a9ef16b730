"""Gateways: a way out in every case, nothing that waits for ever, nothing that runs twice, no look at old values."""

from __future__ import annotations

from collections.abc import Iterator

from service.content.lint.settled import Settling
from service.content.lint.vocabulary import Vocabulary
from service.domain.errors import Finding
from service.engine.lint.plan import ACTIVITIES, LEAVING, Plan, Scope, at, named
from service.engine.model import CHOOSING, Element, SequenceFlow
from service.feel import FeelError
from service.feel import compile as compile_feel

GATEWAYS = CHOOSING | {"parallelGateway"}
PASSING = frozenset({"intermediateThrowEvent", "sendTask"})


def defaults(plan: Plan) -> Iterator[Finding]:
    """Gateways that may find no way out, and conditions where none is looked at."""
    for scope in plan.scopes:
        for split in scope.splits(*CHOOSING):
            if not any(flow.is_default for flow in scope.out[split.id]):
                message = f"网关 {named(split)} 没有默认出线：没有条件成立时，流程就停住了。"
                yield at(split, "gateway.no_default", message, "把其余情况走的那条出线设为默认出线。")
        for flow in scope.flows:
            yield from _condition(scope, flow, plan.settling)


def _condition(scope: Scope, flow: SequenceFlow, settling: Settling) -> Iterator[Finding]:
    if not flow.condition:
        return
    source = scope.elements[flow.source]

    def tell(rule: str, message: str, cure: str, severity: str = "error") -> Finding:
        name = flow.id or flow.source
        return Finding(rule, message, cure, source.file, flow.line, name, severity)

    if flow.is_default:
        message = f"默认出线上写了条件 {flow.condition}，它不会被看。"
        yield tell("gateway.condition_on_default", message, "删去这个条件。")
    elif source.kind not in CHOOSING:
        message = f"{named(source)} 的出线上写了条件 {flow.condition}，它不会被看。"
        yield tell("gateway.condition_ignored", message, "在它后面画一个排他网关，把条件写在网关的出线上。")
    elif len(scope.out[flow.source]) == 1:
        message = f"网关 {named(source)} 只有一条出线，却带条件；条件不成立时流程就停住了。"
        yield tell("gateway.only_way", message, "删去条件，或再画一条默认出线。")
    elif (outcome := settling.of(flow.condition)) is not None:
        taken = "总是成立" if outcome.value is True else "总是不成立"
        message = f"网关 {named(source)} 出线上的条件 {flow.condition} 不论什么件{taken}，这里没有什么可选。"
        yield tell("feel.constant", message, "写上要看的表单字段或事实，或去掉这条出线。", "warning")


def needless(plan: Plan) -> Iterator[Finding]:
    """Gateways with one way in and one way out: something was forgotten, or they say nothing."""
    for scope in plan.scopes:
        for element in scope.elements.values():
            if (
                element.kind in GATEWAYS
                and len(scope.into[element.id]) < 2
                and len(scope.out[element.id]) == 1
            ):
                message = f"网关 {named(element)} 只有一进一出，既不分开也不汇合。"
                yield at(
                    element, "gateway.needless", message, "补上缺少的线，或删去这个网关。", severity="warning"
                )


def deadlocks(plan: Plan) -> Iterator[Finding]:
    """Parallel joins that wait for a branch which an exclusive gateway may not have taken."""
    for scope in plan.scopes:
        choices = list(scope.splits("exclusiveGateway"))
        for join in scope.elements.values():
            if join.kind == "parallelGateway" and len(scope.into[join.id]) > 1:
                for choice in choices:
                    if _starves(scope, join, choice):
                        message = f"并行网关 {named(join)} 要等齐所有入线，而 {named(choice)} 只走其中一条，会永远等下去。"
                        yield at(
                            join,
                            "gateway.deadlock",
                            message,
                            "把汇合的网关改为排他网关，或把分开的网关改为并行网关。",
                        )
                        break


def _starves(scope: Scope, join: Element, choice: Element) -> bool:
    ways = scope.into[join.id]
    without = _upto(scope, scope.starts, join.id, avoid=choice.id)
    for flow in scope.out[choice.id]:
        taken = _upto(scope, (flow.target,), join.id)
        if choice.id in taken:
            continue  # comes back and may choose anew
        fed = [way for way in ways if way.source in taken or way.id == flow.id]
        if not fed and not _takes_all(scope, taken) and _chosen_once(scope, choice):
            fed = [way for way in ways if way.source in without]  # from a branch beside this one
        starved = [way for way in ways if way not in fed and way.source not in without]
        if fed and starved:
            return True
    return False


def _takes_all(scope: Scope, reached: frozenset[str]) -> bool:
    """Whether a way may end so that the tokens of all other branches go with it."""
    ends = (scope.elements[name] for name in reached)
    return any(end.kind == "endEvent" and end.event in LEAVING for end in ends)


def _chosen_once(scope: Scope, choice: Element) -> bool:
    """Whether a gateway is come to once at most: nothing before it, nor itself, comes back to itself."""
    before = [name for name in scope.elements if choice.id in scope.reach(name)]
    return not any(name in scope.reach(*scope.next(name)) for name in before)


def _upto(scope: Scope, begin: tuple[str, ...], join: str, avoid: str = "") -> frozenset[str]:
    """What is reached without going through a join, and never through `avoid`."""
    reached = scope.reach(*(b for b in begin if b not in {avoid, join}), stop=lambda n: n in {join, avoid})
    return reached - {join, avoid} if avoid else reached - {join}


def waiting_for_themselves(plan: Plan) -> Iterator[Finding]:
    """Parallel joins that wait for a branch which begins behind them: nobody ever comes to begin it.

    Told only where it is certain: all else may be passed, and yet one arrow into the join never is.
    """
    for scope in plan.scopes:
        come = _come(scope)
        for join in scope.elements.values():
            ways = scope.into[join.id]
            missing = [way for way in ways if way.source not in come]
            if not _gathers(scope, join.id) or not missing or len(missing) == len(ways):
                continue
            behind = scope.reach(join.id) - {join.id}
            late = [scope.elements[way.source] for way in missing if way.source in behind | {join.id}]
            if late:
                message = f"并行网关 {named(join)} 要等 {named(late[0])} 来的入线，而那一支要先过这个网关才开始，会永远等下去。"
                cure = "回头的线接到排他网关上汇合；或把这条入线从并行网关移到它后面。"
                yield at(join, "gateway.deadlock", message, cure)


def _come(scope: Scope) -> frozenset[str]:
    """What a token may pass at all: a parallel join only where one may come by every arrow into it."""
    opened: set[str] = set()
    while True:

        def is_shut(name: str, opened: frozenset[str] = frozenset(opened)) -> bool:
            return _gathers(scope, name) and name not in opened

        reached = scope.reach(*scope.starts, stop=is_shut)
        passed = frozenset(name for name in reached if not is_shut(name))
        ready = {n for n in reached - passed if all(flow.source in passed for flow in scope.into[n])}
        if not ready:
            return passed
        opened |= ready


def _gathers(scope: Scope, name: str) -> bool:
    return scope.elements[name].kind == "parallelGateway" and len(scope.into[name]) > 1


def doubled(plan: Plan) -> Iterator[Finding]:
    """Parallel branches that come together without a parallel join: what follows would run twice."""
    for scope in plan.scopes:
        for split in scope.splits("parallelGateway", "inclusiveGateway"):
            met: dict[str, int] = {}
            for flow in scope.out[split.id]:
                target = _forced(scope, flow.target)
                if target is not None and scope.elements[target].kind != "endEvent":
                    met[target] = met.get(target, 0) + 1
            for name in (n for n, count in met.items() if count > 1):
                element = scope.elements[name]
                message = f"{named(split)} 分出的并行分支都走到 {named(element)}，之后的每一步会做两遍。"
                yield at(
                    element,
                    "gateway.unjoined",
                    message,
                    "在它前面画一个并行网关，先汇合。",
                    severity="warning",
                )


def _forced(scope: Scope, begin: str) -> str | None:
    """The first element with several ways in to which a branch leads in any case; None where it parts or joins."""
    seen: set[str] = set()
    name = begin
    while name not in seen:
        seen.add(name)
        if len(scope.into[name]) > 1:
            return None if scope.is_join(name) else name
        if len(scope.out[name]) != 1:
            return None
        name = scope.out[name][0].target
    return None


def old_values(plan: Plan) -> Iterator[Finding]:
    """Gateways right after a stage that ask for what was submitted in it, perhaps in an earlier round."""
    if plan.vocabulary is None:
        return
    for scope in plan.scopes:
        for split in scope.splits(*CHOOSING):
            stage = _stage_before(scope, split)
            if stage is None or stage.id not in plan.inner:
                continue
            inside = forms_within(plan, stage, ())
            read = {
                form for flow in scope.out[split.id] for form in _forms_read(flow.condition, plan.vocabulary)
            }
            if read & inside:
                message = (
                    f"网关 {named(split)} 在阶段 {named(stage)} 之后去看 {'、'.join(sorted(read & inside))}，"
                    "看到的可能是上一轮的旧值。"
                )
                cure = "在阶段里用错误结束事件离开，在阶段边界上接住它，各走各的线。"
                yield at(split, "gateway.old_value", message, cure, severity="warning")


def _stage_before(scope: Scope, split: Element) -> Element | None:
    """The stage a gateway directly follows, past milestones and notices."""
    name, seen = split.id, set[str]()
    while name not in seen and len(scope.into[name]) == 1:
        seen.add(name)
        before = scope.elements[scope.into[name][0].source]
        if before.kind in ACTIVITIES:
            return before
        if before.kind not in PASSING:
            return None
        name = before.id
    return None


def forms_within(plan: Plan, stage: Element, chain: tuple[str, ...]) -> set[str]:
    """The forms of the user tasks in a stage, at any depth."""
    inside = plan.inner.get(stage.id)
    if inside is None or stage.id in chain:
        return set()
    found = {e.form for e in inside.elements.values() if e.form and e.kind == "userTask"}
    for element in inside.elements.values():
        found |= forms_within(plan, element, (*chain, stage.id))
    return found


def _forms_read(text: str | None, vocabulary: Vocabulary, seen: frozenset[str] = frozenset()) -> set[str]:
    """The forms whose latest submission an expression reads, by name or through a fact."""
    if not text:
        return set()
    try:
        names = compile_feel(text).names
    except FeelError:
        return set()
    found = {name for name in names if name in vocabulary.forms and name not in vocabulary.facts}
    for name in names - seen:
        found |= _forms_read(vocabulary.facts.get(name), vocabulary, seen | names)
    return found
