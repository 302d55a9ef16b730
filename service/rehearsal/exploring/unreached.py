"""What was never reached: refusals, notices, ends, ways of a gateway, events on a border, statuses, tasks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from service.domain.errors import Finding
from service.engine import CHOOSING, Definition, Element, Process, Rule, SequenceFlow
from service.feel import compile as compile_feel
from service.rehearsal.exploring.aimed import Missed
from service.rehearsal.exploring.by_policy import ByPolicy
from service.rehearsal.exploring.endless import Endless
from service.rehearsal.exploring.found import Note
from service.rehearsal.exploring.interest import Text
from service.rehearsal.exploring.reached import Reached
from service.rehearsal.exploring.telling import named

# what a single case with plain texts cannot bring about: files that others were asked for, months that are written out
BEYOND = frozenset({"awaited", "month_of", "quarter_of"})
WHY = "检查通向它的条件；确实用不着的，从图上去掉。"


@dataclass
class Unreached:
    """Tells what of a process a search never came to. What lies only behind that is not told besides."""

    definition: Definition
    reached: Reached
    by_policy: ByPolicy
    notes: list[Note] = field(default_factory=list)

    @cached_property
    def _exempt(self) -> frozenset[str]:
        return Endless(self.definition).only_behind()

    def of(self, process: Process) -> Iterator[Missed]:
        """Everything in a process that was not reached so far."""
        for element in process.elements.values():
            if element.id in self._exempt:
                self._note(element)
            elif self._is_reached(element):
                yield from self._at(process, element)
            elif self._could_be(process, element):
                kind = "opened" if element.kind == "userTask" else "elements"
                told = finding(f"explore.unreached_{kind_of(element)}", element, said(element), WHY)
                yield Missed(told, element, (kind, element.id), due_of(element))

    # -- elements ---------------------------------------------------------------------------------------
    def _is_reached(self, element: Element) -> bool:
        if element.kind == "userTask":
            return element.id in self.reached.opened
        if element.kind in {"subProcess", "callActivity"}:
            return True  # told by what lies in it
        return element.id in self.reached.elements

    def _could_be(self, process: Process, element: Element) -> bool:
        """Whether what leads to an element was reached, so that it is the first on its way that was not."""
        before = [f.source for f in process.flows if f.target == element.id]
        if element.attached_to:
            before = [element.attached_to]
        known = [process.elements[name] for name in before if name in process.elements]
        if not known:
            return True
        return any(self._was_left(one, element) for one in known)

    def _was_left(self, source: Element, target: Element) -> bool:
        if source.kind in CHOOSING and target.attached_to is None:
            return False  # the way there is told instead
        if source.kind in {"subProcess", "callActivity"}:
            return source.id in self.reached.elements or target.attached_to == source.id
        if target.attached_to == source.id:
            return source.id in self.reached.opened
        return source.id in self.reached.elements

    def _note(self, element: Element) -> None:
        text = f"{named(element)}（{element.id}）不会走到：前一步里的操作可以一直做下去，只随外面的阶段结束。"
        self.notes.append(Note(text, element.process))

    # -- what belongs to an element ---------------------------------------------------------------------
    def _at(self, process: Process, element: Element) -> Iterator[Missed]:
        if element.kind in CHOOSING:
            yield from self._ways(process, element)
        for rule in self._never_refused(element):
            if compile_feel(rule.check).calls & BEYOND:
                text = f"{named(element)}的规则 {rule.code} 没有试：填哪个月份、是否已经提请，这里造不出来。"
                self.notes.append(Note(text, element.process))
            elif self.by_policy.settles(rule.check) is True:
                self._other_policy(element, f"{named(element)}的规则 {rule.code} 现在不会拒绝", rule.check)
            else:
                sign = (element.form, rule.code, rule.message)
                asked = (Text(rule.check, element.process, element.form),)
                yield Missed(self._refusal(element, rule), element, ("refusals", sign), asked)
        window = f"{element.attached_to}:{element.closes}"
        if element.closes and window not in self.reached.windows:
            message = f"没有一次因为{named(element)}已经关上而被拒绝（{element.closes}）。"
            told = finding("explore.unreached_refusal", element, message, WHY)
            yield Missed(told, element, ("windows", window), due_of(element))
        if (
            element.kind == "userTask"
            and element.id not in self.reached.elements
            and not never_passes(element)
        ):
            message = f"{named(element)}开放过，却没有一次办成。"
            told = finding("explore.unreached_task", element, message, "检查表单的必填项和它的规则。")
            checks = tuple(Text(rule.check, element.process, element.form) for rule in element.rules)
            yield Missed(told, element, ("elements", element.id), checks)

    def _ways(self, process: Process, gateway: Element) -> Iterator[Missed]:
        ways = [flow for flow in process.flows if flow.source == gateway.id]
        for flow in ways if len(ways) > 1 else ():
            if (gateway.id, flow.target) in self.reached.ways:
                continue
            if flow.condition and self.by_policy.settles(flow.condition) is False:
                way = f"网关{named(gateway)}现在走不到“{flow.name or flow.id}”"
                self._other_policy(gateway, way, flow.condition)
            else:
                asked = tuple(Text(f.condition, process.id) for f in ways if f.condition)
                told = never_taken(process, gateway, flow)
                yield Missed(told, gateway, ("ways", (gateway.id, flow.target)), asked)

    def _never_refused(self, element: Element) -> list[Rule]:
        given = self.reached.refusals
        return [
            rule
            for rule in element.rules
            if (element.form, rule.code, rule.message) not in given and not self._is_told_there(element, rule)
        ]

    def _is_told_there(self, element: Element, rule: Rule) -> bool:
        """Whether a rule that an element has from another is told of there: where both have the same form."""
        drawn = self.definition.elements.get(rule.element, element)
        return drawn.id != element.id and drawn.form == element.form and self._is_reached(drawn)

    def _other_policy(self, element: Element, what: str, condition: str) -> None:
        entries = self.by_policy.entries(condition)
        self.notes.append(Note(f"{what}：口径登记册里的{entries}取别的值时才会。", element.process))

    def _refusal(self, element: Element, rule: Rule) -> Finding:
        drawn = self.definition.elements.get(rule.element, element)
        where = "" if drawn.id == element.id else f"（画在{named(drawn)}上）"
        message = f"{named(element)}的规则 {rule.code}{where}从来没有拒绝过：{rule.message}"
        cure = "检查它的 check；别的规则或表单已经挡住的，去掉这一条。"
        line = element.line if where else rule.line or element.line
        return Finding("explore.unreached_refusal", message, cure, element.file, line, element.id)


def due_of(element: Element) -> tuple[Text, ...]:
    """What decides when an event comes, if time does."""
    return (Text(element.due, element.process),) if element.due else ()


def never_passes(element: Element) -> bool:
    """Whether a task is drawn only to be refused: one of its rules is false whatever is handed in."""
    constant = (
        r.check for r in element.rules if not (compile_feel(r.check).names or compile_feel(r.check).calls)
    )
    return any(compile_feel(check)({}) is not True for check in constant)


def never_taken(process: Process, gateway: Element, flow: SequenceFlow) -> Finding:
    """A way of a gateway that no token took."""
    way = f"“{flow.name}”" if flow.name else flow.id
    target = named(process.elements[flow.target]) if flow.target in process.elements else flow.target
    message = f"网关{named(gateway)}从来没有走过{way}（到{target}）这条路。"
    return Finding("explore.unreached_way", message, WHY, gateway.file, flow.line or gateway.line, gateway.id)


def kind_of(element: Element) -> str:
    """What an element is called in the name of a finding."""
    kinds = {"endEvent": "end", "boundaryEvent": "boundary", "sendTask": "notice", "userTask": "task"}
    if element.kind == "intermediateThrowEvent" and element.status:
        return "status"
    return kinds.get(element.kind, "element")


def said(element: Element) -> str:
    """What was not reached, in words."""
    name = named(element)
    match kind_of(element):
        case "end":
            return f"没有一条路走到结束事件{name}。"
        case "boundary":
            return f"边界事件{name}从来没有发生。"
        case "notice":
            return f"发送任务{name}从来没有走到。"
        case "status":
            return f"状态“{element.status}”（{name}）从来没有达到。"
        case "task":
            return f"任务{name}从来没有开放。"
    return f"{name}从来没有走到。"


def finding(rule: str, element: Element, message: str, cure: str) -> Finding:
    """A finding at an element."""
    return Finding(rule, message, cure, element.file, element.line, element.id)
