"""What the linter holds for impossible is what FEEL gives null for, and nothing else."""

from __future__ import annotations

import datetime as dt
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from service.content.lint import types
from service.content.lint.kinds import NOTICES, STATUSES
from service.content.lint.problems import distance, slip_of
from service.feel import YearsMonths, evaluate

SAMPLES = {
    types.TEXT: "a",
    types.NUMBER: 2,
    types.BOOLEAN: True,
    types.DATE: dt.date(2024, 2, 3),
    types.INSTANT: dt.datetime(2024, 2, 3, 4, 5, 6, tzinfo=ZoneInfo("Asia/Shanghai")),
    types.TIME: dt.time(4, 5, 6, tzinfo=ZoneInfo("Asia/Shanghai")),
    types.DURATION: dt.timedelta(hours=3),
    types.MONTHS: YearsMonths(14),
    types.LIST: [1],
    types.CONTEXT: {"a": 1},
}
PAIRS = list(product(SAMPLES, SAMPLES))


@pytest.mark.parametrize("sign", types.OPERATIONS)
@pytest.mark.parametrize("left, right", PAIRS)
def test_two_values_can_be_worked_with_or_not(sign: str, left: str, right: str) -> None:
    found = evaluate(f"a {sign} b", {"a": SAMPLES[left], "b": SAMPLES[right]})

    expected = types.RESULTS.get((sign, left, right))
    assert (types.type_of(found) if found is not None else None) == expected


@pytest.mark.parametrize("left, right", PAIRS)
def test_two_values_can_be_compared_or_not(left: str, right: str) -> None:
    values = {"a": SAMPLES[left], "b": SAMPLES[right]}

    assert (evaluate("a = b", values) is not None) == types.comparable(left, right, ordered=False)
    assert (evaluate("a < b", values) is not None) == types.comparable(left, right, ordered=True)


@pytest.mark.parametrize("of", types.PROPERTIES)
def test_the_properties_of_a_type_are_those_that_feel_gives(of: str) -> None:
    every = {name for there in types.PROPERTIES.values() for name in there} | {"length", "__class__"}

    found = {name: evaluate(f"a.{name}", {"a": SAMPLES[of]}) for name in every}

    given = {name: types.type_of(value) for name, value in found.items() if value is not None}
    assert given == dict(types.PROPERTIES[of])


def test_every_type_has_a_name() -> None:
    assert set(types.NAMES) == set(SAMPLES)
    assert all(types.type_of(SAMPLES[one]) == one for one in types.PROPERTIES)


@pytest.mark.parametrize("name, of", types.OF_BUILTINS.items())
def test_a_function_gives_what_is_said_of_it(name: str, of: str) -> None:
    calls = {
        "count": "([1])", "list contains": "([1], 1)", "string join": '(["a"])', "not": "(true)", "is": "(1, 1)",
        "odd": "(1)", "even": "(1)", "floor": "(1.5)", "ceiling": "(1.5)", "modulo": "(5, 3)", "decimal": "(1.25, 1)",
        "string": "(1)", "number": '("1")', "substring": '("abc", 2)', "date": '("2024-02-03")', "time": '("08:00:00")',
        "date and time": '("2024-02-03T08:00:00Z")', "substring before": '("abc", "c")', "substring after": '("abc", "a")',
        "years and months duration": '(date("2020-01-01"), date("2024-01-01"))',
    }  # fmt: skip
    of_day = {"day of year", "week of year", "day of week", "month of year"}
    default = (
        '(date("2024-02-03"))' if name in of_day else '("abc")' if name in one_text() else '("abc", "b")'
    )

    assert types.type_of(evaluate(name + calls.get(name, default), {})) == of


def one_text() -> set[str]:
    return {"string length", "upper case", "lower case"}


@pytest.mark.parametrize(
    "word, known",
    [
        ("overdu", "overdue"),
        ("risk_akc", "risk_ack"),
        ("aproved", "approved"),
        ("report_submited", "report_submitted"),
    ],
)
def test_a_slip_of_the_pen_is_told_from_a_word_of_its_own(word: str, known: str) -> None:
    assert slip_of(word, {known, "something_else"}) == known
    assert slip_of(known, {known}) is None


@pytest.mark.parametrize("word", ["m7", "arrived", "handed_over"])
def test_a_word_of_its_own_is_no_slip(word: str) -> None:
    assert slip_of(word, STATUSES | NOTICES | {"m1"}) is None


@pytest.mark.parametrize(
    "a, b, steps",
    [("", "", 0), ("ab", "ba", 1), ("abc", "ac", 1), ("abc", "abxc", 1), ("kitten", "sitting", 3)],
)
def test_how_far_two_words_are_apart(a: str, b: str, steps: int) -> None:
    assert distance(a, b) == distance(b, a) == steps
