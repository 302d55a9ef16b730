"""What a view of a case takes over from the one before is what it would have worked out itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from service.domain.case import CaseFile, Instance, Submission
from service.domain.clocks import ClockRecord
from service.domain.document import CaseDocument, Names
from service.domain.ports import UnitOfWork
from service.feel import compile
from service.rehearsal.case_file_source import read_worked_cases
from service.rehearsal.check_cases import CheckedContent, check_case
from service.store.columns import to_json
from service.store.scratch import scratch
from service.usecases import case_change
from service.usecases.case_work import CaseWork
from service.usecases.clock_book import ClockBook, Running, ScopeOf
from service.usecases.house import Release
from service.usecases.readings import (
    ACTIVITY,
    ACTOR,
    ANYTHING,
    ATTEMPT,
    CASE,
    CLOCKS,
    NOW,
    OUTSIDE,
    RELATED,
    Moved,
    Readings,
    handed_in,
    latest,
    moved_between,
    moved_since,
    of_case,
    stands,
)
from service.usecases.scope import Place, Scope
from tests.usecases.houses import PROJECT, shipped
from tests.web.office import shipped_release
from timers.calendar import shipped_calendar

FILES = sorted((PROJECT / "bpmn" / "cases").glob("*.yaml"))
NOTHING_WAITS = ("periodic", "periods")  # for a time that is no deadline


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
        ("case.status", {of_case("status")}),
        ("case.status = null and case != null", {CASE, of_case("status")}),
        ("[{at: 1}][at = case.about]", {of_case("about")}),
        ("actor.person", {ACTOR}),
        ("[{at: 1}][at = review.at]", {handed_in("review"), latest("review")}),
        ("hours(1)", {ACTIVITY}),
        ('due("dispatch", respond.at)', {ACTIVITY, handed_in("respond"), latest("respond")}),
        ("daily(policy.time)", {ACTIVITY}),
        ("hidden(1)", {ANYTHING}),
        ("now + policy.review", {NOW}),
        ("today()", {NOW}),
        ('on_duty("dept_hr", "dept_head")', {OUTSIDE}),
        ('related_files("risk_report", true)', {RELATED}),
        ("is_restricted(case.about)", {OUTSIDE, of_case("about")}),
        ("month_of(review.at, -1)", {handed_in("review"), latest("review")}),
    ],
)
def test_what_a_fact_reads_is_told_by_its_text(text: str, reads: set[str]) -> None:
    assert readings_of(fact=text).reads["fact"] == reads


@pytest.mark.parametrize(
    "asked, reads",
    [
        ("is_restricted(named)", RELATED),
        ("is_restricted(outer)", RELATED),
        ("is_restricted(dispatch.about)", RELATED),  # as the column says it
        ("is_restricted(dispatch.other)", OUTSIDE),
        ('some d in all("dispatch") satisfies is_restricted(d.about)', OUTSIDE),
        ("is_restricted(named) or is_restricted(case.about)", OUTSIDE),
        ("is_restricted(case_no: named)", OUTSIDE),
    ],
)
def test_a_question_about_the_case_that_the_column_names_stands_until_that_case_moves_it(
    asked: str, reads: str
) -> None:
    facts = {"asked": asked, "named": "dispatch.about", "outer": "named"}
    compiled = {name: compile(text) for name, text in facts.items()}
    readings = Readings(compiled, {"dispatch"}, compile("named"))

    assert readings.reads["asked"] & {RELATED, OUTSIDE} == {reads}


def test_a_fact_reads_what_the_facts_it_names_read() -> None:
    readings = readings_of(outer="inner > 1", inner='count(all("respond"))', other="now")

    assert readings.reads["outer"] == {handed_in("respond")}
    assert readings.standing(frozenset({handed_in("respond")})) == {"other"}
    assert readings.standing(frozenset({handed_in("dispatch"), CLOCKS})) == {"outer", "inner", "other"}


def test_facts_that_need_each_other_are_never_taken_over() -> None:
    readings = readings_of(a="b", b="a")

    assert readings.standing(frozenset()) == frozenset()


def test_a_fact_that_is_another_for_each_activity_is_worked_out_each_time() -> None:
    readings = readings_of(own="natural_days(3)", outer="own", other='count(all("respond"))')
    facts = Counted()

    names = view(facts=facts, passing=readings.of_activity)

    assert [names[name] for name in ("own", "outer", "other") * 2] == [1, 2, 3, 4, 5, 3]


class Counted(set[str]):
    """Facts of which each look is another value."""

    def __init__(self) -> None:
        super().__init__({"own", "outer", "other"})
        self.looks = 0

    def value(self, name: str, names: Names) -> int:
        self.looks += 1
        return self.looks


def test_a_due_time_that_a_fact_takes_from_the_table_is_never_taken_to_stand() -> None:
    shown = shipped_release()
    facts = {**shown.content.facts, "beyond_at": 'due("return_window", dispatch.at)'}
    content = replace(shown.content, named=replace(shown.content.named, facts=facts))

    release = Release(shown.row, content, shown.definition)

    assert ANYTHING in release.due_reads("beyond_at", None)
    assert ANYTHING not in release.due_reads('due("return_window", dispatch.at)', None)


def test_two_activities_that_wait_by_one_fact_wait_each_from_its_own_beginning() -> None:
    shown = shipped_release()
    facts = {**shown.content.facts, "three_days": "natural_days(3)"}
    content = replace(shown.content, named=replace(shown.content.named, facts=facts))
    release = Release(shown.row, content, shown.definition)
    document = CaseDocument(CASE_FILE, [], [], content.policy.values, "v1")
    scope = Scope(Place(release, cast("UnitOfWork", None), shipped_calendar(), AT), document)

    first = scope.due("three_days", AT, "first")
    second = scope.due("three_days", AT + timedelta(days=2), "second")

    assert first is not None
    assert second is not None
    assert second.at - first.at == timedelta(days=2)


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
        CaseDocument(case, submissions, clocks, POLICY, "v1"),
        now=now,
        forms=frozenset(),
        **{"facts": Counted(), **how},
    )


@pytest.mark.parametrize(
    "after, moved",
    [
        (view(), set()),
        (view(submissions=[RESPONDED]), {handed_in("respond"), latest("respond")}),
        (view(clocks=[CLOCK]), {CLOCKS}),
        (view(case=replace(CASE_FILE, dispatch_no=1)), {ATTEMPT, CASE, of_case("dispatch_no")}),
        (view(case=replace(CASE_FILE, restricted=True)), {CASE, of_case("restricted")}),
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

    assert moved_between(view(), reached) == {CASE, of_case("status")}


def test_a_submission_that_was_written_anew_has_moved() -> None:
    before, after = view(submissions=[RESPONDED]), view(submissions=[replace(RESPONDED, started="x")])

    assert moved_between(before, after) == {handed_in("respond"), latest("respond")}


def test_nothing_stands_from_another_instant() -> None:
    assert moved_between(view(), view(now=AT + timedelta(seconds=1))) is None


def test_what_another_command_may_have_moved_never_stands_from_the_last_one() -> None:
    document = CaseDocument(CASE_FILE, [], [], POLICY, "v1")
    moved = moved_since(document, document)

    assert not any(stands(frozenset({read}), moved) for read in (NOW, OUTSIDE, ACTOR, ACTIVITY, ANYTHING))
    assert stands(frozenset({CASE, CLOCKS, ATTEMPT, handed_in("respond")}), moved)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Compares everything that is taken over with what would be worked out without taking anything over."""
    seen: Counter[str] = Counter()
    compare_facts(monkeypatch, seen)
    compare_columns(monkeypatch, seen)
    compare_heads(monkeypatch, seen)
    compare_due_times(monkeypatch, seen)
    return seen


