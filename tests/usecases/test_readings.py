"""What a view of a case takes over from the one before is what it would have worked out itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.domain.case import CaseFile, Instance, Submission
from service.domain.clocks import ClockRecord
from service.domain.document import CaseDocument, Names
from service.feel import compile
from service.rehearsal.case_file_source import read_worked_cases
from service.rehearsal.check_cases import CheckedContent, check_case
from service.store.scratch import scratch
from service.usecases.readings import (
    ACTOR,
    ANYTHING,
    ATTEMPT,
    CASE,
    CLOCKS,
    NOW,
    Readings,
    handed_in,
    latest,
    moved_between,
)
from service.usecases.scope import Place, Scope
from tests.usecases.houses import PROJECT, shipped

FILES = [
    PROJECT / "bpmn" / "cases" / f"{name}.yaml"
    for name in ("branches", "many", "periodic", "clocks_and_grading")
]


def readings_of(**facts: str) -> Readings:
    return Readings({name: compile(text) for name, text in facts.items()}, {"dispatch", "respond", "review"})


@pytest.mark.parametrize(
    "text, reads",
    [
        ("dispatch.urgency", {handed_in("dispatch"), latest("dispatch")}),
        ('count(all("respond"))', {handed_in("respond")}),
        ('count(mine("respond"))', {handed_in("respond"), ATTEMPT}),
        ('for f in ["respond"] return all(f)', {ANYTHING}),
        ("for f in names return mine(f)", {ANYTHING, ATTEMPT}),
        ('clock("dispatch").state', {CLOCKS}),
        ("for kind in kinds, c in clocks(kind) return c.state", {CLOCKS}),
        ("count(clocks())", {CLOCKS}),
        ("case.status", {CASE}),
        ("actor.person", {ACTOR}),
        ("[{at: 1}][at = review.at]", {handed_in("review"), latest("review")}),
        ("hours(1)", {ANYTHING}),
        ('due("dispatch")', {ANYTHING}),
        ("now + policy.review", {NOW}),
        ('on_duty("dept_hr", "dept_head")', set()),
    ],
)
def test_what_a_fact_reads_is_told_by_its_text(text: str, reads: set[str]) -> None:
    assert readings_of(fact=text).reads["fact"] == reads


def test_what_the_house_answers_stands_only_where_it_is_said_to_last() -> None:
    facts = {"there": compile('on_duty("dept_hr", "dept_head")')}

    assert Readings(facts, set()).standing(frozenset()) == {"there"}
    assert Readings(facts, set(), lasting=()).standing(frozenset()) == frozenset()


def test_a_fact_reads_what_the_facts_it_names_read() -> None:
    readings = readings_of(outer="inner > 1", inner='count(all("respond"))', other="now")

    assert readings.reads["outer"] == {handed_in("respond")}
    assert readings.standing(frozenset({handed_in("respond")})) == {"other"}
    assert readings.standing(frozenset({handed_in("dispatch"), CLOCKS})) == {"outer", "inner", "other"}


def test_facts_that_need_each_other_are_never_taken_over() -> None:
    readings = readings_of(a="b", b="a")

    assert readings.standing(frozenset()) == frozenset()


AT = datetime(2024, 3, 5, 2, tzinfo=UTC)
POLICY: dict[str, object] = {}
CASE_FILE = CaseFile("c", "JSJB-2024-00001", 1, "dispatched", AT)
MAIN = Instance("i", "c", "complaint", "running", b"")
SIDE = Instance("j", "c", "co_handling", "running", b"")
CLOCK = ClockRecord("k", "c", "i", "dispatch", "n", "t", 0, None, AT, AT)
RESPONDED = Submission("s", "c", "respond", {}, AT, "p", "王", "dept_liaison", None, 1, "i", "n", "key")


def view(
    case: CaseFile = CASE_FILE,
    submissions: Sequence[Submission] = (),
    clocks: Sequence[ClockRecord] = (),
    now: datetime = AT,
    **how: Any,
) -> Names:
    return Names(
        CaseDocument(case, submissions, clocks, POLICY, "v1"), now=now, facts={}, forms=frozenset(), **how
    )


@pytest.mark.parametrize(
    "after, moved",
    [
        (view(), set()),
        (view(submissions=[RESPONDED]), {handed_in("respond"), latest("respond")}),
        (view(clocks=[CLOCK]), {CLOCKS}),
        (view(case=replace(CASE_FILE, dispatch_no=1)), {ATTEMPT, CASE}),
        (view(case=replace(CASE_FILE, restricted=True)), {CASE}),
        (view(case=replace(CASE_FILE, version=7)), set()),
        (view(actor={"person": "p"}), {ACTOR}),
        (view(instance=SIDE, own_forms=frozenset({"respond"})), {latest("respond")}),
        (view(instance=MAIN), set()),
    ],
)
def test_what_differs_between_two_views_has_moved(after: Names, moved: set[str]) -> None:
    assert moved_between(view(), after) == moved
    assert moved_between(after, view()) == moved


def test_a_milestone_within_the_step_moves_the_case() -> None:
    reached = view()
    reached.reached("closed")

    assert moved_between(view(), reached) == {CASE}


def test_a_submission_that_was_written_anew_has_moved() -> None:
    before, after = view(submissions=[RESPONDED]), view(submissions=[replace(RESPONDED, started="x")])

    assert moved_between(before, after) == {handed_in("respond"), latest("respond")}


def test_nothing_stands_from_another_instant() -> None:
    assert moved_between(view(), view(now=AT + timedelta(seconds=1))) is None


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """Compares everything that is taken over with what a view that takes nothing over works out."""
    seen: dict[str, int] = {}
    take_over = Scope._take_over

    def checked(self: Scope, before: Scope) -> None:
        take_over(self, before)
        names = self.names
        taken = names.worked_out(list(self.release.facts))
        fresh = Scope(Place(self.release, self.uow, self.calendar, self.now), self.document)
        fresh.names.instance, fresh.names.own_forms = names.instance, names.own_forms
        fresh.names.fixed["actor"] = names.fixed["actor"]
        for name, value in taken.items():
            assert fresh.fact(name) == value, f"{name} was taken over"
            seen[name] = seen.get(name, 0) + 1

    monkeypatch.setattr(Scope, "_take_over", checked)
    return seen


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_in_every_worked_case_what_is_taken_over_is_what_would_be_worked_out(
    compared: dict[str, int], tmp_path: Path, path: Path
) -> None:
    with scratch(f"sqlite:///{tmp_path}/played.sqlite3") as databases:
        for case in read_worked_cases(path.read_bytes(), path.name):
            played = check_case(case, CheckedContent.of(shipped()), databases)
            assert played.mismatches == []

    assert sum(compared.values()) > 0
