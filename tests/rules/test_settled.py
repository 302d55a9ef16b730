"""What comes to the same whatever the case, and what the case decides."""

from __future__ import annotations

from typing import Any

import pytest

from service.content.fields import Field
from service.content.forms import Form
from service.content.lint.settled import Settled, Settling

FACTS = {"yes": "1 = 1", "both": "yes and limit = 3", "limit": "3", "late": "now > dispatch.at"}
SETTLING = Settling(FACTS, {"days": 3})


@pytest.mark.parametrize(
    "text, value",
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("1 = 1", True),
        ("not(false)", True),
        ("count([1, 2]) = 2", True),
        ("5 in [1..9] and 5 between 1 and 9", True),
        ("some a in [1, 2] satisfies a > 1", True),
        ('string length("a") = 1', True),
        ("dispatch.urgency = dispatch.urgency", True),
        ("dispatch != dispatch", False),
        ('dispatch.urgency = "urgent" or true', True),
        ("dispatch != null and false", False),
        ("if dispatch = null then true else true", True),
        ("if yes then false else dispatch.urgent", False),
        ("yes", True),
        ("both", True),
        ("late or both", True),
        ("policy.days >= 3", True),
    ],
)
def test_a_condition_that_no_case_changes_is_settled(text: str, value: Any) -> None:
    assert SETTLING.of(text) == Settled(value)


@pytest.mark.parametrize(
    "text",
    [
        'dispatch.urgency = "urgent"',
        "yes and dispatch != null",
        "dispatch != null or false",
        "late",
        'now > date and time("2024-01-25T00:00:00+08:00")',
        "policy.other = 1",
        'count(all("dispatch")) = 1',
        'on_duty("office", "dept_head")',
        "if dispatch = null then true else false",
        'all("dispatch")[yes = 1] = []',
        "every yes in dispatch.parts satisfies yes",
        "1 +",
    ],
)
def test_a_condition_that_the_case_decides_is_not(text: str) -> None:
    assert SETTLING.of(text) is None


def test_a_field_of_the_form_at_hand_stands_before_a_fact_of_its_name() -> None:
    assert SETTLING.of("yes", Form("ask", "问", (Field(("yes",), "是", "checkbox"),), ())) is None


def test_another_reading_of_the_policy_may_change_what_is_not_given() -> None:
    assert Settling(FACTS).of("policy.days >= 3") is None
