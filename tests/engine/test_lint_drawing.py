"""The linter on the drawing: what people see."""

from __future__ import annotations

import pytest

from service.engine.lint import drawing, lines, read_plan
from service.engine.lint.picture import pictures
from service.engine.lint.sheet import Box, crosses, shared_length
from tests.engine.lint_release import (
    MAIN,
    SIDE,
    STAGE,
    Defect,
    assert_found_by_its_check_alone,
    assert_refused,
    changed,
    defect,
    found,
)

CHECK_SHAPE = (
    '<bpmndi:BPMNShape id="check_di" bpmnElement="check"><dc:Bounds x="930" y="160" width="100" height="80"/>'
)
LANES = "<bpmn:flowNodeRef>side_done</bpmn:flowNodeRef>"
TO_DONE = '<di:waypoint x="1030" y="200"/><di:waypoint x="1182" y="200"/>'
DONE_BOX = '<dc:Bounds x="1182" y="182" width="36" height="36"/>'


def path(*points: tuple[int, int]) -> tuple[str, str, str]:
    """The arrow to the end of the main diagram, drawn along other points."""
    drawn = "".join(f'<di:waypoint x="{x}" y="{y}"/>' for x, y in points)
    return MAIN, TO_DONE, drawn


DRAWING = [
    defect(
        "drawing.no_shape",
        drawing.undrawn,
        "check",
        (MAIN, f"{CHECK_SHAPE}</bpmndi:BPMNShape>", ""),
        cure="图上",
    ),
    defect(
        "drawing.no_edge",
        drawing.undrawn,
        "check_to_done",
        (
            MAIN,
            f'<bpmndi:BPMNEdge id="check_to_done_di" bpmnElement="check_to_done">{TO_DONE}</bpmndi:BPMNEdge>',
            "",
        ),
    ),
    defect("drawing.no_edge", drawing.undrawn, "check_to_done", path((1030, 200))),
    defect(
        "drawing.through_shape",
        lines.through_shapes,
        "check_to_done",
        path((1030, 200), (1050, 200), (1050, 330), (830, 330), (830, 130), (1200, 130), (1200, 182)),
        cure="绕过去",
    ),
    defect(
        "drawing.through_label",
        lines.through_labels,
        "check_to_done",
        path((1030, 200), (1040, 200), (1040, 281), (1160, 281), (1160, 200), (1182, 200)),
        cure="移开文字",
    ),
    defect(
        "drawing.overlap",
        drawing.overlaps,
        "check",
        (MAIN, DONE_BOX, DONE_BOX.replace("1182", "1000")),
        cure="分开",
    ),
    defect(
        "drawing.label_overlap",
        drawing.overlaps,
        "received",
        (
            MAIN,
            '<dc:Bounds x="230" y="164" width="60" height="14"/>',
            '<dc:Bounds x="150" y="164" width="60" height="14"/>',
        ),
    ),
    defect(
        "drawing.label_overlap",
        drawing.overlaps,
        "registered",
        (
            MAIN,
            '<dc:Bounds x="230" y="164" width="60" height="14"/>',
            '<dc:Bounds x="800" y="170" width="60" height="14"/>',
        ),
        cure="移开文字",
    ),
    defect(
        "drawing.crossings",
        lines.crossings,
        "answering",
        path(
            (1030, 200),
            (1030, 210),
            (490, 210),
            (490, 370),
            (250, 370),
            (250, 350),
            (740, 350),
            (740, 210),
            (1182, 210),
        ),
        cure="拆成",
    ),
    defect(
        "drawing.on_line",
        lines.on_lines,
        "is_urgent_to_tell_urgent",
        path(
            (1030, 200), (1030, 210), (530, 210), (530, 300), (545, 300), (545, 310), (1200, 310), (1200, 218)
        ),
        cure="移开",
    ),
    defect(
        "drawing.off_border",
        drawing.borders,
        "check_due",
        (
            MAIN,
            '<dc:Bounds x="982" y="222" width="36" height="36"/>',
            '<dc:Bounds x="982" y="262" width="36" height="36"/>',
        ),
        cure="拖到",
    ),
    defect(
        "drawing.backwards",
        lines.backwards,
        "check_to_done",
        (MAIN, DONE_BOX, '<dc:Bounds x="882" y="282" width="36" height="36"/>'),
        cure="从左往右",
    ),
    defect(
        "drawing.outside_lane",
        drawing.lanes,
        "side_done",
        (
            SIDE,
            '<dc:Bounds x="642" y="182" width="36" height="36"/>',
            '<dc:Bounds x="642" y="982" width="36" height="36"/>',
        ),
    ),
    defect(
        "drawing.no_shape",
        drawing.lanes,
        "lane_side",
        (
            SIDE,
            '<bpmndi:BPMNShape id="lane_side_di" bpmnElement="lane_side"',
            '<bpmndi:BPMNShape id="lane_side_di" bpmnElement="lanes"',
        ),
    ),
    defect("lane.none", drawing.lanes, "side_done", (SIDE, LANES, ""), cure="泳道"),
    defect(
        "lane.unknown_node",
        drawing.lanes,
        "lane_side",
        (SIDE, LANES, LANES + LANES.replace("side_done", "gone")),
    ),
    defect(
        "lane.several",
        drawing.lanes,
        "side_done",
        (
            SIDE,
            "</bpmn:laneSet>",
            f'<bpmn:lane id="lane_two" name="又一道">{LANES}</bpmn:lane></bpmn:laneSet>',
        ),
    ),
    defect(
        "drawing.entries",
        drawing.entries,
        "answer",
        (STAGE, "<bpmn:incoming>ways_to_answer</bpmn:incoming>", ""),
    ),
    defect(
        "drawing.entries",
        drawing.entries,
        "ways",
        (STAGE, "<bpmn:outgoing>ways_to_answer</bpmn:outgoing>", ""),
    ),
]


