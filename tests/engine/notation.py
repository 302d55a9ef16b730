"""Diagrams in few words: one line an element, deeper lines are inside, arrows at the end of the line.

    process p
      s start -> work
      work sub -> e
        ws start -> a
        a user form=a assign=head -> we
        we terminate outcome=met
      c btimer on=work clock=c due=due("c") -> x
      x end
      e end

Kinds: start, end, terminate, error:CODE, escalate:CODE, user, send, milestone, throw:CODE (escalation),
xor, and, or, sub, call:PROCESS, timer, btimer (goes on), xtimer (interrupts), berror:CODE,
bescalate:CODE (goes on), xescalate:CODE (interrupts). An arrow may carry a condition: `-> a[x > 1], b`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"\n'
    '  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:jsjb="http://jsjb.example/bpmn"\n'
    '  id="definitions" targetNamespace="http://jsjb.example/tests">\n'
)
TAGS = {
    "start": "startEvent", "end": "endEvent", "terminate": "endEvent", "error": "endEvent",
    "escalate": "endEvent", "user": "userTask", "send": "sendTask", "milestone": "intermediateThrowEvent",
    "throw": "intermediateThrowEvent", "xor": "exclusiveGateway", "and": "parallelGateway",
    "or": "inclusiveGateway", "sub": "subProcess", "call": "callActivity", "timer": "intermediateCatchEvent",
    "btimer": "boundaryEvent", "xtimer": "boundaryEvent", "berror": "boundaryEvent",
    "bescalate": "boundaryEvent", "xescalate": "boundaryEvent",
}  # fmt: skip
_LINE = re.compile(r"^(?P<indent> *)(?P<id>\w+) (?P<kind>[\w:]+)(?P<rest>.*)$")
_WORD = re.compile(r'(\w+)=((?:"[^"]*"|\([^()]*\)|[^\s"(])+)')


@dataclass
class _Node:
    id: str
    kind: str
    code: str = ""
    says: dict[str, str] = field(default_factory=dict)
    arrows: list[tuple[str, str]] = field(default_factory=list)
    inside: list[_Node] = field(default_factory=list)


def bpmn(text: str) -> bytes:
    """The diagram that the notation describes, as a BPMN file."""
    tops: list[_Node] = []
    heap: list[tuple[int, list[_Node]]] = [(-1, tops)]
    for line in filter(str.strip, text.splitlines()):
        if line.strip().startswith("process "):
            match = re.match(r"^(?P<indent> *)process (?P<id>\w+)(?P<rest>.*)$", line)
            kind = "process"
        else:
            match = _LINE.match(line)
            kind = match["kind"] if match else ""
        assert match, line
        depth = len(match["indent"])
        while heap[-1][0] >= depth:
            heap.pop()
        node = _node(match["id"], kind, match["rest"])
        heap[-1][1].append(node)
        heap.append((depth, node.inside))
    codes = dict.fromkeys(n.code for n in _all(tops) if n.kind in {"error", "berror"})
    rises = dict.fromkeys(
        n.code for n in _all(tops) if n.kind in {"escalate", "bescalate", "xescalate", "throw"}
    )
    parts = [HEAD]
    parts += [f'<bpmn:error id="{c}" errorCode="{c}"/>\n' for c in codes]
    parts += [f'<bpmn:escalation id="{c}" escalationCode="{c}"/>\n' for c in rises]
    for top in tops:
        says = _attributes(top.says)
        parts.append(
            f'<bpmn:process id="{top.id}" isExecutable="true"{says}>\n{_scope(top.inside)}</bpmn:process>\n'
        )
    return ("".join(parts) + "</bpmn:definitions>\n").encode()


def _node(name: str, kind: str, rest: str) -> _Node:
    head, _, tail = rest.partition("->")
    kind, _, code = kind.partition(":")
    arrows = re.findall(r"(\w+)(?:\[([^\]]*)\])?", tail)
    return _Node(name, kind, code, dict(_WORD.findall(head)), arrows)


def _all(nodes: list[_Node]) -> list[_Node]:
    return [n for node in nodes for n in [node, *_all(node.inside)]]


def _scope(nodes: list[_Node]) -> str:
    return "".join(_element(n) for n in nodes) + "".join(_arrows(n) for n in nodes)


def _element(node: _Node) -> str:
    tag = TAGS[node.kind]
    says = {k: v.strip('"') for k, v in node.says.items()}
    due, on = says.pop("due", None) or f'due("{node.id}")', says.pop("on", None)
    head = f"<bpmn:{tag} id={quoteattr(node.id)}"
    if on:
        cancels = node.kind[0] == "x" or node.kind == "berror"
        head += f' attachedToRef="{on}" cancelActivity="{str(cancels).lower()}"'
    if node.kind == "call":
        head += f" calledElement={quoteattr(node.code)}"
    if node.kind in {"xor", "or"} and len(node.arrows) > 1:
        plain = [i for i, (_, condition) in enumerate(node.arrows) if not condition]
        head += f" default={quoteattr(f'{node.id}_to_{plain[0]}')}" if plain else ""
    head += _attributes(says)
    inner = {
        "terminate": "<bpmn:terminateEventDefinition/>",
        "error": f'<bpmn:errorEventDefinition errorRef="{node.code}"/>',
        "berror": f'<bpmn:errorEventDefinition errorRef="{node.code}"/>',
        "escalate": f'<bpmn:escalationEventDefinition escalationRef="{node.code}"/>',
        "throw": f'<bpmn:escalationEventDefinition escalationRef="{node.code}"/>',
        "bescalate": f'<bpmn:escalationEventDefinition escalationRef="{node.code}"/>',
        "xescalate": f'<bpmn:escalationEventDefinition escalationRef="{node.code}"/>',
    }.get(node.kind, "")
    if node.kind.endswith("timer"):
        inner = f"<bpmn:timerEventDefinition><bpmn:timeDate>{escape(due)}</bpmn:timeDate></bpmn:timerEventDefinition>"
    if node.kind == "sub":
        inner = "\n" + _scope(node.inside)
    return f"{head}>{inner}</bpmn:{tag}>\n" if inner else f"{head}/>\n"


def _arrows(node: _Node) -> str:
    parts = []
    for i, (target, condition) in enumerate(node.arrows):
        head = f'<bpmn:sequenceFlow id="{node.id}_to_{i}" sourceRef="{node.id}" targetRef="{target}"'
        if condition:
            text = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{escape(condition)}</bpmn:conditionExpression>'
            parts.append(f"{head}>{text}</bpmn:sequenceFlow>\n")
        else:
            parts.append(f"{head}/>\n")
    return "".join(parts)


def _attributes(says: dict[str, str]) -> str:
    return "".join(f" jsjb:{k}={quoteattr(v.strip(chr(34)))}" for k, v in says.items())
