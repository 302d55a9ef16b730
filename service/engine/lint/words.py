"""The words of the `jsjb` namespace: each where it means something, with a value it may have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from service.content.lint.expressions import did_you_mean
from service.domain.errors import Finding
from service.engine.lint.plan import Plan
from service.engine.source import BPMN, JSJB, Source, is_bpmn, local

# BPMN tag -> the attributes that say something there; `article` may stand anywhere
ATTRIBUTES: dict[str, frozenset[str]] = {
    "process": frozenset({"department"}),
    "lane": frozenset({"assign"}),
    "startEvent": frozenset({"form", "assign", "subject", "clock", "due", "rules", "for", "about", "period"}),
    "userTask": frozenset({"form", "assign", "optional", "rules"}),
    "boundaryEvent": frozenset({"clock", "remind", "met_by", "closes"}),
    "endEvent": frozenset({"outcome"}),
    "intermediateThrowEvent": frozenset({"status"}),
    "sendTask": frozenset({"notice", "item", "to", "starts", "with", "stops", "outcome"}),
}
EVERYWHERE = frozenset({"article"})
KNOWN = frozenset().union(EVERYWHERE, *ATTRIBUTES.values())
OUTCOMES = frozenset({"met", "superseded", "cancelled"})
VALUES: dict[str, frozenset[str]] = {
    "optional": frozenset({"true", "false"}),
    "subject": frozenset({"new_case", "case", "any"}),
    "outcome": OUTCOMES,
}
RULE_ATTRIBUTES = frozenset({"code", "article", "check", "message", "after"})
RULE_PLACES = frozenset({"userTask", "startEvent"})

_KEY = re.compile(r"^[a-z][a-z0-9_]*$")
_CODE = re.compile(r"^E_[A-Z0-9_]+$")
_SILENT = frozenset(
    {"documentation", "text", "incoming", "outgoing", "flowNodeRef", "conditionExpression", "timeDate"}
)


def attributes(plan: Plan) -> Iterator[Finding]:
    """Attributes that do not exist, stand where they mean nothing, or hold what they may not."""
    for source in plan.sources:
        for node in _nodes(source):
            for key, value in node.attrib.items():
                name = etree.QName(key)
                if name.namespace == JSJB:
                    yield from _attribute(source, node, name.localname, value.strip())
                elif name.namespace and not name.namespace.startswith("http://www.w3.org/"):
                    message = f"{local(node)} 上的 {name.localname} 属于别的软件（{name.namespace}），这里不起作用。"
                    yield _of(
                        source, node, "jsjb.foreign", message, "删去它；要说的话用 jsjb 的属性说。", "warning"
                    )


def _attribute(source: Source, node: Any, name: str, value: str) -> Iterator[Finding]:
    tag = local(node)
    if name not in KNOWN:
        message = f"没有名为 jsjb:{name} 的属性。"
        yield _of(source, node, "jsjb.unknown_attribute", message, did_you_mean(name, KNOWN))
    elif name not in EVERYWHERE | ATTRIBUTES.get(tag, frozenset()):
        places = "、".join(sorted(place for place, names in ATTRIBUTES.items() if name in names))
        message = f"jsjb:{name} 写在 {tag} 上不起作用。"
        yield _of(source, node, "jsjb.wrong_place", message, f"它只用在：{places}。")
    elif not value:
        message = f"jsjb:{name} 是空的。"
        yield _of(source, node, "jsjb.empty", message, "填上内容，或删去这个属性。")
    elif name in VALUES and value not in VALUES[name]:
        message = f"jsjb:{name} 不能是“{value}”。"
        yield _of(source, node, "jsjb.wrong_value", message, f"可用：{'、'.join(sorted(VALUES[name]))}。")
    elif name in {"status", "notice", "item", "clock"} and not _KEY.fullmatch(value):
        message = f"jsjb:{name} 的“{value}”不是有效的名称。"
        yield _of(source, node, "jsjb.wrong_value", message, "用小写字母、数字和下划线。")


def extensions(plan: Plan) -> Iterator[Finding]:
    """What stands in `extensionElements` and is not a rule of ours."""
    for source in plan.sources:
        for holder in source.root.iter(f"{{{BPMN}}}extensionElements"):
            owner = holder.getparent()
            for child in holder:
                if not isinstance(child.tag, str):
                    continue
                name = etree.QName(child)
                if name.namespace != JSJB:
                    message = f"{name.localname} 属于别的软件（{name.namespace}），这里不起作用。"
                    yield _of(source, owner, "jsjb.foreign", message, "删去它。", "warning")
                elif name.localname != "rule":
                    message = f"没有名为 jsjb:{name.localname} 的元素。"
                    yield _of(
                        source, owner, "jsjb.unknown_child", message, "这里只用 jsjb:rule；其余写成属性。"
                    )
                elif local(owner) not in RULE_PLACES:
                    message = f"规则写在 {local(owner)} 上不起作用。"
                    yield _of(source, owner, "jsjb.wrong_place", message, "规则只用在用户任务和开始事件上。")
                else:
                    yield from _rule(source, owner, child)


def _rule(source: Source, owner: Any, rule: Any) -> Iterator[Finding]:
    for key in rule.attrib:
        name = etree.QName(key)
        if name.namespace or name.localname not in RULE_ATTRIBUTES:
            message = f"规则没有名为 {name.localname} 的属性。"
            cure = did_you_mean(name.localname, RULE_ATTRIBUTES)
            yield _of(source, owner, "rule.unknown_attribute", message, cure, line=rule.sourceline)
    for key, what in (("code", "代码"), ("message", "给人看的说明"), ("check", "条件")):
        if not (rule.get(key) or (key == "check" and rule.text) or "").strip():
            message = f"规则缺少 {key}（{what}）。"
            yield _of(source, owner, f"rule.no_{key}", message, f"写上 {key}。", line=rule.sourceline)
    code = (rule.get("code") or "").strip()
    if code and not _CODE.fullmatch(code):
        message = f"规则代码 {code} 不合规。"
        cure = "用 E_ 开头的大写字母和下划线，例如 E_REASON_REQUIRED。"
        yield _of(source, owner, "rule.code", message, cure, line=rule.sourceline)


def identifiers(plan: Plan) -> Iterator[Finding]:
    """Ids of processes and elements that are not in snake_case."""
    for process in plan.processes.values():
        for name, line in [(process.id, process.line), *((e.id, e.line) for e in process.elements.values())]:
            if name and not _KEY.fullmatch(name):
                message = f"编号 {name} 不合规。"
                cure = "用小写字母开头，只用小写字母、数字和下划线，例如 dispatch_case。"
                yield Finding("bpmn.id_style", message, cure, process.file, line, name)


def _nodes(source: Source) -> Iterator[Any]:
    """The BPMN elements, without the drawing and without what extensions hold."""
    heap = [source.root]
    while heap:
        node = heap.pop()
        yield node
        if local(node) not in _SILENT:
            heap.extend(c for c in reversed(node) if is_bpmn(c) and local(c) != "extensionElements")


def _of(
    source: Source,
    node: Any,
    rule: str,
    message: str,
    cure: str,
    severity: str = "error",
    *,
    line: int | None = None,
) -> Finding:
    element = node
    while element is not None and not element.get("id"):
        element = element.getparent()
    name = element.get("id") if element is not None else None
    return Finding(rule, message, cure, source.file, line or node.sourceline, name, severity)
