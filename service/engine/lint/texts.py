"""The expressions of the diagrams against what exists, and rules that their own form never lets speak."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from service.content.fields import Field
from service.content.lint.expressions import children, constant, findings, literals, problems
from service.content.lint.types import BOOLEAN, INSTANT
from service.domain.errors import Finding
from service.engine.lint.clocks import is_period
from service.engine.lint.plan import Plan
from service.engine.model import Element, Process, Rule
from service.feel import FeelError
from service.feel import compile as compile_feel
from service.feel import nodes as n
from service.feel.limits import DEFAULT
from service.feel.parse import parse

TOLD = "jsjb:to"
WANTED = {"条件": BOOLEAN, "时间": INSTANT}
NOT_LETTING = frozenset({"count", "string length"})


def expressions(plan: Plan) -> Iterator[Finding]:
    """Conditions, due times, addressees and departments that name what does not exist."""
    if plan.vocabulary is None:
        return
    for process in plan.processes.values():
        for where, text, line, element in _texts(process):
            allowed = plan.vocabulary.roles if where == TOLD else None
            wanted = None if where == "时间" and constant(text) else WANTED.get(where)  # told by `clocks`
            found = problems(text, plan.vocabulary, allowed=allowed, wanted=wanted)
            yield from findings(found, where, process.file, line, element)


def _texts(process: Process) -> Iterator[tuple[str, str, int | None, str]]:
    if process.department:
        yield "jsjb:department", process.department, process.line, process.id
    for flow in process.flows:
        if flow.condition:
            yield "条件", flow.condition, flow.line, flow.id or flow.source
    for element in process.elements.values():
        is_timed_start = element.kind == "startEvent" and element.event == "timer"  # told by `starts`
        if element.due and not is_timed_start and not is_period(element.due):
            yield "时间", element.due, element.line, element.id
        for part in element.to:
            if part.startswith("{"):
                yield TOLD, part.strip("{}"), element.line, element.id


def register_in_due_times(plan: Plan) -> Iterator[Finding]:
    """Due times that ask for the figures of all cases: they would move with other people's cases."""
    for process in plan.processes.values():
        for where, text, line, element in _texts(process):
            if where == "时间" and _asks_figures(text):
                message = "时间里用了 figures：截止时间只能由本件算出，不能随别的件变动。"
                cure = "用口径、本件的表单和 case.period 写出时间。"
                yield Finding("timer.figures", message, cure, process.file, line, element)


def _asks_figures(text: str) -> bool:
    try:
        return "figures" in compile_feel(text).calls
    except FeelError:
        return False


def rules(plan: Plan) -> Iterator[Finding]:
    """Rules that name what does not exist; the fields of the form at hand are names."""
    if plan.vocabulary is None:
        return
    for element, rule in _rules(plan):
        own = plan.vocabulary.own(element.form or "")
        found = problems(rule.check, plan.vocabulary, own=own, wanted=BOOLEAN)
        yield from findings(found, f"规则 {rule.code}", element.file, rule.line, element.id)


def constant_rules(plan: Plan) -> Iterator[Finding]:
    """Rules whose outcome no case changes. One that never holds (`false`) is how an action is refused always."""
    for element, rule in _rules(plan):
        form = plan.vocabulary.forms.get(element.form or "") if plan.vocabulary else None
        outcome = plan.settling.of(rule.check, form)
        if outcome is not None and rule.check.strip() != "false":
            comes_out = "总是成立，从不拒绝" if outcome.value is True else "总是不成立，一律拒绝"
            message = f"规则 {rule.code} 的条件 {rule.check} 不论什么件{comes_out}。"
            cure = "写上要看的字段；一律拒绝写 false。"
            yield Finding("feel.constant", message, cure, element.file, rule.line, element.id, "warning")


def actor_outside_rules(plan: Plan) -> Iterator[Finding]:
    """`actor` where nobody acts: it is known to rules alone."""
    for process in plan.processes.values():
        for where, text, line, element in _texts(process):
            try:
                names = compile_feel(text).names
            except FeelError:
                continue
            if "actor" in names:
                message = f"{where}里用了 actor，这里没有操作人。"
                cure = "actor 只在规则里可用；这里用提交的 by、by_role，例如 review.by_role。"
                yield Finding("feel.no_actor", message, cure, process.file, line, element)


def fights(plan: Plan) -> Iterator[Finding]:
    """Rules that can never refuse, because the form's own check speaks first."""
    if plan.vocabulary is None:
        return
    for element, rule in _rules(plan):
        form = plan.vocabulary.forms.get(element.form or "")
        if form is None:
            continue
        try:
            node = parse(rule.check, DEFAULT)
        except FeelError:
            continue
        for path in sorted(_required_by(node)):
            one = form.by_name.get(".".join(path))
            if one is not None and one.required:
                message = f"规则 {rule.code} 要求填写“{one.label}”，而表单已把它设为必填，规则没有机会说话。"
                yield _fight(element, rule, message, f"在表单里取消“{one.label}”的必填，由规则来拒绝。")
        for one, wanted in _only(node, form.by_name):
            if {option.value for option in one.options} <= wanted:
                message = f"规则 {rule.code} 只接受“{one.label}”的某些选项，而表单里只有这些选项，规则没有机会说话。"
                yield _fight(element, rule, message, "在表单里也列出被拒绝的选项。")


def _fight(element: Element, rule: Rule, message: str, cure: str) -> Finding:
    return Finding("form.fights_rule", message, cure, element.file, rule.line, element.id)


def _required_by(node: object) -> set[tuple[str, ...]]:
    """The fields whose absence somewhere makes a rule refuse: `f != null`, `count(f) >= 1`, `string length(f) > 0`."""
    found: set[tuple[str, ...]] = set()
    if isinstance(node, n.Compare):
        path = _path(node.left)
        if node.sign == "!=" and path and isinstance(node.right, n.Literal) and node.right.value is None:
            found.add(path)
        if (
            isinstance(node.left, n.Call)
            and isinstance(node.left.target, n.Name)
            and node.sign in {">", ">="}
        ):
            inner = _path(node.left.arguments[0]) if len(node.left.arguments) == 1 else ()
            if node.left.target.name in NOT_LETTING and inner:
                found.add(inner)
    for child in children(node):
        found |= _required_by(child)
    return found


def _only(node: object, fields: Mapping[str, Field]) -> Iterator[tuple[Field, set[str]]]:
    """At the top of a rule: fields that must have one of some values."""
    if isinstance(node, n.Logic) and node.word == "and":
        for part in node.parts:
            yield from _only(part, fields)
    elif (isinstance(node, n.Compare) and node.sign == "=") or isinstance(node, n.In):
        left = node.left if isinstance(node, n.Compare) else node.value
        right = [node.right] if isinstance(node, n.Compare) else list(node.tests)
        one = fields.get(".".join(_path(left)))
        texts = {t.value for part in right for t in literals(part) if isinstance(t, n.Literal)}
        if one is not None and one.options and not one.multiple:
            yield one, {text for text in texts if isinstance(text, str)}


def _path(node: object) -> tuple[str, ...]:
    if isinstance(node, n.Name):
        return (node.name,)
    if isinstance(node, n.Path):
        above = _path(node.target)
        return (*above, node.name) if above else ()
    return ()


def _rules(plan: Plan) -> Iterator[tuple[Element, Rule]]:
    """Every rule with the task it judges; a borrowed rule once more with the borrower's form."""
    for element in plan.elements.values():
        for rule in element.rules:
            if rule.check:
                yield element, rule


__all__ = ["actor_outside_rules", "constant_rules", "expressions", "fights", "rules"]
