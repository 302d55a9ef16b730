"""Conditions that say nothing: what they come to is told, and never of one that some case changes."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from service.content.fields import Field
from service.content.forms import Form
from service.content.lint.settled import Settled, Settling
from service.feel import evaluate

AT = (datetime(2024, 2, 9, 1, tzinfo=UTC), datetime(2024, 2, 10, 1, tzinfo=UTC))
ROWS: list[dict[str, Any]] = [{"a": 1}, {"a": None}]
ASK = Form(
    "ask",
    "问",
    (
        Field(("reason",), "理由", "select"),
        Field(("said",), "说了什么", "textarea", required=True),
        Field(("note",), "备注", "textarea", required=True, hides=("agreed",)),
        Field(("evidence",), "凭证", "filepicker"),
        Field(("kept",), "留存", "filepicker", hides=("agreed",)),
        Field(("agreed",), "同意", "checkbox"),
        Field(("seen",), "看过", "checkbox", hides=("agreed",)),
        Field(("days",), "几日", "number", required=True),
        Field(("told_at",), "何时", "datetime"),
    ),
    (),
)
VALUES: dict[str, list[Any]] = {
    "reason": [None, "e5", "e4"],
    "said": ["a", "b"],
    "note": [None, "a"],
    "evidence": [[], ROWS],
    "kept": [None, [], ROWS],
    "agreed": [True, False],
    "seen": [None, True, False],
    "days": [-1, 0, 3],
    "told_at": [None, *AT],
    "now": [*AT],
    "dispatch": [None, {"urgency": None, "n": 1}, {"urgency": "urgent", "n": "1"}],
}
DISPATCH = Form("dispatch", "派单", (Field(("urgency",), "紧急", "select"),), ())
SETTLING = Settling(forms={"ask": ASK, "dispatch": DISPATCH})

ALWAYS = [
    "count(evidence) >= 0",
    "0 <= count(evidence)",
    "count(evidence) > -1",
    "count(evidence) != -1",
    'count(all("dispatch")) >= 0',
    'count(all("dispatch")[a = 1]) >= 0',
    "string length(said) >= 0",
    'reason = "e5" or reason != "e5"',
    'said = "a" or agreed or not(said = "a")',
    'dispatch.urgency = "urgent" or dispatch.urgency != "urgent"',
    "agreed or not(agreed)",
    "not(agreed) or agreed",
    "reason = null or reason != null",
    "reason = null or null != reason",
    "days < 3 or days >= 3",
    "days < 3 or 3 <= days",
    "now >= now",
    "said <= said",
    "days <= days",
    "reason = reason",
    "reason in [reason]",
    'reason in ["e5", reason]',
    "reason in (reason)",
    'every y in mine("dispatch") satisfies true',
    "every y in evidence satisfies y.a = y.a",
    "agreed or count(evidence) >= 0",
]
NEVER = [
    "count(evidence) < 0",
    "count(evidence) = -1",
    "0 > string length(said)",
    'reason = "e5" and reason != "e5"',
    "agreed and not(agreed)",
    "now < now",
    "days > days",
    "some y in evidence satisfies false",
]
OPEN = [
    "count(evidence) > 0",
    "count(evidence) >= 1",
    "count(kept) >= 0",
    "count(list: evidence) >= 0",
    "string length(reason) >= 0",
    "string length(note) >= 0",
    "string length(said) > 0",
    'reason = "e5" or reason != "e4"',
    'reason = "e5" or reason = "e4"',
    "reason = 1 or reason != 1",
    "dispatch.n = 1 or dispatch.n != 1",
    "seen or not(seen)",
    "seen and not(seen)",
    "agreed or not(seen)",
    "days < 3 or days > 3",
    "days < 3 or days >= 2",
    "told_at <= told_at",
    "told_at < now or told_at >= now",
    "reason <= reason",
    'reason in ["e5"]',
    "every y in kept satisfies true",
    "every y in reason satisfies true",
    "every y in evidence satisfies false",
    "some y in evidence satisfies true",
    "every y in evidence satisfies 1",
    'every evidence in mine("dispatch") satisfies count(evidence) >= 0',
    'every said in mine("dispatch") satisfies said <= said',
    "every dispatch in kept satisfies dispatch.urgency = dispatch.urgency",
]


def comes_to(text: str) -> set[Any]:
    """Everything that an expression comes to, over all the values of what stands in it."""
    names = [name for name in VALUES if name in text]
    functions = {"all": lambda _: ROWS, "mine": lambda _: []}
    each = [dict(zip(names, given, strict=True)) for given in product(*(VALUES[name] for name in names))]
    return {evaluate(text, given, functions) for given in each}


@pytest.mark.parametrize("text", ALWAYS)
def test_a_condition_that_always_holds_is_told(text: str) -> None:
    assert SETTLING.of(text, ASK) == Settled(True)


@pytest.mark.parametrize("text", NEVER)
def test_a_condition_that_never_holds_is_told(text: str) -> None:
    assert SETTLING.of(text, ASK) == Settled(False)


@pytest.mark.parametrize("text", OPEN)
def test_a_condition_that_some_case_may_change_is_not(text: str) -> None:
    assert SETTLING.of(text, ASK) is None


@pytest.mark.parametrize("text", [*ALWAYS, *NEVER])
def test_what_is_told_is_what_every_case_comes_to(text: str) -> None:
    found = SETTLING.of(text, ASK)

    assert found is not None
    assert comes_to(text) == {found.value}


def test_what_the_form_at_hand_does_not_ask_for_is_not_known() -> None:
    assert SETTLING.of("count(evidence) >= 0") is None
    assert SETTLING.of("count(evidence) >= 0", DISPATCH) is None
    assert SETTLING.of('count(all("dispatch")) >= 0') == Settled(True)


@pytest.mark.parametrize("text", ["[1] = [true]", "1 = true", "[said, 1] = [said, true]"])
def test_one_and_true_are_not_the_same(text: str) -> None:
    found = SETTLING.of(text, ASK)

    assert found is None or comes_to(text) == {found.value}
