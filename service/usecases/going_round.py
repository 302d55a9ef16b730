"""Timers that go round by themselves: each firing sets the same one anew, its time passed already, and nobody acts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from service.domain.changes import DUE, OF_CASE, TimerRow
from service.domain.errors import GoesRound
from service.domain.steps import OpenTimer
from service.usecases.case_work import CaseWork

ROUNDS = 20
STANDS_WITHIN = timedelta(
    minutes=1
)  # due times no further apart do not move on: `now` moves by as little as it takes
DUE_PASSED = "due_passed"
SUBMITTED = "submitted"


def require_moving(work: CaseWork, row: TimerRow, timer: OpenTimer) -> None:
    """Refuse to fire a timer that has fired so often for the same time, without anything submitted in between.

    Raises: GoesRound.
    """
    if row.due_at > timer.entered_at or len(_fired(work, row)) <= ROUNDS:
        return  # as nearly always: its time lay ahead when its activity began
    _, entries = work.uow.chain(OF_CASE, work.case.id)
    since = takewhile(lambda entry: entry.kind != SUBMITTED, reversed(entries))
    rounds = [entry for entry in since if entry.kind == DUE_PASSED and _is_same(entry.payload, row)]
    if len(rounds) >= ROUNDS:
        name = work.release.definition.elements[row.node].name
        called = f"“{name}”（{row.node}）" if name else f" {row.node} "
        message = (
            f"计时{called}到时 {len(rounds)} 次，每次都绕回来又立刻到时，其间没有人办理过，已停止；"
            "请改正流程图里它的时间或它之后的连线。"
        )
        raise GoesRound(message, node=row.node, case=work.case.id)


def _fired(work: CaseWork, row: TimerRow) -> list[TimerRow]:
    """The firings of the same event for the same time so far, this one among them."""
    fired = (other for other in work.book.rows.values() if other.state == "fired" and other.purpose == DUE)
    same = (other for other in fired if (other.node, other.instance_id) == (row.node, row.instance_id))
    return [other for other in same if row.due_at - other.due_at < STANDS_WITHIN]


def _is_same(payload: Mapping[str, Any], row: TimerRow) -> bool:
    """Whether an audit record tells of the same event passing for the same time."""
    return (
        payload.get("node") == row.node
        and row.due_at - datetime.fromisoformat(payload["due"]) < STANDS_WITHIN
    )


__all__ = ["ROUNDS", "require_moving"]
