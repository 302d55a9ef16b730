"""The drawing, for people: everything is drawn, apart from each other, and where the eye looks for it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from service.domain.errors import Finding
from service.engine.lint.picture import SLACK, Picture, pictures
from service.engine.lint.plan import Plan, at, named
from service.engine.lint.sheet import sheets
from service.engine.model import Process
from service.engine.reading import flow_nodes
from service.engine.source import BPMN

BORDER = 3.0  # pixels by which a boundary event may miss the border


def undrawn(plan: Plan) -> Iterator[Finding]:
    """Elements and arrows that the file holds but does not draw."""
    for source in plan.sources:
        drawn = {name for sheet in sheets(source) for name in [*sheet.shapes, *sheet.lines]}
        for process in (p for p in plan.processes.values() if p.file == source.file):
            if not drawn:
                message = f"流程“{process.name}”没有画面：编辑器打不开它。"
                yield Finding(
                    "drawing.none", message, "在流程图编辑器里画出来。", source.file, process.line, process.id
                )
                continue
            for element in process.elements.values():
                if element.id not in drawn:
                    message = f"{named(element)} 没有画出来。"
                    yield Finding(
                        "drawing.no_shape",
                        message,
                        "在编辑器里放到图上。",
                        source.file,
                        element.line,
                        element.id,
                    )
            for flow in process.flows:
                if flow.id not in drawn:
                    message = f"从 {flow.source} 到 {flow.target} 的连线没有画出来。"
                    yield Finding(
                        "drawing.no_edge", message, "在编辑器里重新连线。", source.file, flow.line, flow.id
                    )


def overlaps(plan: Plan) -> Iterator[Finding]:
    """Shapes on shapes, names on names, names on shapes."""
    for picture in pictures(plan):
        for (one, a), (other, b) in combinations(picture.boxes.items(), 2):
            nested = one in picture.around(other) or other in picture.around(one)
            border = one in _hosts(picture, {other}) or other in _hosts(picture, {one})
            if not nested and not border and a.box.grown(-SLACK).meets(b.box.grown(-SLACK)):
                message = f"{picture.says(one)} 与 {picture.says(other)} 叠在一起。"
                yield picture.tell("drawing.overlap", message, "把它们分开。", one)
        for (one, first), (other, second) in combinations(picture.labels, 2):
            if first.grown(-SLACK).meets(second.grown(-SLACK)):
                message = f"{picture.says(one)} 与 {picture.says(other)} 的文字叠在一起。"
                yield picture.tell("drawing.label_overlap", message, "移开其中一个。", one)
        for owner, label in picture.labels:
            for name, shape in picture.boxes.items():
                if name == owner or (picture.elements[name].kind == "subProcess" and shape.is_open):
                    continue
                if label.grown(-SLACK).meets(shape.box.grown(-SLACK)):
                    message = f"{picture.says(owner)} 的文字压在 {picture.says(name)} 上。"
                    yield picture.tell("drawing.label_overlap", message, "移开文字。", owner)


def borders(plan: Plan) -> Iterator[Finding]:
    """Boundary events that are not drawn on the border they belong to."""
    for picture in pictures(plan):
        for name, shape in picture.boxes.items():
            host = picture.boxes.get(picture.elements[name].attached_to or "")
            if host is not None and not host.box.near_border(shape.box.middle, BORDER):
                message = f"边界事件 {picture.says(name)} 没有画在 {picture.says(host.element)} 的边上。"
                yield picture.tell("drawing.off_border", message, "把它拖到活动的边上。", name)


def lanes(plan: Plan) -> Iterator[Finding]:
    """Elements without a lane, in two, or drawn outside of theirs."""
    for process in plan.processes.values():
        if process.lanes:
            yield from _lane_members(process)
    for picture in pictures(plan):
        for process in picture.processes:
            for lane in process.lanes:
                band = picture.sheet.shapes.get(lane.id)
                if band is None:
                    message = f"泳道“{lane.name}”没有画出来。"
                    yield picture.tell("drawing.no_shape", message, "在编辑器里画出泳道。", lane.id, "error")
                    continue
                for name in lane.nodes:
                    shape = picture.boxes.get(name)
                    if shape is not None and not band.box.grown(BORDER).holds(shape.box):
                        message = f"{picture.says(name)} 属于泳道“{lane.name}”，却画在它外面。"
                        yield picture.tell(
                            "drawing.outside_lane", message, "把它移进泳道，或归到所在的泳道。", name
                        )


def _lane_members(process: Process) -> Iterator[Finding]:
    members: dict[str, list[str]] = {}
    for lane in process.lanes:
        for name in lane.nodes:
            members.setdefault(name, []).append(lane.name or lane.id)
            if name not in process.elements:
                message = f"泳道“{lane.name}”里写的 {name} 不存在。"
                yield Finding(
                    "lane.unknown_node", message, "删去这一条。", process.file, process.line, lane.id
                )
    for element in process.elements.values():
        found = members.get(element.id, [])
        if not found and element.parent is None:
            message = f"{named(element)} 不在任何泳道里。"
            yield at(element, "lane.none", message, "把它放进办理人的泳道。", severity="warning")
        elif len(found) > 1:
            message = f"{named(element)} 同时在几个泳道里：{'、'.join(found)}。"
            yield at(element, "lane.several", message, "只留一个泳道。")


def entries(plan: Plan) -> Iterator[Finding]:
    """Elements whose `incoming` and `outgoing` do not agree with the arrows: editors judge by them."""
    for source in plan.sources:
        for process in source.root.iterchildren(f"{{{BPMN}}}process"):
            flows = list(process.iter(f"{{{BPMN}}}sequenceFlow"))
            for node in flow_nodes(process):
                for tag, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
                    told = {(one.text or "").strip() for one in node.iterchildren(f"{{{BPMN}}}{tag}")}
                    meant = {one.get("id", "") for one in flows if one.get(end) == node.get("id")}
                    if told != meant:
                        message = f"{node.get('name') or node.get('id')} 的 {tag} 与连线不符。"
                        cure = "在流程图编辑器里打开并保存，或补上这些条目。"
                        yield Finding(
                            "drawing.entries",
                            message,
                            cure,
                            source.file,
                            node.sourceline,
                            node.get("id"),
                            "warning",
                        )


def _hosts(picture: Picture, names: set[str]) -> set[str]:
    """The activities on whose border some of the elements lie, and the events on the border of others."""
    return picture.carriers(names) | {n for n, e in picture.elements.items() if e.attached_to in names}
