"""A deadline that has passed and cannot be carried out holds up what people submit: no late click slips past it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from service.content import Content, load, read_folder
from service.domain.errors import DeadlineFailed, Refused
from service.store.tables import timer
from tests.usecases.houses import PROJECT, Played

LATE = "2024-03-08T19:30:00"
RETURN = {
    "scope_claim": "other_dept",
    "suggested_department": "dept_finance",
    "reason": "不属本部门",
    "caller_informed": "transfer_pending",
}
DISPATCHED = 4
WINDOW = "return_window_due"


def unworkable_once_the_window_is_closed() -> Content:
    """What cannot be worked out any more as soon as the hour for returning a case has passed."""
    files = read_folder(PROJECT)
    text = files["bpmn/complaint.bpmn"].decode()
    right = 'if dispatch.urgency = "urgent" then null else extended('
    endless = 'count(for a in 1..(1000 + count(all("dispatch"))), b in 1..1000 return a)'
    wrong = f'if clock("return_window").state = "expired" and {endless} = 0 then null else extended('
    assert text.count(right) == 1
    return load({**files, "bpmn/complaint.bpmn": text.replace(right, wrong).encode()})


def park(case: Played, node: str) -> None:
    with case.house.store.begin() as unit:
        found = unit.transaction.execute(update(timer).where(timer.c.node == node).values(state="parked"))
        assert found.rowcount == 1
        unit.commit()


def state_of(case: Played, node: str) -> tuple[str, int]:
    with case.house.store.begin() as unit:
        asked = select(timer.c.state, timer.c.attempts).where(timer.c.node == node)
        return tuple(unit.transaction.execute(asked).one())


def test_a_parked_deadline_is_carried_out_before_a_late_click(play: Callable[..., Played]) -> None:
    case = play("S02").to(DISPATCHED)
    park(case, WINDOW)
    case.skip_to(LATE)

    with pytest.raises(Refused) as refused:
        case.submit("request_return", "dept_head", **RETURN)

    assert refused.value.code == "E_RETURN_WINDOW_CLOSED"
    assert case.clock("return_window").state == "expired"
    assert state_of(case, WINDOW)[0] == "fired"


@pytest.mark.parametrize("is_parked", [False, True])
def test_nothing_is_submitted_past_a_deadline_that_fails(
    play: Callable[..., Played], is_parked: bool
) -> None:
    case = play("S02", content=unworkable_once_the_window_is_closed()).to(DISPATCHED)
    if is_parked:
        park(case, WINDOW)
    case.skip_to(LATE)
    before = case.loaded()

    for _ in range(7):
        with pytest.raises(DeadlineFailed) as failed:
            case.submit("request_return", "dept_head", **RETURN)

    assert ("管理员" in failed.value.message) is is_parked
    assert failed.value.__cause__ is not None
    after = case.loaded()
    assert (after.submissions, after.clocks) == (before.submissions, before.clocks)
    assert state_of(case, WINDOW)[0] == ("parked" if is_parked else "waiting")
