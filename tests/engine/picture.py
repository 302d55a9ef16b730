"""A diagram as a picture: where its shapes, flows and labels lie, and where they get in each other's way."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import combinations, pairwise
from typing import Any

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"
FRAMES = {"participant", "lane", "subProcess"}  # flows may run within them

Point = tuple[float, float]
Box = tuple[float, float, float, float]


class Picture:
    """One file's plane. Boxes are left, top, right, bottom."""

    def __init__(self, root: Any) -> None:
        self.root = root
        self.elements = {n.get("id"): n for n in root.iter(f"{BPMN}*") if n.get("id")}
        self.shapes = {
            s.get("bpmnElement"): _box(s.find(f"{DC}Bounds")) for s in root.iter(f"{BPMNDI}BPMNShape")
        }
        self.edges: dict[str, list[Point]] = {
            e.get("bpmnElement"): [(float(p.get("x")), float(p.get("y"))) for p in e.iter(f"{DI}waypoint")]
            for e in root.iter(f"{BPMNDI}BPMNEdge")
        }
        self.labels = {
            owner.get("bpmnElement"): _box(label.find(f"{DC}Bounds"))
            for label in root.iter(f"{BPMNDI}BPMNLabel")
            for owner in [label.getparent()]
        }

    @cached_property
    def flow_nodes(self) -> list[Any]:
        """What stands in a process and carries tokens: all that has a flow."""
        ends = {
            f.get(key) for f in self.root.iter(f"{BPMN}sequenceFlow") for key in ("sourceRef", "targetRef")
        }
        return [self.elements[name] for name in sorted(ends)]

    @cached_property
    def solid(self) -> dict[str, Box]:
        """The shapes that nothing may run through."""
        return {name: box for name, box in self.shapes.items() if self._tag(name) not in FRAMES}

    def flows_through_shapes(self) -> list[str]:
        """Flows that run through a shape that is neither of their ends, nor what their end sits on."""
        return [
            f"{flow} / {name}"
            for flow, points in self.edges.items()
            for name, box in self.solid.items()
            if name not in self._ends(flow) and any(_touches(a, b, box) for a, b in pairwise(points))
        ]

    def flows_through_labels(self) -> list[str]:
        """Flows that run through a label."""
        return [
            f"{flow} / {name}"
            for flow, points in self.edges.items()
            for name, box in self.labels.items()
            if any(_touches(a, b, box) for a, b in pairwise(points))
        ]

    def labels_in_the_way(self) -> list[str]:
        """Labels that lie on each other, on a shape, or on the border of a frame."""
        found = [f"{a} / {b}" for (a, x), (b, y) in combinations(self.labels.items(), 2) if _overlap(x, y)]
        for name, label in self.labels.items():
            found += [f"{name} / {other}" for other, box in self.solid.items() if _overlap(label, box)]
            frames = {other: box for other, box in self.shapes.items() if other not in self.solid}
            found += [
                f"{name} / {o}"
                for o, box in frames.items()
                if _overlap(label, box) and not _within(label, box)
            ]
        return found

    def crossings(self) -> list[str]:
        """Places where one flow crosses another."""
        return [
            f"{one} x {other}"
            for (one, points), (other, others) in combinations(self.edges.items(), 2)
            for a, b in pairwise(points)
            for c, d in pairwise(others)
            if _cross(a, b, c, d) or _cross(c, d, a, b)
        ]

    def _tag(self, name: str) -> str:
        return str(self.elements[name].tag).removeprefix(BPMN)

    def _ends(self, flow: str) -> set[str]:
        node = self.elements[flow]
        return set(self._with_host(node.get("sourceRef"), node.get("targetRef")))

    def _with_host(self, *names: str) -> Iterator[str]:
        for name in names:
            yield name
            if host := self.elements[name].get("attachedToRef"):
                yield host


def _box(bounds: Any) -> Box:
    x, y, width, height = (float(bounds.get(key)) for key in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def _touches(a: Point, b: Point, box: Box) -> bool:
    """Whether a straight piece of a flow runs through a box; along its border does not count."""
    left, right = sorted((a[0], b[0]))
    top, bottom = sorted((a[1], b[1]))
    return left < box[2] - 1 and right > box[0] + 1 and top < box[3] - 1 and bottom > box[1] + 1


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _within(inner: Box, outer: Box) -> bool:
    return outer[0] <= inner[0] and inner[2] <= outer[2] and outer[1] <= inner[1] and inner[3] <= outer[3]


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the level piece a-b and the upright piece c-d cross."""
    if a[1] != b[1] or c[0] != d[0]:
        return False
    return min(a[0], b[0]) < c[0] < max(a[0], b[0]) and min(c[1], d[1]) < a[1] < max(c[1], d[1])
