"""The drawing, for people: everything is drawn, nothing runs through anything, time goes to the right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from service.domain.errors import Finding
from service.engine.lint.plan import Plan, Scope, at, named
from service.engine.lint.sheet import Box, Line, Shape, Sheet, crosses, sheets
from service.engine.model import Element, Process, SequenceFlow
from service.engine.reading import flow_nodes
from service.engine.source import BPMN, Source

MOST_CROSSINGS = 4  # of one picture; a few are the price of lanes
BORDER = 3.0  # pixels by which a boundary event may miss the border
SLACK = 2.0  # pixels that two things may share without anybody seeing it
# rectangles, whose border a line meets where it ends; diamonds and circles lie within their bounds
RECTANGLES = frozenset({"userTask", "sendTask", "callActivity"})
BACK = 10.0  # pixels to the left that are no way back


@dataclass(frozen=True)
class Picture:
    """One drawn plane of one file, with the processes it shows."""

    source: Source
    sheet: Sheet
    processes: tuple[Process, ...]

    @cached_property
    def elements(self) -> Mapping[str, Element]:
        return {name: e for p in self.processes for name, e in p.elements.items()}

    @cached_property
    def flows(self) -> Mapping[str, SequenceFlow]:
        return {flow.id: flow for p in self.processes for flow in p.flows}

    @cached_property
    def boxes(self) -> Mapping[str, Shape]:
        """The drawn flow nodes."""
        return {name: shape for name, shape in self.sheet.shapes.items() if name in self.elements}

    @cached_property
    def labels(self) -> tuple[tuple[str, Box], ...]:
        """The names that stand outside of what they name."""
        drawn: list[Shape | Line] = [*self.boxes.values(), *self.sheet.lines.values()]
        return tuple(
            (one.element, one.label) for one in drawn if one.label is not None and self.name_of(one.element)
        )

    def name_of(self, element: str) -> str:
        one = self.elements.get(element) or self.flows.get(element)
        return one.name if one is not None else ""

    def kind_of(self, element: str) -> str:
        return self.elements[element].kind if element in self.elements else ""

    def says(self, element: str) -> str:
        return f"“{self.name_of(element)}”" if self.name_of(element) else element

    def around(self, name: str) -> set[str]:
        """The sub-processes that an element lies in."""
        found: set[str] = set()
        current = self.elements.get(name)
        while current is not None and current.parent and current.parent not in found:
            found.add(current.parent)
            current = self.elements.get(current.parent)
        return found

    def tell(self, rule: str, message: str, cure: str, element: str, severity: str = "warning") -> Finding:
        one = self.elements.get(element) or self.flows.get(element)
        drawn = self.sheet.shapes.get(element) or self.sheet.lines.get(element)
        line = one.line if one is not None else drawn.line if drawn is not None else 1
        return Finding(rule, message, cure, self.source.file, line, element, severity)


def pictures(plan: Plan) -> Iterator[Picture]:
    """All drawn planes of all files."""
    for source in plan.sources:
        shown = tuple(p for p in plan.processes.values() if p.file == source.file)
        for sheet in sheets(source):
            yield Picture(source, sheet, shown)


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


def through_shapes(plan: Plan) -> Iterator[Finding]:
    """Arrows that run through a shape: another one, or the inside of a task they start or end at."""
    for picture in pictures(plan):
        for line, flow in _drawn_flows(picture):
            ends = {flow.source, flow.target}
            apart = picture.around(flow.source) | _carriers(picture, ends)
            apart |= {name for name in ends if picture.kind_of(name) not in RECTANGLES}
            for name, shape in picture.boxes.items():
                inside = shape.box.grown(-SLACK)
                if name not in apart and any(inside.cut_by(a, b) for a, b in line.parts):
                    message = f"连线{_flow(picture, flow)}穿过了 {picture.says(name)}。"
                    yield picture.tell("drawing.through_shape", message, "让连线从旁边绕过去。", flow.id)


def through_labels(plan: Plan) -> Iterator[Finding]:
    """Arrows that run through the name of something else."""
    for picture in pictures(plan):
        for line, flow in _drawn_flows(picture):
            for owner, box in picture.labels:
                inside = box.grown(-SLACK)
                if owner != flow.id and any(inside.cut_by(a, b) for a, b in line.parts):
                    message = f"连线{_flow(picture, flow)}穿过了 {picture.says(owner)} 的文字。"
                    yield picture.tell(
                        "drawing.through_label", message, "移开文字，或让连线绕过去。", flow.id
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


def crossings(plan: Plan) -> Iterator[Finding]:
    """Pictures in which too many arrows cross."""
    for picture in pictures(plan):
        count = crossings_of(picture)
        if count > MOST_CROSSINGS and picture.processes:
            message = f"图里有 {count} 处连线交叉，超过 {MOST_CROSSINGS} 处就难读了。"
            cure = "调整上下次序，或把一部分拆成被调用的流程。"
            yield picture.tell("drawing.crossings", message, cure, picture.processes[0].id)


def crossings_of(picture: Picture) -> int:
    """How many times arrows cross; those of one pair are counted each."""
    drawn = [line for line, _ in _drawn_flows(picture)]
    return sum(crosses(a, b) for one, other in combinations(drawn, 2) for a in one.parts for b in other.parts)


def borders(plan: Plan) -> Iterator[Finding]:
    """Boundary events that are not drawn on the border they belong to."""
    for picture in pictures(plan):
        for name, shape in picture.boxes.items():
            host = picture.boxes.get(picture.elements[name].attached_to or "")
            if host is not None and not host.box.near_border(shape.box.middle, BORDER):
                message = f"边界事件 {picture.says(name)} 没有画在 {picture.says(host.element)} 的边上。"
                yield picture.tell("drawing.off_border", message, "把它拖到活动的边上。", name)


def backwards(plan: Plan) -> Iterator[Finding]:
    """Arrows that run to the left although they lead on."""
    for picture in pictures(plan):
        for _, flow in _drawn_flows(picture):
            start, end = picture.boxes.get(flow.source), picture.boxes.get(flow.target)
            scope = plan.scope_of.get(flow.source)
            if start is None or end is None or scope is None:
                continue
            if end.box.middle[0] < start.box.middle[0] - BACK and not _loops(scope, flow):
                message = f"连线{_flow(picture, flow)}往左走，却不是回头的线。"
                yield picture.tell(
                    "drawing.backwards", message, "让时间从左往右：把后面的一步画在右边。", flow.id
                )


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


def _drawn_flows(picture: Picture) -> Iterator[tuple[Line, SequenceFlow]]:
    for name, line in picture.sheet.lines.items():
        flow = picture.flows.get(name)
        if flow is not None:
            yield line, flow


def _carriers(picture: Picture, names: set[str]) -> set[str]:
    """The activities on whose border some of the elements lie."""
    return {e.attached_to for n, e in picture.elements.items() if n in names and e.attached_to}


def _hosts(picture: Picture, names: set[str]) -> set[str]:
    """The activities on whose border some of the elements lie, and the events on the border of others."""
    return _carriers(picture, names) | {n for n, e in picture.elements.items() if e.attached_to in names}


def _loops(scope: Scope, flow: SequenceFlow) -> bool:
    return flow.source in scope.reach(flow.target)


def _flow(picture: Picture, flow: SequenceFlow) -> str:
    return f"（{picture.says(flow.source)} → {picture.says(flow.target)}）"
