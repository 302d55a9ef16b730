"""What is drawn: boxes, lines and labels of each picture, with plain geometry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from service.engine.source import Source

DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> Point:
        return self.x + self.width / 2, self.y + self.height / 2

    def grown(self, by: float) -> Box:
        """The rectangle made larger on each side, or smaller where `by` is negative."""
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def holds(self, other: Box) -> bool:
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.width <= self.x + self.width
            and other.y + other.height <= self.y + self.height
        )

    def meets(self, other: Box) -> bool:
        """Whether two rectangles overlap; touching is no overlap."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )

    def cut_by(self, a: Point, b: Point) -> bool:
        """Whether a straight line runs through the inside."""
        if self.width <= 0 or self.height <= 0:
            return False
        enter, leave = 0.0, 1.0
        for start, end, low, size in ((a[0], b[0], self.x, self.width), (a[1], b[1], self.y, self.height)):
            step = end - start
            if step == 0:
                if not low < start < low + size:
                    return False
                continue
            first, second = sorted(((low - start) / step, (low + size - start) / step))
            enter, leave = max(enter, first), min(leave, second)
        return enter < leave

    def near_border(self, point: Point, within: float) -> bool:
        """Whether a point lies on the border, more or less."""
        x, y = point
        outer = self.grown(within)
        inside_outer = outer.x <= x <= outer.x + outer.width and outer.y <= y <= outer.y + outer.height
        inner = self.grown(-within)
        inside_inner = inner.x < x < inner.x + inner.width and inner.y < y < inner.y + inner.height
        return inside_outer and not inside_inner


@dataclass(frozen=True, slots=True)
class Shape:
    """One drawn element: `label` is where its name stands outside of it; `is_open` that its inside is shown."""

    element: str
    box: Box
    label: Box | None
    is_open: bool
    line: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One drawn arrow."""

    element: str
    points: tuple[Point, ...]
    label: Box | None
    line: int | None

    @property
    def parts(self) -> Iterator[tuple[Point, Point]]:
        return zip(self.points, self.points[1:], strict=False)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One picture of a file."""

    shapes: dict[str, Shape]
    lines: dict[str, Line]


def sheets(source: Source) -> list[Sheet]:
    """The pictures of a file; what has no readable bounds is left out."""
    return [_sheet(plane) for plane in source.root.iter(f"{{{DI}}}BPMNPlane")]


def _sheet(plane: Any) -> Sheet:
    shapes, lines = {}, {}
    for node in plane.iterchildren(f"{{{DI}}}BPMNShape"):
        box = _box(node)
        if box is not None:
            is_open = node.get("isExpanded", "true").lower() != "false"
            shape = Shape(node.get("bpmnElement", ""), box, _label(node), is_open, node.sourceline)
            shapes[shape.element] = shape
    for node in plane.iterchildren(f"{{{DI}}}BPMNEdge"):
        points = tuple(p for p in map(_point, node.iterchildren(f"{{{DD}}}waypoint")) if p is not None)
        if len(points) > 1:
            line = Line(node.get("bpmnElement", ""), points, _label(node), node.sourceline)
            lines[line.element] = line
    return Sheet(shapes, lines)


def crosses(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    """Whether two straight lines cross; meeting at an end or lying on each other is no crossing."""
    (a, b), (c, d) = one, other
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def shared_length(one: tuple[Point, Point], other: tuple[Point, Point]) -> float:
    """How far two level or upright lines lie on each other."""
    for fixed, along in ((0, 1), (1, 0)):
        places = {point[fixed] for point in (*one, *other)}
        if len(places) == 1:
            begins = max(min(line[0][along], line[1][along]) for line in (one, other))
            ends = min(max(line[0][along], line[1][along]) for line in (one, other))
            return max(0.0, ends - begins)
    return 0.0


def _side(a: Point, b: Point, p: Point) -> int:
    turn = (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])
    return (turn > 0) - (turn < 0)


def _label(node: Any) -> Box | None:
    label = node.find(f"{{{DI}}}BPMNLabel")
    return _box(label) if label is not None else None


def _box(node: Any) -> Box | None:
    bounds = node.find(f"{{{DC}}}Bounds")
    if bounds is None:
        return None
    figures = [_figure(bounds.get(name)) for name in ("x", "y", "width", "height")]
    if any(figure is None for figure in figures):
        return None
    return Box(*(figure for figure in figures if figure is not None))


def _point(node: Any) -> Point | None:
    x, y = _figure(node.get("x")), _figure(node.get("y"))
    return (x, y) if x is not None and y is not None else None


def _figure(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if abs(value) < 1e7 else None
