"""The head of a case that stands from an earlier command is what the facts say now, whatever the content has them read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import update

from service.content import Content, load, read_folder
from service.content.lint import lint_content
from service.domain.case import CaseFile
from service.store.tables import case_file
from service.store.unit import SqlUnitOfWork
from service.usecases.case_work import CaseWork
from tests.usecases.houses import PROJECT, Played

FACTS = "bpmn/facts.yaml"
RESTRICTED = "    if register_case.confidential_requested = true then true\n"
FIRST, SECOND = "JSJB-2024-00001", "JSJB-2024-00002"
HEAD = (
    "lead_department", "former_departments", "co_departments", "complained_departments", "restricted",
)  # fmt: skip


def restricted_where(condition: str) -> Content:
    """The shipped content, where one more condition restricts a case."""
    files = dict(read_folder(PROJECT))
    text = files[FACTS].decode()
    assert text.count(RESTRICTED) == 1
    more = f"{RESTRICTED}    else if {condition} then true\n"
    files[FACTS] = text.replace(RESTRICTED, more).encode()
    return load(files)


def head_of(case: CaseFile) -> dict[str, object]:
    return {name: getattr(case, name) for name in HEAD}


def require_as_worked_out_anew(played: Played, case_no: str) -> CaseFile:
    """What is kept of the head is what it would be if it were worked out from the case alone."""
    with played.house.store.begin(reading=True) as uow:
        loaded = uow.load(uow.case_of_no(case_no).id)
        work = CaseWork.of(played.house, uow, loaded, played.house.clock.now(), "anew")
        work.work_out_anew()
    assert head_of(loaded.case) == head_of(work.case)
    return loaded.case


CLOCK_CONDITIONS = [
    'clock("same_day_response").state = "met"',  # by the response, which ends its activity
    'clock("handling_feedback").state = "met"',  # by a form that meets it
    'clock("return_window").state = "expired"',  # by its own due time
]


@pytest.mark.parametrize("condition", CLOCK_CONDITIONS)
def test_a_head_that_reads_clocks_reads_them_as_the_command_leaves_them(
    play: Callable[..., Played], condition: str
) -> None:
    played = play("S02", content=restricted_where(condition))
    became = []

    for number in range(1, len(played.case.steps) + 1):
        played.to(number)
        became.append(require_as_worked_out_anew(played, FIRST).restricted)

    assert False in became
    assert True in became


def test_a_head_that_asks_about_a_case_which_no_column_names_is_worked_out_by_each_command(
    play: Callable[..., Played],
) -> None:
    played = play("Y04", content=restricted_where(f'is_restricted("{SECOND}")')).to(4)
    with played.house.store.begin() as uow:
        assert isinstance(uow, SqlUnitOfWork)
        uow.transaction.execute(
            update(case_file).where(case_file.c.case_no == SECOND).values(restricted=True)
        )
        uow.commit()

    played.to(7)  # the second is not touched by these

    assert require_as_worked_out_anew(played, FIRST).restricted is True


def test_what_was_shipped_before_is_warned_of_and_may_be_released_all_the_same() -> None:
    """Each report of a file was asked about, and the column told of one of them; a rule made them the same."""
    files = dict(read_folder(PROJECT))
    text = files[FACTS].decode()
    now = "is_restricted(reported_case)"
    before = 'some r in all("risk_report") satisfies is_restricted(r.related_case)'
    assert text.count(now) == 1
    files[FACTS] = text.replace(now, before).encode()

    found = [one for one in lint_content(load(files)) if one.rule.startswith("facts.")]

    assert [(one.rule, one.element, one.severity) for one in found] == [
        ("facts.elsewhere", "restricted", "warning")
    ]
