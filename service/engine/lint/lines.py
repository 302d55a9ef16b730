"""The arrows of the drawing: they run through nothing, cross little, and lead to the right."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from service.domain.errors import Finding
from service.engine.lint.picture import SLACK, Picture, pictures
from service.engine.lint.plan import Plan, Scope
from service.engine.lint.sheet import crosses, shared_length
from service.engine.model import SequenceFlow

MOST_CROSSINGS = 4  # of one picture; a few are the price of lanes
BACK = 10.0  # pixels to the left that are no way back
# rectangles, whose border a line meets where it ends; diamonds and circles lie within their bounds
RECTANGLES = frozenset({"userTask", "sendTask", "callActivity"})


def through_shapes(plan: Plan) -> Iterator[Finding]:
    """Arrows that run through a shape: another one, or the inside of a task they start or end at."""
    for picture in pictures(plan):
        for line, flow in picture.drawn_flows:
            ends = {flow.source, flow.target}
            apart = picture.around(flow.source) | picture.carriers(ends)
            apart |= {name for name in ends if picture.kind_of(name) not in RECTANGLES}
            for name, shape in picture.boxes.items():
                inside = shape.box.grown(-SLACK)
                if name not in apart and any(inside.cut_by(a, b) for a, b in line.parts):
                    message = f"连线{_flow(picture, flow)}穿过了 {picture.says(name)}。"
                    yield picture.tell("drawing.through_shape", message, "让连线从旁边绕过去。", flow.id)


def through_labels(plan: Plan) -> Iterator[Finding]:
    """Arrows that run through the name of something else."""
    for picture in pictures(plan):
        for line, flow in picture.drawn_flows:
            for owner, box in picture.labels:
                inside = box.grown(-SLACK)
                if owner != flow.id and any(inside.cut_by(a, b) for a, b in line.parts):
                    message = f"连线{_flow(picture, flow)}穿过了 {picture.says(owner)} 的文字。"
                    yield picture.tell(
                        "drawing.through_label", message, "移开文字，或让连线绕过去。", flow.id
                    )


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
    drawn = [line for line, _ in picture.drawn_flows]
    return sum(crosses(a, b) for one, other in combinations(drawn, 2) for a in one.parts for b in other.parts)


def on_lines(plan: Plan) -> Iterator[Finding]:
    """Arrows that lie on each other although they have no end in common: nobody can tell which is which."""
    for picture in pictures(plan):
        for (one, first), (other, second) in combinations(picture.drawn_flows, 2):
            if {first.source, first.target} & {second.source, second.target}:
                continue  # those that part or meet may share a trunk
            if any(shared_length(a, b) > SLACK for a in one.parts for b in other.parts):
                message = f"连线{_flow(picture, first)}与{_flow(picture, second)}叠在一起，分不清谁是谁。"
                yield picture.tell("drawing.on_line", message, "把其中一条移开。", first.id)


def backwards(plan: Plan) -> Iterator[Finding]:
    """Arrows that run to the left although they lead on."""
    for picture in pictures(plan):
        for _, flow in picture.drawn_flows:
            start, end = picture.boxes.get(flow.source), picture.boxes.get(flow.target)
            scope = plan.scope_of.get(flow.source)
            if start is None or end is None or scope is None:
                continue
            if end.box.middle[0] < start.box.middle[0] - BACK and not _loops(scope, flow):
                message = f"连线{_flow(picture, flow)}往左走，却不是回头的线。"
                yield picture.tell(
                    "drawing.backwards", message, "让时间从左往右：把后面的一步画在右边。", flow.id
                )


def _loops(scope: Scope, flow: SequenceFlow) -> bool:
    return flow.source in scope.reach(flow.target)


def _flow(picture: Picture, flow: SequenceFlow) -> str:
    return f"（{picture.says(flow.source)} → {picture.says(flow.target)}）"
