"""Reads the flow nodes of a tree, with all that the `jsjb` namespace says about them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from service.domain.errors import Finding
from service.engine.model import Element, Lane, Process, Rule, SequenceFlow
from service.engine.source import BPMN, JSJB, Source, is_bpmn, local

FLOW_NODES = frozenset(
    {
        "startEvent", "endEvent", "intermediateThrowEvent", "intermediateCatchEvent", "boundaryEvent",
        "userTask", "sendTask", "receiveTask", "exclusiveGateway", "parallelGateway", "inclusiveGateway",
        "eventBasedGateway", "subProcess", "callActivity",
    }
)  # fmt: skip
EVENTS = {
    "timerEventDefinition": "timer",
    "errorEventDefinition": "error",
    "messageEventDefinition": "message",
    "escalationEventDefinition": "escalation",
    "terminateEventDefinition": "terminate",
}
CALL = "callActivity"
_TIMER_TEXTS = ("timeDate", "timeDuration", "timeCycle")

_BREAK = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\s+(?=[\u3000-\u9fff\uff00-\uffef])")


def processes(sources: list[Source]) -> tuple[dict[str, Process], list[Finding]]:
    """All processes of all files by id; `rules=` references are resolved, called processes marked."""
    codes = _codes(sources)
    found = {
        process.id: process
        for source in sources
        for node in source.root.iterchildren(f"{{{BPMN}}}process")
        for process in [_process(source, node, codes)]
    }
    named = _named_rules(sources)
    findings: list[Finding] = []
    everything = {e.id: e for p in found.values() for e in p.elements.values()}
    called = {e.calls for e in everything.values() if e.calls}
    rules: dict[str, tuple[Rule, ...]] = {}
    for node in named:
        findings += _resolve(node, named, everything, rules)
    return {
        p.id: replace(
            p,
            is_stage=p.id in called,
            elements=MappingProxyType(
                {k: replace(e, rules=rules.get(k, e.rules)) for k, e in p.elements.items()}
            ),
        )
        for p in found.values()
    }, findings


def unbroken(name: str) -> str:
    """A name as lists show it: where the drawing breaks a line between two Chinese characters, nothing stands."""
    return _BREAK.sub("", name).strip()


def attribute(node: Any, name: str) -> str | None:
    """An attribute of the `jsjb` namespace, stripped; None where absent or empty."""
    value = node.get(f"{{{JSJB}}}{name}")
    return (value.strip() or None) if value is not None else None


def words(text: str | None) -> tuple[str, ...]:
    """What stands between commas; commas within braces do not divide."""
    parts, depth, current = [], 0, ""
    for sign in text or "":
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if sign == "," and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += sign
    return tuple(part.strip() for part in [*parts, current] if part.strip())


def flow_nodes(node: Any) -> Iterator[Any]:
    """All flow nodes below a process, those of its sub-processes too, in the order of the file."""
    return (n for n in node.iter(f"{{{BPMN}}}*") if local(n) in FLOW_NODES)


def _process(source: Source, node: Any, codes: Mapping[str, str]) -> Process:
    pid = node.get("id", "")
    lanes = tuple(_lane(lane) for lane in node.iter(f"{{{BPMN}}}lane"))
    lane_of = {nid: lane for lane in lanes for nid in lane.nodes}
    defaults = {n.get("default") for n in flow_nodes(node) if n.get("default")}
    elements = {
        n.get("id", ""): _element(source, n, pid, _lane_of(n, lane_of), codes) for n in flow_nodes(node)
    }
    return Process(
        id=pid,
        name=unbroken(node.get("name") or pid),
        file=source.file,
        line=node.sourceline,
        article=attribute(node, "article"),
        department=attribute(node, "department"),
        elements=elements,
        flows=tuple(_flow(n, defaults) for n in node.iter(f"{{{BPMN}}}sequenceFlow")),
        lanes=lanes,
    )


def _lane(node: Any) -> Lane:
    return Lane(
        id=node.get("id", ""),
        name=unbroken(node.get("name", "")),
        assign=words(attribute(node, "assign")),
        nodes=tuple((ref.text or "").strip() for ref in node.iterchildren(f"{{{BPMN}}}flowNodeRef")),
    )


def _lane_of(node: Any, lane_of: Mapping[str, Lane]) -> Lane | None:
    """The lane of an element, or of what is around it."""
    current = node
    while current is not None and is_bpmn(current) and local(current) != "process":
        if lane := lane_of.get(current.get("id", "")):
            return lane
        current = current.getparent()
    return None


def _flow(node: Any, defaults: set[str]) -> SequenceFlow:
    condition = node.find(f"{{{BPMN}}}conditionExpression")
    return SequenceFlow(
        id=node.get("id", ""),
        source=node.get("sourceRef", ""),
        target=node.get("targetRef", ""),
        condition=(condition.text or "").strip() if condition is not None else None,
        is_default=node.get("id") in defaults,
        name=unbroken(node.get("name", "")),
        line=node.sourceline,
    )


def _element(source: Source, node: Any, pid: str, lane: Lane | None, codes: Mapping[str, str]) -> Element:
    event, definition = _event(node)
    parent = node.getparent()
    own = words(attribute(node, "assign"))
    ref = _reference(node, definition)
    return Element(
        id=node.get("id", ""),
        kind=local(node),
        name=unbroken(node.get("name") or ""),
        process=pid,
        file=source.file,
        line=node.sourceline,
        parent=parent.get("id") if local(parent) == "subProcess" else None,
        event=event,
        event_code=codes.get(ref) if ref else None,
        article=attribute(node, "article"),
        lane=lane.id if lane else None,
        assign=own or (lane.assign if lane else ()),
        form=attribute(node, "form"),
        optional=attribute(node, "optional") == "true",
        rules=_own_rules(node),
        clock=attribute(node, "clock"),
        due=_due(node, definition),
        remind=words(attribute(node, "remind")),
        met_by=words(attribute(node, "met_by")),
        closes=attribute(node, "closes"),
        outcome=attribute(node, "outcome"),
        status=attribute(node, "status"),
        notice=attribute(node, "notice"),
        item=attribute(node, "item"),
        to=words(attribute(node, "to")),
        starts=attribute(node, "starts"),
        with_form=attribute(node, "with"),
        stops=attribute(node, "stops"),
        subject=attribute(node, "subject"),
        for_whom=attribute(node, "for"),
        about=attribute(node, "about"),
        period=attribute(node, "period"),
        attached_to=node.get("attachedToRef"),
        interrupting=node.get("cancelActivity", "true").lower() == "true",
        calls=node.get("calledElement") if local(node) == CALL else None,
        documentation=_documentation(node),
    )


def _documentation(node: Any) -> str:
    """What the drawer wrote about an element."""
    return "\n".join(
        text for n in node.iterfind(f"{{{BPMN}}}documentation") if (text := (n.text or "").strip())
    )


def _event(node: Any) -> tuple[str | None, Any]:
    for child in node:
        if is_bpmn(child) and local(child) in EVENTS:
            return EVENTS[local(child)], child
    return None, None


def _reference(node: Any, definition: Any) -> str | None:
    """The id of the error, escalation or message that an event is about."""
    for name in ("errorRef", "escalationRef", "messageRef"):
        if definition is not None and definition.get(name):
            return str(definition.get(name))
    return None


def _due(node: Any, definition: Any) -> str | None:
    """The text of a timer; on a start event the `due` attribute, for a clock the submission itself meets."""
    if definition is not None:
        for name in _TIMER_TEXTS:
            text = definition.find(f"{{{BPMN}}}{name}")
            if text is not None:
                return (text.text or "").strip() or None
    return attribute(node, "due")


def _own_rules(node: Any) -> tuple[Rule, ...]:
    found = node.iterfind(f"{{{BPMN}}}extensionElements/{{{JSJB}}}rule")
    return tuple(
        Rule(
            code=r.get("code", ""),
            article=r.get("article"),
            check=(r.get("check") or r.text or "").strip(),
            message=r.get("message", ""),
            after=words(r.get("after")),
            line=r.sourceline,
            element=node.get("id", ""),
        )
        for r in found
    )


def _codes(sources: list[Source]) -> dict[str, str]:
    """What errors, escalations and messages are matched by, by their ids."""
    codes: dict[str, str] = {}
    for source in sources:
        for tag, key in (("error", "errorCode"), ("escalation", "escalationCode"), ("message", "name")):
            for node in source.root.iterchildren(f"{{{BPMN}}}{tag}"):
                codes[node.get("id", "")] = node.get(key) or ""
    return codes


def _named_rules(sources: list[Source]) -> dict[str, tuple[str, str, int | None]]:
    return {
        node.get("id", ""): (reference, source.file, node.sourceline)
        for source in sources
        for process in source.root.iterchildren(f"{{{BPMN}}}process")
        for node in flow_nodes(process)
        if (reference := attribute(node, "rules"))
    }


def _resolve(
    node: str,
    named: Mapping[str, tuple[str, str, int | None]],
    everything: Mapping[str, Element],
    rules: dict[str, tuple[Rule, ...]],
) -> list[Finding]:
    reference, file, line = named[node]
    seen, current, collected = {node}, reference, everything[node].rules
    while True:
        if current in seen or current not in everything:
            why = "不存在" if current not in everything else "绕了一圈又回到自己"
            message = f"rules 所指的元素 {current} {why}。"
            cure = "写出带有规则的另一个用户任务的编号。"
            return [Finding("jsjb.rules", message, cure, file=file, line=line, element=node)]
        collected = everything[current].rules + collected
        if current not in named:
            rules[node] = collected
            return []
        seen.add(current)
        current = named[current][0]
