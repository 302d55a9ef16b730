"""The table of what was measured says of each figure whether it was reached, and leaves none out."""

from __future__ import annotations

import re

import pytest

from tests.bench.__main__ import told
from tests.bench.machine import Share, model
from tests.bench.table import Line, Wanted, rows_of, table, tally
from tests.bench.wanted import OF_A_CITY, OF_THE_SERVICE
from tests.usecases.houses import PROJECT

CPU = Wanted(
    "a step: CPU ms, mean", "step", "cpu_ms_mean", {"database": "sqlite"}, most=2.5, median="cpu_ms_p50"
)
RATE = Wanted("steps a second", "rate", "per_s", least=200)
TWICE = Wanted("fired twice", "rate", "twice", most=0)
WALL = Wanted("a step: wall ms", "step", "wall_ms_p50", {"database": "sqlite"})
ALL = (CPU, RATE, TWICE, WALL)
LINES: list[Line] = [
    {"figure": "step", "database": "postgresql", "cpu_ms_mean": 9.9, "cpu_ms_p50": 9.0, "wall_ms_p50": 9.5},
    {"figure": "step", "database": "sqlite", "cpu_ms_mean": 2.5, "cpu_ms_p50": 2.31, "wall_ms_p50": 2.4},
    {"figure": "rate", "per_s": 199.9, "twice": 0},
]


def test_each_figure_stands_beside_what_it_has_to_reach() -> None:
    assert list(rows_of(ALL, LINES))[:4] == [
        ("a step: CPU ms, mean", "2.5 (median 2.31)", "≤ 2.5", "yes"),
        ("steps a second", "199.9", "≥ 200", "no"),
        ("fired twice", "0", "0", "yes"),
        ("a step: wall ms", "2.4", "–", "–"),
    ]


def test_a_line_that_nobody_asked_for_is_told_too() -> None:
    assert list(rows_of(ALL, LINES))[4:] == [
        ("step", "database postgresql, cpu_ms_mean 9.9, cpu_ms_p50 9.0, wall_ms_p50 9.5", "–", "–")
    ]


def test_what_no_line_tells_was_not_reached() -> None:
    assert list(rows_of(ALL, LINES[:2]))[1:4] == [
        ("steps a second", "not measured", "≥ 200", "no"),
        ("fired twice", "not measured", "0", "no"),
        ("a step: wall ms", "2.4", "–", "–"),
    ]
    assert list(rows_of([WALL], [])) == [("a step: wall ms", "not measured", "–", "–")]


def test_how_many_were_reached_is_counted_among_those_that_have_something_to_reach() -> None:
    assert tally(ALL, LINES) == "2 of 3 reached"
    assert tally(ALL, []) == "0 of 3 reached"


def test_the_table_can_be_put_into_a_page_of_text() -> None:
    head, rule, *rows = table(ALL, LINES).splitlines()

    assert [cell.strip() for cell in head.strip("|").split("|")] == [
        "figure",
        "measured",
        "to reach",
        "reached",
    ]
    assert set(rule) == {"|", "-"}
    assert len(rows) == 5
    assert {len(row) for row in (head, rule, *rows)} == {len(head)}


@pytest.mark.parametrize(
    "value, most, judged", [(1.2, 1.2, "yes"), (1.21, 1.2, "no"), (0, 0, "yes"), (1, 0, "no")]
)
def test_what_is_just_reached_is_reached(value: float, most: float, judged: str) -> None:
    one = Wanted("x", "x", "value", most=most)
    assert [row[-1] for row in rows_of([one], [{"figure": "x", "value": value}])] == [judged]


def test_a_line_that_is_no_figure_is_passed_on_and_told_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    printed = ["warming up\n", '{"figure": "rate", "per_s": 3}\n']

    assert list(told(iter(printed))) == [{"figure": "rate", "per_s": 3}]
    assert capsys.readouterr().out == "".join(printed)


def test_every_figure_that_is_told_stands_in_a_table() -> None:
    sources = (PROJECT / "tests" / "bench").glob("*.py")
    names = {
        name for one in sources for name in re.findall(r'\btell\(\s*"(\w+)"', one.read_text(encoding="utf-8"))
    }
    names |= {"start_case", "complete_task"} | {
        "bare_page",
        "bare_handing_in",
    }  # told by what is handed to `tell`

    assert names == {one.figure for one in (*OF_THE_SERVICE, *OF_A_CITY)}


def test_the_share_of_idle_and_of_stolen_cpu_is_that_between_two_looks() -> None:
    before = "cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 1 2 3"
    after = "cpu  150 0 60 820 60 0 0 10 0 0\ncpu0 1 2 3"

    share = Share.between(before, after)

    assert (share.idle, share.stolen) == (30.0, 10.0)
    assert share.told() == "30 % (taken by other machines: 10 %)"
    assert Share(97.2, 0.2).told() == "97 %"


def test_the_name_of_the_cpu_is_found_where_the_machine_tells_it() -> None:
    assert model("processor : 0\nmodel name\t: AMD EPYC\nmodel name\t: other\n") == "AMD EPYC"
    assert model("processor : 0\n") != ""
