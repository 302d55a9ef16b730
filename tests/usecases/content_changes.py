"""Three changes as a process owner makes them, each in the files of the content and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"
JSJB = "{http://jsjb.example/bpmn}"

POLICY = "bpmn/policy.yaml"
TABLE = "bpmn/deadlines.dmn"
DIAGRAM = "bpmn/extending.bpmn"
FACTS = "bpmn/facts.yaml"
DISPATCH = "forms/dispatch.form"
SIGNATURE = "forms/countersign_extension.form"
NODE = "countersign_extension"
TOLD = "tell_extension_decided"
ROOM = 160  # as much as one more task takes

Files = Mapping[str, bytes]


def four_days(files: Files) -> dict[str, bytes]:
    """The double feedback is due after four natural days: one cell of the deadline table."""
    was = b'<outputEntry id="row_handling_feedback_amount">\n          <text>3</text>'
    assert files[TABLE].count(was) == 1
    return {TABLE: files[TABLE].replace(was, was.replace(b">3<", b">4<"))}


def handler_before_head(files: Files) -> dict[str, bytes]:
    """What is the liaison's falls to a handler before the head: one line of the policy register."""
    was = b"dept_liaison: [deputy, dept_head]"
    assert files[POLICY].count(was) == 1
    return {POLICY: files[POLICY].replace(was, b"dept_liaison: [deputy, dept_handler, dept_head]")}


def one_more_field(files: Files) -> dict[str, bytes]:
    """The dispatcher names the clause of the department's duties."""
    form = json.loads(files[DISPATCH])
    form["components"].append(
        {
            "type": "textfield",
            "id": "duty_clause",
            "key": "duty_clause",
            "label": "职责条款",
            "validate": {"required": True, "maxLength": 100},
            "properties": {"article": "A5-3"},
        }
    )
    return {DISPATCH: json.dumps(form, ensure_ascii=False, indent=2).encode()}


def one_more_approver(files: Files) -> dict[str, bytes]:
    """An extension holds only once the leading group has countersigned it: a task in the diagram, its form, and
    the fact that says which extensions are approved."""
    form = {
        "components": [
            {
                "type": "checkbox",
                "id": "agreed",
                "key": "agreed",
                "label": "同意延期",
                "properties": {"article": "A6-5"},
            }
        ],
        "type": "default",
        "id": NODE,
        "schemaVersion": 19,
        "properties": {"title": "会签延期", "article": "A6-5", "description": "会签后延期才成立。"},
    }
    was = b'for e in mine("decide_extension")[item.decision != "rejected"]\n'
    now = (
        b'for e in mine("decide_extension")[item.decision != "rejected"][\n'
        b'      some c in mine("countersign_extension") satisfies c.at >= item.at and c.agreed = true]\n'
    )
    assert files[FACTS].count(was) == 1
    return {
        DIAGRAM: countersigned(files[DIAGRAM]),
        SIGNATURE: json.dumps(form, ensure_ascii=False).encode(),
        FACTS: files[FACTS].replace(was, now),
    }


def countersigned(diagram: bytes) -> bytes:
    """The diagram with a task between the decision and its announcement, and room made for it."""
    root = etree.fromstring(diagram)
    by_id = {node.get("id"): node for node in root.iter() if isinstance(node.tag, str) and node.get("id")}
    shapes = {node.get("bpmnElement"): node for node in root.iter(f"{BPMNDI}BPMNShape", f"{BPMNDI}BPMNEdge")}
    left, top, height = make_room(root, shapes)
    came = by_id["flow_decide_extension_to_tell_extension_decided"]
    came.set("targetRef", NODE)
    goes = etree.Element(f"{BPMN}sequenceFlow", id="flow_countersigned", sourceRef=NODE, targetRef=TOLD)
    came.addnext(goes)
    task = etree.Element(f"{BPMN}userTask", id=NODE, name="会签延期")
    for key, value in {"form": NODE, "assign": "leading_group", "article": "A6-5"}.items():
        task.set(f"{JSJB}{key}", value)
    etree.SubElement(task, f"{BPMN}incoming").text = came.get("id")
    etree.SubElement(task, f"{BPMN}outgoing").text = goes.get("id")
    told = by_id[TOLD]
    told.addprevious(task)
    told.find(f"{BPMN}incoming").text = goes.get("id")
    lane = next(n for n in root.iter(f"{BPMN}flowNodeRef") if n.text == TOLD)
    lane.addnext(named(f"{BPMN}flowNodeRef", NODE))
    draw(shapes[TOLD], came.get("id"), goes.get("id"), shapes, (left, top, height))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def named(tag: str, text: str) -> Any:
    node = etree.Element(tag)
    node.text = text
    return node


def make_room(root: Any, shapes: Mapping[str, Any]) -> tuple[int, int, int]:
    """Everything from the announcement on moves to the right; where it was is free, and how high it is."""
    box = shapes[TOLD].find(f"{DC}Bounds")
    left, top, height = (int(box.get(key)) for key in ("x", "y", "height"))
    for shape in shapes.values():
        is_frame = shape.get("isHorizontal") == "true"
        for place in shape.iter(f"{DC}Bounds", f"{DI}waypoint"):
            if is_frame:
                place.set("width", str(int(place.get("width")) + ROOM))
            elif float(place.get("x")) >= left:
                place.set("x", str(int(place.get("x")) + ROOM))
    return left, top, height


def draw(told: Any, came: str, goes: str, shapes: Mapping[str, Any], free: tuple[int, int, int]) -> None:
    """The shape of the task in the free place, and the two arrows at it."""
    left, top, height = free
    middle = top + height // 2
    shape = etree.Element(f"{BPMNDI}BPMNShape", id=f"{NODE}_di", bpmnElement=NODE)
    etree.SubElement(shape, f"{DC}Bounds", x=str(left), y=str(middle - 40), width="100", height="80")
    told.addprevious(shape)
    first, last = shapes[came].findall(f"{DI}waypoint")
    last.set("x", str(left))
    assert first.get("y") == last.get("y") == str(middle)
    edge = etree.Element(f"{BPMNDI}BPMNEdge", id=f"{goes}_di", bpmnElement=goes)
    for x in (left + 100, left + ROOM):
        etree.SubElement(edge, f"{DI}waypoint", x=str(x), y=str(middle))
    shapes[came].addnext(edge)