def compare_facts(monkeypatch: pytest.MonkeyPatch, seen: Counter[str]) -> None:
    take_over = Scope._take_over

    def checked(self: Scope, before: Scope) -> None:
        take_over(self, before)
        names = self.names
        taken = names.worked_out(list(self.release.facts))
        place = Place(self.release, self.uow, self.calendar, self.now, self.elsewhere)
        fresh = Scope(place, self.document)
        fresh.names.instance, fresh.names.own_forms = names.instance, names.own_forms
        fresh.names["actor"] = names["actor"]
        for name, value in taken.items():
            assert fresh.fact(name) == value, f"{name} was taken over"
            seen["facts"] += 1

    monkeypatch.setattr(Scope, "_take_over", checked)


def fresh_scope(work: CaseWork) -> Scope:
    return Scope(Place(work.release, work.uow, work.house.calendar, work.now), work.document)


def compare_columns(monkeypatch: pytest.MonkeyPatch, seen: Counter[str]) -> None:
    columns_after = case_change.columns_after

    def checked(work: CaseWork) -> dict[str, Any]:
        given, fresh = columns_after(work), fresh_scope(work)
        for name in work.release.columns:
            assert to_json(given[name]) == to_json(fresh.column(name)), f"column {name} was kept"
            seen["columns kept"] += given[name] is work.case.columns.get(name, given)
        return given

    monkeypatch.setattr(case_change, "columns_after", checked)


def compare_heads(monkeypatch: pytest.MonkeyPatch, seen: Counter[str]) -> None:
    take_facts = CaseWork.take_facts

    def checked(self: CaseWork) -> None:
        before, known = self.case, self._facts_of
        take_facts(self)
        if known is None or known is not self._facts_of:
            return
        seen["heads kept"] += 1
        self._facts_of = None
        take_facts(self)
        self._facts_of = known
        assert self.case == before

    monkeypatch.setattr(CaseWork, "take_facts", checked)


def compare_due_times(monkeypatch: pytest.MonkeyPatch, seen: Counter[str]) -> None:
    recompute = ClockBook.recompute

    def checked(
        self: ClockBook, running: Running, scope_of: ScopeOf, seq: int, now: datetime, moved: Moved | None
    ) -> None:
        kept = [t.id for _, timers in running for t in timers if moved and self._stands(t, moved)]
        recompute(self, running, scope_of, seq, now, moved)
        clocks, plain = list(self.clocks), dict(self.plain_due)
        for instance, timers in running:
            scope = scope_of(instance)
            for timer in timers:
                self._one(instance, timer, scope, seq, now)
                seen["due times"] += timer.id in kept and timer.clock is not None
                seen["instants"] += timer.id in kept and timer.clock is None
        assert self.clocks == clocks
        assert self.plain_due == plain

    monkeypatch.setattr(ClockBook, "recompute", checked)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_in_every_worked_case_what_is_taken_over_is_what_would_be_worked_out(
    compared: Counter[str], tmp_path: Path, path: Path
) -> None:
    with scratch(f"sqlite:///{tmp_path}/played.sqlite3") as databases:
        for case in read_worked_cases(path.read_bytes(), path.name):
            played = check_case(case, CheckedContent.of(shipped()), databases)
            assert played.mismatches == []

    assert min(compared[what] for what in ("facts", "columns kept", "heads kept", "due times")) > 0
    assert compared["instants"] > 0 or path.stem in NOTHING_WAITS
