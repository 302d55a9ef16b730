"""Past cases replayed on a draft: each change is told at the cases it concerns, and nothing of the live database moves."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from service.content import read_folder
from service.domain.changes import LoadedCase
from service.domain.replayed import OTHERWISE, SAME, grouped
from service.domain.replays import last_month
from service.ops.cli import make_group
from service.ops.first_start import IN_FORCE_FROM
from service.rehearsal.case_file_format import beijing
from service.rehearsal.case_file_source import playable, read_worked_cases
from service.rehearsal.demo import replay as replay_demo
from service.rehearsal.demo import settle_organisation
from service.rehearsal.replaying.case_player import known_to
from service.rehearsal.replaying.live import Live
from service.rehearsal.replaying.replay import Replaying
from service.rehearsal.replaying.run import Told, replay_all
from service.store import SqlStore, open_store
from service.store.files import FolderKeep
from service.store.tables import metadata
from service.usecases.house import Catalogue, House
from service.usecases.release_content import release_content
from tests.databases import BOTH
from tests.every_case import every_case
from tests.usecases.content_changes import TABLE, Files, one_more_field
from tests.usecases.houses import PROJECT, shipped
from timers.calendar import shipped_calendar
from timers.clock import FixedClock

REVIEWING = "bpmn/reviewing.bpmn"
NOW = beijing("2024-05-22T12:00:00")
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
ALL_OF_IT = {"since": BEGINNING, "until": NOW}
FILES = read_folder(PROJECT)


def two_days(files: Files) -> dict[str, bytes]:
    """A row of the deadline table shortened: the double feedback is due after two natural days."""
    was = b'<outputEntry id="row_handling_feedback_amount">\n          <text>3</text>'
    assert files[TABLE].count(was) == 1
    return {TABLE: files[TABLE].replace(was, was.replace(b">3<", b">2<"))}


def a_rule_more(files: Files) -> dict[str, bytes]:
    """A rule added to a form: a review says at least something."""
    task = re.compile(rb'(<bpmn:userTask id="review"[^>]*>\s*<bpmn:extensionElements>)')
    rule = (
        '<jsjb:rule code="E_REVIEW_SAYS_MORE" article="A7-1" check="review.decision = &quot;never&quot;"'
        ' message="审核须写明意见。"/>'
    )
    rule = rule.replace("review.decision", "decision")
    changed, count = task.subn(lambda found: found[1] + rule.encode(), files[REVIEWING])
    assert count == 1
    return {REVIEWING: changed}


def another_branch(files: Files) -> dict[str, bytes]:
    """A branch changed: only an urgent case passes the review."""
    was = b'review.decision = "pass"</bpmn:conditionExpression>'
    assert files[REVIEWING].count(was) == 1
    now = b'review.decision = "pass" and dispatch.urgency = "urgent"</bpmn:conditionExpression>'
    return {REVIEWING: files[REVIEWING].replace(was, now)}


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo organisation with its cases in all stages."""

    house: House
    store: SqlStore
    url: str

    def on(self, change: Callable[[Files], dict[str, bytes]] | None = None) -> Replaying:
        """The shipped content as a draft, with a change."""
        files = {**FILES, **change(FILES)} if change else FILES
        return Replaying.on(Live(self.store, self.house.catalogue), files, self.house.calendar)

    def told(self, change: Callable[[Files], dict[str, bytes]] | None = None, **how: Any) -> Told:
        return replay_all(self.on(change), **{**ALL_OF_IT, "now": NOW, **how})

    def cases(self) -> dict[str, LoadedCase]:
        with self.store.begin(reading=True) as uow:
            return {one.case_no: uow.load(one.id) for one in every_case(uow)}

    def concerned(self, holds: Callable[[LoadedCase], bool]) -> set[str]:
        return {number for number, one in self.cases().items() if holds(one)}


