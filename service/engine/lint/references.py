"""What elements name: forms, roles, rows of the regulation, other processes, rules of other tasks."""

from __future__ import annotations

from collections.abc import Iterator

from service.content.lint.expressions import did_you_mean
from service.content.lint.kinds import ITEMS, NOTICES, STATUSES
from service.content.lint.problems import slip_of
from service.content.lint.vocabulary import Vocabulary
from service.domain.errors import Finding
from service.domain.people import CO_ROLES
from service.engine.lint.plan import Plan, at, named
from service.engine.model import Process
from service.engine.reading import attribute, flow_nodes
from service.engine.source import BPMN


def tasks(plan: Plan) -> Iterator[Finding]:
    """User tasks and start forms that nobody can fill in, or nobody may."""
    for element in plan.elements.values():
        if element.kind == "userTask" and not element.form:
            message = f"{named(element)} 没有表单，谁也无法完成它。"
            yield at(element, "task.no_form", message, "写上 jsjb:form，并画出这个表单。")
        if (element.kind == "userTask" or element.form) and not element.assign:
            message = f"{named(element)} 没有写明由谁办理。"
            yield at(element, "task.no_assign", message, "在任务或它所在的泳道上写 jsjb:assign。")
        if element.kind == "startEvent" and element.form and not element.subject:
            message = f"{named(element)} 没有写明是开新件、要在已有件上，还是都行。"
            yield at(element, "start.no_subject", message, "写上 jsjb:subject：new_case、case 或 any。")
        if element.kind == "startEvent" and element.form and plan.scope_of[element.id].process.is_stage:
            message = f"{named(element)} 是被调用的流程的开始，它的表单不会有人填。"
            yield at(element, "start.in_stage", message, "去掉 jsjb:form，把表单画成用户任务。")
        if element.kind == "startEvent" and element.form and element.parent:
            message = f"{named(element)} 是子流程的开始，它的表单不会有人填。"
            yield at(element, "start.in_stage", message, "去掉 jsjb:form，把表单画成用户任务。")


def forms(plan: Plan) -> Iterator[Finding]:
    """Forms that do not exist."""
    if plan.vocabulary is None:
        return
    for element in plan.elements.values():
        forms = [
            ("form", element.form),
            ("with", element.with_form),
            *(("met_by", f) for f in element.met_by),
        ]
        for name, form in forms:
            if form and form not in plan.vocabulary.forms:
                message = f"{named(element)} 的 jsjb:{name} 所指的表单 {form} 不存在。"
                yield at(element, "form.missing", message, did_you_mean(form, plan.vocabulary.forms))


def unused_forms(plan: Plan) -> Iterator[Finding]:
    """Forms that no diagram uses."""
    if plan.vocabulary is None or not plan.elements:
        return
    used = {element.form for element in plan.elements.values()}
    for key, form in plan.vocabulary.forms.items():
        if key not in used:
            message = f"表单“{form.title}”没有一张图用到。"
            cure = "在用户任务或开始事件上写 jsjb:form，或删去这个表单。"
            yield Finding("form.unused", message, cure, f"forms/{key}.form", 1, key, "warning")


def roles(plan: Plan) -> Iterator[Finding]:
    """Roles that do not exist: who does it, who is reminded, who is told."""
    if plan.vocabulary is None:
        return
    for element in plan.elements.values():
        told = [role for role in element.to if not role.startswith("{")]
        for name, words in (("assign", element.assign), ("remind", element.remind), ("to", told)):
            for role in words:
                if role not in plan.vocabulary.roles:
                    message = f"{named(element)} 的 jsjb:{name} 里没有角色 {role}。"
                    yield at(element, "role.unknown", message, did_you_mean(role, plan.vocabulary.roles))
        for part in element.to:
            if part.startswith("{") != part.endswith("}"):
                message = f"{named(element)} 的 jsjb:to 里 {part} 的花括号不成对。"
                yield at(element, "send.braces", message, "写成 {表达式}，例如 {case.lead_department}。")


def articles(plan: Plan) -> Iterator[Finding]:
    """Rows of the regulation that do not exist; elements that carry out none."""
    if plan.vocabulary is None:
        return
    for process in plan.processes.values():
        yield from _article(process.article, process.id, process.file, process.line, plan.vocabulary)
        if not process.article:
            message = f"流程“{process.name}”没有写明落实哪一条。"
            yield at(
                process, "article.missing", message, "写上 jsjb:article，例如 A6-4。", severity="warning"
            )
    for element in plan.elements.values():
        yield from _article(element.article, element.id, element.file, element.line, plan.vocabulary)
        for rule in element.rules:
            yield from _article(rule.article, element.id, element.file, rule.line, plan.vocabulary)
            if not rule.article:
                message = f"{named(element)} 的规则 {rule.code} 没有写明落实哪一条。"
                cure = "在规则上写 article，例如 A6-4。"
                yield Finding(
                    "article.missing", message, cure, element.file, rule.line, element.id, "warning"
                )
        if not element.article:
            message = f"{named(element)} 没有写明落实哪一条。"
            yield at(
                element, "article.missing", message, "写上 jsjb:article，例如 A6-4。", severity="warning"
            )


