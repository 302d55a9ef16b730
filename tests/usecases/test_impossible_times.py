"""Times that cannot be: a slip in the year must not silence a clock, nor meet one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from service.domain.errors import FormInvalid, Refused
from tests.usecases.houses import Played

RESPONDED = 5


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.mark.parametrize(
    "form, actor, field, value, code",
    [
        ("feedback_caller", "dept_handler", "occurred_at", "2099-01-01T09:00:00", "latest"),
        ("feedback_caller", "dept_handler", "occurred_at", "2020-01-01T09:00:00", "earliest"),
        ("record_contact", "dept_handler", "occurred_at", "2099-01-01T09:00:00", "latest"),
        ("record_contact", "dept_handler", "occurred_at", "2020-01-01T09:00:00", "earliest"),
        ("risk_report", "dept_head", "identified_at", "2099-01-01T09:00:00", "latest"),
        ("assign_co_handling", "dept_handler", "co_due_at", "2020-01-01T09:00:00", "earliest"),
    ],
)
def test_an_impossible_time_is_told_at_its_field(
    play: Callable[..., Played], form: str, actor: str, field: str, value: str, code: str
) -> None:
    case = play("S02").to(RESPONDED)
    before = case.loaded()

    with pytest.raises(FormInvalid) as refused:
        case.submit(form, actor, **{field: at(value)})

    assert [(one.path, one.code) for one in refused.value.fields] == [(field, code)]
    assert case.loaded().clocks == before.clocks


@pytest.mark.parametrize(
    "field, value, code",
    [
        ("received_at", "2099-01-01T09:00:00", "latest"),
        ("called_at", "2099-01-01T09:00:00", "latest"),
        ("upstream_due_at", "2099-01-01T09:00:00", "latest"),
    ],
)
def test_an_order_is_not_received_tomorrow(
    play: Callable[..., Played], field: str, value: str, code: str
) -> None:
    case = play("S02").to(1)
    given: dict[str, Any] = {"source": "moe_subcenter", "upstream_order_no": "FIC-2024-777001"}

    with pytest.raises(FormInvalid) as refused:
        case.submit("register_case", "office_dispatcher", **given, **{field: at(value)})

    assert (field, code) in [(one.path, one.code) for one in refused.value.fields]


def test_a_department_does_not_co_handle_with_itself(play: Callable[..., Played]) -> None:
    case = play("S02").to(RESPONDED)
    department = case.loaded().case.lead_department

    with pytest.raises(Refused) as refused:
        case.submit("assign_co_handling", "dept_handler", co_department=department)

    assert refused.value.code == "E_SAME_DEPARTMENT"


def test_the_number_of_a_case_takes_the_year_of_beijing(play: Callable[..., Played]) -> None:
    case = play("S02").to(1).skip_to("2026-01-01T02:00:00")

    receipt = case.submit(
        "register_case",
        "office_dispatcher",
        source="moe_subcenter",
        upstream_order_no="FIC-2026-000001",
        received_at=at("2026-01-01T01:59:00"),
    )

    assert receipt.case_no.startswith("JSJB-2026-")
