"""What differs between two versions of a diagram, element by element; how it is written and ordered is no matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from service.content.xml_source import read_xml

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DRAWING = ("http://www.omg.org/spec/BPMN/20100524/DI", "http://www.omg.org/spec/DD/20100524/D")
# What only repeats the arrows and lanes, or says nothing by itself.
UNTOLD = frozenset({"incoming", "outgoing", "flowNodeRef", "extensionElements", "laneSet"})
KINDS: Mapping[str, str] = {
    "process": "流程",
    "participant": "泳池",
    "lane": "泳道",
    "userTask": "任务",
    "sendTask": "通知",
    "callActivity": "阶段",
    "subProcess": "子流程",
    "startEvent": "开始",
    "endEvent": "结束",
    "boundaryEvent": "时限或边界事件",
    "intermediateThrowEvent": "里程碑",
    "intermediateCatchEvent": "等待",
    "exclusiveGateway": "分支",
    "parallelGateway": "并行",
    "inclusiveGateway": "多选分支",
    "sequenceFlow": "连线",
    "textAnnotation": "注释",
}
PARTS: Mapping[str, str] = {
    "name": "名称",
    "article": "依据条款",
    "form": "表单",
    "assign": "由谁办",
    "optional": "可办可不办",
    "clock": "时钟",
    "due": "到期",
    "timeDate": "到期",
    "remind": "到期前提醒",
    "met_by": "提交即履行",
    "closes": "过时答复代码",
    "outcome": "时钟的结局",
    "status": "案件状态",
    "notice": "通知",
    "item": "督查项目",
    "to": "发给谁",
    "starts": "启动流程",
    "with": "带上表单",
    "stops": "停止流程",
    "subject": "与案件的关系",
    "rules": "沿用规则",
    "conditionExpression": "条件",
    "documentation": "说明",
    "sourceRef": "起点",
    "targetRef": "终点",
    "default": "默认连线",
    "calledElement": "调用的流程",
    "attachedToRef": "附着于",
    "cancelActivity": "中断活动",
    "department": "所属部门",
    "lane": "所在泳道",
    "text": "文字",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: where, what of it, and both versions (None where it was not, or is no more)."""

    element: str
    where: str
    what: str
    before: str | None
    after: str | None


@dataclass(slots=True)
class Told:
    """One element as it counts for a comparison."""

    label: str
    parts: dict[str, str] = field(default_factory=dict)


def compare(file: str, before: bytes, after: bytes) -> Iterator[Change]:
    """Every difference in meaning, then whether the drawing moved. Raises: ContentInvalid for broken XML."""
    old_root, new_root = read_xml(file, before), read_xml(file, after)
    old, new = elements(old_root), elements(new_root)
    for identity, one in old.items():
        if identity not in new:
            yield Change(identity, one.label, "删除", one.label, None)
    for identity, one in new.items():
        if identity not in old:
            yield Change(identity, one.label, "新增", None, one.label)
        else:
            yield from parts(identity, old[identity], one)
    moved = [
        name for name, place in drawn(new_root).items() if drawn(old_root).get(name) not in (None, place)
    ]
    if moved:
        yield Change("", "版面", f"图上 {len(moved)} 处位置有变化", None, None)


def parts(identity: str, old: Told, new: Told) -> Iterator[Change]:
    """What differs of one element that is in both."""
    for name in [*old.parts, *(name for name in new.parts if name not in old.parts)]:
        was, now = old.parts.get(name), new.parts.get(name)
        if was != now:
            yield Change(identity, new.label, PARTS.get(name, name), was, now)


def elements(root: etree._Element) -> dict[str, Told]:
    """Every element with an id, with what it says; that of its drawing left out."""
    found: dict[str, Told] = {}
    lanes: dict[str, str] = {}
    for node in root.iter("*"):
        name = etree.QName(node)
        if str(name.namespace).startswith(DRAWING):
            continue
        identity = node.get("id")
        if name.localname == "lane":
            for place in node.iterchildren(f"{{{BPMN}}}flowNodeRef"):
                lanes[(place.text or "").strip()] = node.get("name") or identity or ""
        if identity and name.localname in KINDS:
            found[identity] = Told(label(node), said(node))
    for identity, lane in lanes.items():
        if identity in found:
            found[identity].parts["lane"] = lane
    return found


def label(node: etree._Element) -> str:
    """What people call an element."""
    name = etree.QName(node).localname
    kind = KINDS.get(name, name)
    named = " ".join((node.get("name") or "").split())
    return f"{kind}“{named}”" if named else f"{kind} {node.get('id')}"


def said(node: etree._Element) -> dict[str, str]:
    """The attributes, expressions and rules of one element."""
    found = {
        etree.QName(str(key)).localname: " ".join(str(value).split())
        for key, value in node.attrib.items()
        if key != "id"
    }
    rules = 0
    for child in inside(node):
        name = etree.QName(child).localname
        if name == "rule":
            rules += 1
            found[f"提交规则 {rules}"] = "；".join(
                f"{key!s}={value!s}" for key, value in sorted(child.attrib.items())
            )
        elif name.endswith("EventDefinition"):
            found["事件"] = name.removesuffix("EventDefinition") + f" {child.get('errorRef') or ''}".rstrip()
        elif child.text and child.text.strip():
            found[name] = " ".join(child.text.split())
    return found


def inside(node: etree._Element) -> Iterator[etree._Element]:
    """What belongs to an element itself: not the elements that it merely holds."""
    for child in node.iterchildren("*"):
        name = etree.QName(child).localname
        if name in KINDS or name in UNTOLD - {"extensionElements"}:
            continue
        if name != "extensionElements":
            yield child
        if name == "extensionElements" or name.endswith("EventDefinition"):
            yield from child.iterchildren("*")


def drawn(root: etree._Element) -> dict[str, tuple[str, ...]]:
    """Where each element stands on the drawing."""
    found = {}
    for shape in root.iter("{http://www.omg.org/spec/BPMN/20100524/DI}*"):
        element = shape.get("bpmnElement")
        name = etree.QName(shape).localname
        if not element or name not in ("BPMNShape", "BPMNEdge"):
            continue
        points = [
            tuple(
                f"{float(str(place.get(axis))):.0f}"
                for axis in ("x", "y", "width", "height")
                if place.get(axis)
            )
            for place in shape.iterchildren("*")
            if etree.QName(place).localname in ("Bounds", "waypoint")
        ]
        found[element] = tuple(number for point in points for number in point)
    return found