@pytest.fixture(scope="module", params=BOTH)
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One for all tests that only look at it, which is what a replay does."""
    folder = tmp_path_factory.mktemp("demo")
    with ExitStack() as held:
        if request.param == "sqlite":
            url = f"sqlite:///{folder / 'jsjb.sqlite3'}"
            shutil.copy(request.getfixturevalue("sqlite_template"), folder / "jsjb.sqlite3")
        else:
            url = held.enter_context(request.getfixturevalue("postgres_server")().database())
        store = open_store(url, durable=False)
        held.callback(store.close)
        clock = FixedClock(BEGINNING)
        house = House(
            store=store,
            catalogue=Catalogue(store),
            clock=clock,
            calendar=shipped_calendar(),
            audit_key=b"k" * 32,
            files=FolderKeep(folder / "files"),
            new_id=iter_ids().__next__,
        )
        release_content(house, FILES, by=None, reason="初始内容", effective_from=IN_FORCE_FROM)
        settle_organisation(house, "demo-password-1")
        cases = [
            case
            for path in sorted((PROJECT / "bpmn" / "cases").glob("*.yaml"))
            for case in playable(read_worked_cases(path.read_bytes(), path.name))
        ]
        replay_demo(house, clock, cases, NOW)
        yield Demo(house, store, url)


def iter_ids() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"{number:032x}"


def otherwise(told: Told) -> set[str]:
    return {one["case_no"] for one in told.cases if one["outcome"] == OTHERWISE}


def everything(store: SqlStore) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    with store.reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


# -- nothing is told where nothing changed ----------------------------------------------------------------
def test_the_demo_replayed_on_its_release_goes_nowhere_otherwise_and_nothing_moves(demo: Demo) -> None:
    before = everything(demo.store)

    told = demo.told()

    assert [one for one in told.cases if one["outcome"] != SAME] == []
    assert len(told.cases) == len(demo.cases()) >= 17
    assert everything(demo.store) == before


# -- what a draft changes, at the cases it concerns ---------------------------------------------------------
def test_a_deadline_shortened_is_told_at_the_cases_in_which_it_ran(demo: Demo) -> None:
    told = demo.told(two_days)

    concerned = demo.concerned(lambda one: any(c.kind == "handling_feedback" for c in one.clocks))
    assert otherwise(told) == concerned
    assert len(concerned) >= 5
    first = [one["differences"][0] for one in told.cases if one["outcome"] == OTHERWISE]
    assert {(one["what"], one["element"]) for one in first} == {("due", "handling_feedback")}
    assert grouped(told.cases)[0].title == "时钟“双反馈”到期提前"
    assert all(one["was"] > one["now"] for one in first)
    assert all("3个自然日" in one["why_was"][1] and "2个自然日" in one["why_now"][1] for one in first)
    late = {one["case_no"] for one in told.cases if "双反馈" in one.get("ended_now", "")}
    assert late  # some of them would have been late


def test_a_rule_added_is_told_at_the_cases_in_which_the_form_was_handed_in(demo: Demo) -> None:
    told = demo.told(a_rule_more)

    concerned = demo.concerned(lambda one: any(s.form == "review" for s in one.submissions))
    assert otherwise(told) == concerned
    assert concerned
    first = [one["differences"][0] for one in told.cases if one["outcome"] == OTHERWISE]
    assert {(one["what"], one["element"], one["article"]) for one in first} == {
        ("refused", "review:E_REVIEW_SAYS_MORE", "A7-1")
    }
    assert grouped(told.cases)[0].title == "表单“审核”不能提交：审核须写明意见。"


def test_a_branch_changed_is_told_at_the_cases_that_took_it(demo: Demo) -> None:
    told = demo.told(another_branch)

    def passed(one: LoadedCase) -> bool:
        urgent = [s.values.get("urgency") for s in one.submissions if s.form == "dispatch"]
        reviewed = any(s.form == "review" and s.values["decision"] == "pass" for s in one.submissions)
        return reviewed and urgent[-1] != "urgent"

    assert otherwise(told) == demo.concerned(passed)
    assert otherwise(told)
    first = [one["differences"][0] for one in told.cases if one["outcome"] == OTHERWISE]
    assert {(one["what"], one["element"]) for one in first} == {("way", "review_passed")}


def test_a_field_that_must_be_filled_in_is_told_by_its_name_and_not_by_what_was_written(demo: Demo) -> None:
    told = demo.told(one_more_field)

    groups = grouped(told.cases)
    assert [one.title for one in groups] == ["表单“派单”不能提交：职责条款 必填而没有填"]
    dispatched = demo.concerned(lambda one: any(s.form == "dispatch" for s in one.submissions))
    assert otherwise(told) == dispatched


def test_what_was_written_in_a_field_that_is_gone_is_not_handed_in() -> None:
    form = shipped().forms["review"]

    assert known_to(form, {"decision": "pass", "gone": "x", "group": {"gone": 1}}) == {"decision": "pass"}


def test_more_than_may_be_at_once_are_the_latest_and_the_others_are_counted(demo: Demo) -> None:
    every = sorted(demo.cases().values(), key=lambda one: (one.case.received_at, one.case.id))

    told = demo.told(most=5)

    assert [one["case_no"] for one in told.cases] == [one.case.case_no for one in every[-5:]]
    assert told.left_out == len(every) - 5


def test_cases_count_by_when_they_were_received(demo: Demo) -> None:
    since = NOW - timedelta(days=7)

    told = demo.told(since=since)

    wanted = demo.concerned(lambda one: one.case.received_at >= since)
    assert {one["case_no"] for one in told.cases} == wanted
    assert 0 < len(wanted) < len(demo.cases())


def test_the_last_month_begins_with_its_first_day_in_beijing() -> None:
    assert last_month(beijing("2024-03-01T00:30:00")) == beijing("2024-02-01T00:00:00")
    assert last_month(beijing("2024-01-15T12:00:00")) == beijing("2023-12-01T00:00:00")


# -- the command --------------------------------------------------------------------------------------------
def test_the_command_ends_with_one_where_something_goes_otherwise(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JSJB_VAR", str(tmp_path / "var"))
    draft = tmp_path / "draft"
    for name, content in {**FILES, **two_days(FILES)}.items():
        (draft / name).parent.mkdir(parents=True, exist_ok=True)
        (draft / name).write_bytes(content)
    since = ["--since", "2024-01-01", "--database", demo.url]

    same = CliRunner().invoke(make_group(), ["replay", "--draft", str(PROJECT), *since])
    other = CliRunner().invoke(make_group(), ["replay", "--draft", str(draft), *since])
    as_json = CliRunner().invoke(make_group(), ["replay", "--draft", str(draft), *since, "--json"])

    count = len(demo.cases())
    assert (same.exit_code, same.stdout) == (0, f"{count} 件，{count} 件相同，0 件不同，0 件不能重演\n")
    assert other.exit_code == 1
    assert re.match(r"\d+ 件：时钟“双反馈”到期提前（handling_feedback）\n", other.stdout)
    assert "重演" in other.stderr
    assert as_json.exit_code == 1
    told = json.loads(as_json.stdout)
    assert told["groups"][0]["element"] == "handling_feedback"
    assert told["otherwise"] == len(told["groups"][0]["cases"])
