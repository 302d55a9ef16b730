"""What the host hands in: variables, which may be lazy, and functions."""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

import pytest

from service.feel import YearsMonths, compile, evaluate

NOW = dt.datetime(2024, 2, 13, 2, 0, tzinfo=dt.UTC)


class Lazy(Mapping[str, object]):
    """Variables that are looked up when asked for, and remember it."""

    def __init__(self, **values: object) -> None:
        self.values_by_name = values
        self.asked: list[str] = []

    def __getitem__(self, name: str) -> object:
        self.asked.append(name)
        return self.values_by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)


def test_only_what_is_needed_is_asked_for():
    variables = Lazy(a=False, b=True, c=True)

    assert compile("a and b and c")(variables) is False
    assert variables.asked == ["a"]


def test_what_is_missing_is_null():
    assert evaluate("missing", {}) is None
    assert evaluate("missing.a.b = null", {}) is True
    assert evaluate("unknown(1)", {}) is None


def test_function_names_stand_only_before_a_bracket():
    functions = {"clock": lambda kind: {"due": NOW, "kind": kind}}

    assert evaluate('clock("dispatch").kind + clock', {"clock": "!"}, functions) == "dispatch!"


def test_host_functions_take_arguments_by_position_and_by_name():
    functions = {"due": lambda kind, start=None, inputs=None: [kind, start, inputs]}

    assert evaluate('due("a")', {}, functions) == ["a", None, None]
    assert evaluate('due("a", 1, {x: 2})', {}, functions) == ["a", 1, {"x": 2}]
    assert evaluate('due(kind: "a", inputs: {x: 2})', {}, functions) == ["a", None, {"x": 2}]


def test_a_host_function_called_with_other_arguments_is_null():
    functions = {"mine": lambda form: [form]}

    assert evaluate("mine()", {}, functions) is None
    assert evaluate('mine(shape: "a")', {}, functions) is None


def test_a_fault_inside_a_host_function_is_not_hidden():
    def broken(_form: str) -> object:
        raise TypeError("broken inside")

    with pytest.raises(TypeError, match="broken inside"):
        evaluate('mine("a")', {}, {"mine": broken})


def test_all_with_a_text_is_the_hosts_and_else_the_built_in_one():
    functions = {"all": lambda form: [{"form": form, "n": n} for n in (1, 2)]}

    assert evaluate('all("record_contact")[n > 1].form', {}, functions) == ["record_contact"]
    assert evaluate("all([true, true])", {}, functions) is True
    assert evaluate("all(true, false)", {}, functions) is False
    assert evaluate('all("record_contact")', {}) is None


def test_a_name_bound_in_the_expression_does_not_hide_a_function():
    functions = {"clock": lambda kind: kind}

    assert evaluate('for clock in ["a", "b"] return clock(clock)', {}, functions) == ["a", "b"]
    assert evaluate("{count: 5, n: count([1, 2])}.n", {}) == 2


def test_a_function_kept_in_a_variable_can_be_called():
    twice = evaluate("function(x) x * 2", {})

    assert evaluate("twice(4)", {"twice": twice}) == 8


def test_now_is_the_variable_and_no_clock_is_read():
    assert evaluate("now()", {"now": NOW}) == NOW
    assert evaluate("today()", {"now": NOW}) == dt.date(2024, 2, 13)
    assert evaluate("today()", {"now": NOW}, {"today": lambda: dt.date(2024, 2, 14)}) == dt.date(2024, 2, 14)
    assert evaluate("now()", {}) is None


def test_instants_are_compared_as_instants():
    beijing = dt.timezone(dt.timedelta(hours=8))
    context = {"now": NOW, "due": dt.datetime(2024, 2, 13, 10, 0, tzinfo=beijing)}

    assert evaluate("now = due", context) is True
    assert evaluate("now > due", context) is False
    assert evaluate('now + duration("PT1H") - due', context) == dt.timedelta(hours=1)
    assert evaluate('max(now, due + duration("PT1M"))', context) == NOW + dt.timedelta(minutes=1)


def test_no_float_leaves_an_evaluation():
    context = {"x": 0.1, "rows": [{"n": 0.2}], "odd": [float("nan"), float("inf")]}

    assert evaluate("x + 0.2 = 0.3", context) is True
    for text in (
        "x",
        "rows",
        "rows[1].n",
        "rows.n",
        "{a: x}",
        "x * 2",
        "max(rows.n)",
        "sum(rows.n)",
        "rows[n > 0]",
    ):
        assert not _floats(evaluate(text, context)), text
    assert evaluate("odd", context) == [None, None]
    assert evaluate("host()", {}, {"host": lambda: 0.5}) == Decimal("0.5")


def _floats(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_floats, value.values()))
    return any(map(_floats, value)) if isinstance(value, list) else isinstance(value, float)


def test_whole_numbers_stay_whole():
    for text, kind in [
        ("6 / 3", int),
        ("2.5 * 2", int),
        ("1.0", int),
        ("7 / 2", Decimal),
        ("10 ** 40", Decimal),
    ]:
        assert type(evaluate(text, {})) is kind, text


def test_kinds_of_mapping_and_enum_are_contexts_and_strings():
    class Urgency(StrEnum):
        URGENT = "urgent"

    context = {"dispatch": MappingProxyType({"urgency": Urgency.URGENT})}

    assert evaluate('dispatch.urgency = "urgent"', context) is True
    assert evaluate('dispatch.urgency in ("normal", "urgent")', context) is True
    assert evaluate("dispatch instance of context<urgency: string>", context) is True


def test_durations_of_months_come_out_as_their_own_type():
    assert evaluate('duration("P1Y2M")', {}) == YearsMonths(14)