@pytest.mark.parametrize("wrong", DRAWING, ids=lambda d: d.name)
def test_a_defect_is_refused_where_it_is_with_what_to_do_instead(wrong: Defect):
    assert_refused(wrong)


@pytest.mark.parametrize("wrong", DRAWING, ids=lambda d: d.name)
def test_a_defect_passes_when_its_check_is_switched_off(wrong: Defect, monkeypatch: pytest.MonkeyPatch):
    assert_found_by_its_check_alone(wrong, monkeypatch)


def test_a_file_without_a_drawing_is_one_finding_a_process():
    text = changed()[SIDE].decode()
    start, end = text.index("<bpmndi:BPMNDiagram"), text.index("</bpmndi:BPMNDiagram>")
    undrawn = {**changed(), SIDE: (text[:start] + text[end + len("</bpmndi:BPMNDiagram>") :]).encode()}

    assert [(f.rule, f.element) for f in found(undrawn) if f.rule.startswith("drawing")] == [
        ("drawing.none", "side")
    ]


def test_crossings_are_counted():
    plan, _ = read_plan(
        changed(path((1030, 200), (1030, 210), (490, 210), (490, 370), (1200, 370), (1200, 218)))
    )
    (picture,) = [p for p in pictures(plan) if p.source.file == MAIN]

    assert lines.crossings_of(picture) == 1 + 1  # one stands in the sound diagram


@pytest.mark.parametrize(
    "one, other, answer",
    [
        (((0, 0), (10, 0)), ((5, -5), (5, 5)), True),
        (((0, 0), (10, 0)), ((10, 0), (10, 5)), False),  # one goes on where the other ends
        (((0, 0), (10, 0)), ((2, 0), (8, 0)), False),  # one lies on the other
        (((0, 0), (10, 0)), ((5, 1), (5, 5)), False),
    ],
)
def test_two_lines_cross(one, other, answer: bool):
    assert crosses(one, other) is answer
    assert crosses(other, one) is answer


@pytest.mark.parametrize(
    "a, b, answer",
    [
        ((0, 5), (20, 5), True),
        ((0, 0), (20, 0), False),  # along the border
        ((5, -5), (5, -1), False),
        ((5, 5), (6, 6), True),  # all inside
        ((-5, 5), (5, -5), False),  # touches a corner
        ((-4, 5), (5, -4), True),  # cuts one
    ],
)
def test_a_line_runs_through_a_box(a, b, answer: bool):
    assert Box(0, 0, 10, 10).cut_by(a, b) is answer


@pytest.mark.parametrize(
    "one, other, length",
    [
        (((0, 0), (10, 0)), ((8, 0), (20, 0)), 2),
        (((0, 0), (10, 0)), ((20, 0), (8, 0)), 2),
        (((3, 0), (3, 9)), ((3, 2), (3, 4)), 2),
        (((0, 0), (10, 0)), ((10, 0), (20, 0)), 0),
        (((0, 0), (10, 0)), ((0, 1), (10, 1)), 0),
    ],
)
def test_lines_lie_on_each_other(one, other, length: int):
    assert shared_length(one, other) == length