def _article(
    article: str | None, element: str, file: str, line: int | None, vocabulary: Vocabulary
) -> Iterator[Finding]:
    if article and article not in vocabulary.articles:
        message = f"办法里没有 {article} 这一行。"
        cure = did_you_mean(article, vocabulary.articles)
        yield Finding("article.unknown", message, cure, file, line, element)


def kinds(plan: Plan) -> Iterator[Finding]:
    """Statuses, notices, clues and clocks that are slips of known words, or that people would read as a key."""
    rows = plan.vocabulary.rows if plan.vocabulary is not None else frozenset[str]()
    for element in plan.elements.values():
        for name, known in (("status", STATUSES), ("notice", NOTICES), ("item", ITEMS), ("clock", rows)):
            word = getattr(element, name)
            if not word or word in known:
                continue
            if slip := slip_of(word, known):
                message = f"{named(element)} 的 jsjb:{name}“{word}”像是 {slip} 的笔误。"
                cure = f"写成 {slip}；真是另一个词的，起一个不会看混的名称。"
                yield at(element, f"kind.{name}", message, cure)
            elif name != "clock":
                message = f"{named(element)} 的 jsjb:{name}“{word}”没有中文名称，页面上只能显示这个词。"
                yield at(element, f"kind.{name}", message, did_you_mean(word, known), severity="warning")


def co_departments(plan: Plan) -> Iterator[Finding]:
    """Tasks of a co-handling department in a process that belongs to none."""
    for element in plan.elements.values():
        process = plan.scope_of[element.id].process
        if CO_ROLES & {*element.assign, *element.remind} and not _has_department(plan, process, ()):
            message = f"{named(element)} 由协办部门办理，流程“{process.name}”却没有写明是哪个部门。"
            cure = "在流程上写 jsjb:department，例如 assign_co_handling.co_department。"
            yield at(element, "process.no_department", message, cure)


def _has_department(plan: Plan, process: Process, chain: tuple[str, ...]) -> bool:
    if process.department:
        return True
    callers = [e.process for e in plan.elements.values() if e.calls == process.id and e.process not in chain]
    return any(_has_department(plan, plan.processes[name], (*chain, process.id)) for name in callers)


def partial_rules(plan: Plan) -> Iterator[Finding]:
    """A form that is judged at one task and not at another."""
    judged = {e.form: e.id for e in plan.elements.values() if e.form and e.rules}
    for element in plan.elements.values():
        if element.form in judged and not element.rules:
            other = judged[element.form]
            message = f"{named(element)} 的表单在 {other} 有规则，在这里没有：从这里提交就不受检查。"
            yield at(
                element, "rule.not_everywhere", message, f'写上 jsjb:rules="{other}"。', severity="warning"
            )


def rules_before(plan: Plan) -> Iterator[Finding]:
    """Rules that stand behind one that is not there, or not before them."""
    for element in plan.elements.values():
        before: set[str] = set()
        for rule in element.rules:
            for code in (one for one in rule.after if one not in before):
                message = f"{named(element)} 的规则 {rule.code} 写着 after {code}，前面却没有这条规则。"
                cure = "写前面某条规则的代码；要先成立的规则排在前面。"
                yield Finding("rule.after", message, cure, element.file, rule.line, element.id)
            before.add(rule.code)


def sends(plan: Plan) -> Iterator[Finding]:
    """Send tasks that send nothing, notices to nobody, processes that are not there."""
    known = set(plan.processes)
    for element in plan.elements.values():
        if element.kind != "sendTask":
            continue
        if not (element.notice or element.starts or element.stops):
            message = f"发送任务 {named(element)} 什么也不发。"
            cure = "写上 jsjb:notice 和 jsjb:to，或 jsjb:starts、jsjb:stops。"
            yield at(element, "send.nothing", message, cure)
        if element.notice and not element.to:
            message = f"{named(element)} 的通知没有写发给谁。"
            yield at(element, "send.to_nobody", message, "写上 jsjb:to：角色，或花括号里的表达式。")
        for name, needed in (("item", element.notice), ("to", element.notice), ("with_form", element.starts)):
            if getattr(element, name) and not needed:
                word = {"item": "notice", "to": "notice", "with_form": "starts"}[name]
                message = f"{named(element)} 写了 jsjb:{name.removesuffix('_form')}，却没有 jsjb:{word}。"
                yield at(element, "send.incomplete", message, f"补上 jsjb:{word}，或删去它。")
        for name, process in (("starts", element.starts), ("stops", element.stops)):
            if process and process not in known:
                message = f"{named(element)} 的 jsjb:{name} 所指的流程 {process} 不存在。"
                yield at(element, "process.missing", message, did_you_mean(process, known))


def borrowed_rules(plan: Plan) -> Iterator[Finding]:
    """`rules=` that points at a task without rules."""
    for source in plan.sources:
        for process in source.root.iterchildren(f"{{{BPMN}}}process"):
            for node in flow_nodes(process):
                name = attribute(node, "rules")
                other = plan.elements.get(name or "")
                if name and other is not None and not other.rules:
                    message = f"rules 所指的 {name} 没有规则。"
                    cure = "写出带有规则的另一个用户任务的编号。"
                    yield Finding("jsjb.rules", message, cure, source.file, node.sourceline, node.get("id"))
