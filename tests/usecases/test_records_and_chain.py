"""What is stored of a case is held to its chain: whoever changes it past the triggers is found out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from service.usecases.verify_audit import verify_audit
from tests.store.test_audit_chain import tamper
from tests.usecases.houses import Played

RESPONDED = 5
TAMPERINGS = {
    "values of a submission": (
        "submission",
        """UPDATE submission SET "values" = replace("values", 'dept_', 'dopt_') WHERE form = 'dispatch'""",
        "（dispatch）被改动过",
    ),
    "time of a submission": (
        "submission",
        """UPDATE submission SET "at" = (SELECT min("at") FROM submission) WHERE form = 'dispatch'""",
        "（dispatch）被改动过",
    ),
    "a submission deleted": ("submission", "DELETE FROM submission WHERE form = 'respond'", "不见了"),
    "due time of a clock": (
        None,
        "UPDATE clock SET due_at = (SELECT max(due_at) FROM clock) WHERE kind = 'dispatch'",
        "时钟 dispatch 被改动过",
    ),
    "state of a clock": (None, "UPDATE clock SET state = 'met' WHERE kind = 'handling_feedback'", "被改动过"),
    "a clock deleted": (None, "DELETE FROM clock WHERE kind = 'same_day_response'", "不见了"),
    "time of receipt": (
        None,
        'UPDATE case_file SET received_at = (SELECT max("at") FROM submission)',
        "接收时间与记录不符",
    ),
}


@pytest.mark.parametrize("table, statement, told", TAMPERINGS.values(), ids=TAMPERINGS)
def test_a_changed_record_of_a_case_is_found_out(
    play: Callable[..., Played], table: str | None, statement: str, told: str
) -> None:
    case = play("S02").to(RESPONDED)
    assert verify_audit(case.house).broken == []

    if table is None:
        with case.house.store.begin() as uow:
            uow.transaction.execute(text(statement))  # type: ignore[attr-defined]
            uow.commit()
    else:
        tamper(case.house.store, statement, table=table)  # type: ignore[arg-type]

    broken = verify_audit(case.house).broken
    assert {number for number, _ in broken} == {case.loaded().case.case_no}
    assert any(told in why for _, why in broken), broken
