"""Downloads: asked for, made once by whoever comes last, given up, fetched by their owner alone, forgotten in time."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from service.domain.downloads import (
    CANCELLED,
    DOWNLOAD,
    FAILED,
    KEPT_FOR,
    MOST_TRIES,
    MOST_UNFINISHED,
    READY,
    WORKING,
    Download,
    Superseded,
    TooManyDownloads,
)
from service.domain.errors import JsjbError, Missing, Refused
from service.domain.people import Person
from service.ops.working import workshops
from service.store.files import DiskFull
from service.store.outbox import SqlOutbox
from service.store.reads.cases import Wanted
from service.store.store import SqlStore
from service.store.tables import download_case
from service.usecases.downloads import DownloadDesk, ask_anew, cancel_download, fetch_download
from service.usecases.hand_on import do_entry, make_next, making
from service.usecases.make_download import NOT_MADE, forget_downloads, make_download
from service.usecases.papers.make_paper import ask_package
from service.usecases.relay import AGAIN_AFTER
from service.web.case_sheet import COLUMNS, FIRST_ROW, ask_case_list
from service.web.made import desk_for
from tests.usecases.dying import Died, dying
from tests.usecases.houses import Played
from tests.usecases.installations import settings_at
from timers import faults

RESPONDED, REPORTED = 5, 16


@pytest.fixture
def case(play: Callable[..., Played]) -> Played:
    return play("S02").to(REPORTED)


@pytest.fixture
def desk(case: Played, store: SqlStore, tmp_path: Path) -> DownloadDesk:
    return desk_for(case.house, store, tmp_path / "made", 1)


@pytest.fixture
def office(case: Played) -> Person:
    return case.person("office_dispatcher")


def state(desk: DownloadDesk, download_id: str) -> Download:
    found = desk.rows.find(download_id)
    assert found is not None
    return found


def made_all(desk: DownloadDesk, store: SqlStore) -> list[tuple[str, Exception]]:
    """Make what waits, as the thread of the embedded service does; what went wrong."""
    told: list[tuple[str, Exception]] = []
    outbox = SqlOutbox(store)
    while make_next(
        outbox, making(desk), desk.house.clock.now, lambda e, error: told.append((e.key, error))
    ).done:
        pass
    return told


def test_a_package_is_made_once_and_fetched_by_its_owner(
    case: Played, desk: DownloadDesk, store: SqlStore, office: Person
) -> None:
    asked = ask_package(desk, case.case_id, office)

    waiting = state(desk, asked)
    told = made_all(desk, store)
    one, content = fetch_download(desk, office, asked)

    assert (waiting.is_unfinished, told, one.state) == (True, [], READY)
    assert one.done == one.total > 2
    with content, zipfile.ZipFile(content) as packed:
        assert "manifest.json" in packed.namelist()
    assert case.audit_kinds().count("exported") == 1
    assert SqlOutbox(store).waiting(["download"]) == []
    make_download(desk, asked)  # the queue hands an entry out again
    assert case.audit_kinds().count("exported") == 1


def test_what_is_missing_is_told_before_anything_is_made(
    play: Callable[..., Played], store: SqlStore, tmp_path: Path
) -> None:
    case = play("S02").to(RESPONDED)
    desk = desk_for(case.house, store, tmp_path / "made", 1)

    with pytest.raises(Refused, match="一支撑"):
        ask_package(desk, case.case_id, case.person("office_dispatcher"))

    assert desk.rows.of_person(case.person("office_dispatcher").id) == []


def test_a_worker_that_dies_leaves_the_work_to_the_next_and_changes_nothing_after(
    case: Played, desk: DownloadDesk, store: SqlStore, office: Person
) -> None:
    asked = ask_package(desk, case.case_id, office)
    with dying(faults.BEFORE_READY), pytest.raises(Died):
        made_all(desk, store)
    first = state(desk, asked)

    assert made_all(desk, store) == []  # the entry rests with the one that died, until it must be dead
    assert state(desk, asked).state == WORKING
    second = desk.rows.begin(asked)
    assert second is not None
    too_late(desk, first)
    case.world.clock.advance(AGAIN_AFTER)
    made_all(desk, store)
    too_late(desk, second)

    assert [(one.state, one.tries) for one in (first, second)] == [(WORKING, 1), (WORKING, 2)]
    assert (state(desk, asked).state, state(desk, asked).tries) == (READY, 3)


def test_what_kills_every_worker_is_given_up_and_told(
    case: Played, desk: DownloadDesk, store: SqlStore, office: Person
) -> None:
    asked = ask_package(desk, case.case_id, office)
    with dying(faults.AFTER_WRITE):
        for _ in range(MOST_TRIES):
            with pytest.raises(Died):
                made_all(desk, store)
            case.world.clock.advance(AGAIN_AFTER)

        assert made_all(desk, store) == []

    assert (state(desk, asked).state, state(desk, asked).problem) == (FAILED, NOT_MADE)
    assert SqlOutbox(store).waiting([DOWNLOAD]) == []


def too_late(desk: DownloadDesk, held: Download) -> None:
    """Whatever this try still says of its download changes nothing."""
    before = state(desk, held.id)
    for late in (
        lambda: desk.rows.move(held, 1, 2),
        lambda: desk.rows.ready(held, "other.zip", "0" * 64, 1, desk.house.clock.now()),
        lambda: desk.rows.failed(held, "no"),
    ):
        with pytest.raises(Superseded):
            late()
    assert state(desk, held.id) == before


def test_who_gives_one_up_gets_nothing_and_the_worker_stops(
    case: Played, desk: DownloadDesk, store: SqlStore, office: Person
) -> None:
    asked = ask_package(desk, case.case_id, office)

    assert cancel_download(desk, office, asked)
    assert not cancel_download(desk, office, asked)
    assert made_all(desk, store) == []

    assert state(desk, asked).state == CANCELLED
    with pytest.raises(Missing, match="重新制作"):
        fetch_download(desk, office, asked)
    assert case.audit_kinds().count("exported") == 0


def test_one_given_up_while_it_is_made_is_not_brought_back(
    case: Played, desk: DownloadDesk, office: Person
) -> None:
    asked = ask_package(desk, case.case_id, office)

    def give_up(here: str) -> None:
        if here == faults.BEFORE_READY:
            desk.rows.cancel(asked, office.id)

    faults.arm(give_up)
    try:
        make_download(desk, asked)
    finally:
        faults._armed.remove(give_up)

    assert state(desk, asked).state == CANCELLED


def test_nobody_else_fetches_or_gives_up_what_somebody_asked_for(
    case: Played, desk: DownloadDesk, store: SqlStore, office: Person
) -> None:
    asked = ask_package(desk, case.case_id, office)
    made_all(desk, store)

    for other in (case.person("office_director"), case.person("dept_handler", "dept_logistics")):
        with pytest.raises(Missing):
            fetch_download(desk, other, asked)
        with pytest.raises(Missing):
            cancel_download(desk, other, asked)


def test_who_may_not_have_it_any_more_does_not_fetch_it(
    case: Played, desk: DownloadDesk, store: SqlStore, office: Person
) -> None:
    package, cases = ask_package(desk, case.case_id, office), ask_case_list(desk, office, Wanted())
    made_all(desk, store)
    leader = case.person("leading_group")
    moved = replace(office, grants=leader.grants)  # the same person in another post

    for asked in (package, cases):
        with pytest.raises(Refused) as refused:
            fetch_download(desk, moved, asked)
        assert refused.value.code == "E_NOT_AUTHORIZED"


def test_a_list_is_not_fetched_once_its_owner_sees_less_of_a_case_than_it_tells(
    play: Callable[..., Played], store: SqlStore, tmp_path: Path
) -> None:
    case = play("S02").to(RESPONDED)
    desk = desk_for(case.house, store, tmp_path / "made", 1)
    handler = case.person("dept_handler", "dept_logistics")
    before = ask_case_list(desk, handler, Wanted())
    made_all(desk, store)
    fetch_download(desk, handler, before)[1].close()
    case.submit("record_contact", "dept_handler", channel="phone", result="reached", purpose="persuade")
    case.submit("classify", "dept_head", class_code=["c3"], secret_kind="privacy")

    with pytest.raises(Refused, match="有 1 件，您现在已看不到") as refused:
        fetch_download(desk, handler, before)
    anew = ask_anew(desk, handler, before)
    made_all(desk, store)

    assert refused.value.code == "E_NOT_AUTHORIZED"
    assert read(desk, handler, anew)[FIRST_ROW][1] == "（受限，不显示）"


def test_a_list_is_not_fetched_once_a_case_of_it_is_with_another_department(
    play: Callable[..., Played], store: SqlStore, tmp_path: Path
) -> None:
    case = play("S05").to(3)
    desk = desk_for(case.house, store, tmp_path / "made", 1)
    liaison = case.person("dept_liaison", "dept_training")
    before = ask_case_list(desk, liaison, Wanted())
    made_all(desk, store)
    fetch_download(desk, liaison, before)[1].close()
    case.to(4)
    fetch_download(desk, liaison, before)[1].close()
    case.to(5)

    with pytest.raises(Refused, match="已转给别的部门"):
        fetch_download(desk, liaison, before)


def test_the_list_of_cases_is_that_of_the_page_as_text(
    case: Played, desk: DownloadDesk, store: SqlStore, office: Person
) -> None:
    asked = ask_case_list(desk, office, Wanted(urgency="normal"))
    none = ask_case_list(desk, office, Wanted(query="没有这样的件"))
    urgent = ask_case_list(desk, office, Wanted(urgency="urgent"))
    made_all(desk, store)

    rows, empty = read(desk, office, asked), read(desk, office, none)

    assert office.name in rows[0][0]
    assert "共 1 件" in rows[0][0]
    assert rows[1][0] == "条件：一般"
    assert rows[FIRST_ROW - 1] == [name for name, _ in COLUMNS]
    assert rows[FIRST_ROW][0] == case.loaded().case.case_no
    assert rows[FIRST_ROW][6] == "后勤管理部门"
    assert (empty[1][0], len(empty)) == ("条件：查找“没有这样的件”", FIRST_ROW)
    assert len(read(desk, office, urgent)) == FIRST_ROW
    with case.house.store.begin(reading=True) as uow:
        _, records = uow.chain("person", office.id)
    assert [one.payload["rows"] for one in records if one.kind == "exported"] == [1, 0, 0]


def read(desk: DownloadDesk, person: Person, download_id: str) -> list[list[str]]:
    """The cells of a spreadsheet, none of which is a formula."""
    _, content = fetch_download(desk, person, download_id)
    with content:
        sheet = openpyxl.load_workbook(content).active
        assert sheet is not None
        cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert {cell.data_type for cell in cells} == {"s"}
        return [[str(cell.value) for cell in row if cell.value is not None] for row in sheet.iter_rows()]


class Failing:
    """Files that cannot be kept: a disk that is full, a fault of ours."""

    def __init__(self, desk: DownloadDesk, error: Exception) -> None:
        self._files = desk.files
        self.error = error

    def keep(self, *_: Any, **__: Any) -> Any:
        raise self.error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._files, name)


@pytest.mark.parametrize("error", [DiskFull(), RuntimeError("a fault of ours")])
def test_what_may_work_later_is_tried_again_and_then_told(
    case: Played, desk: DownloadDesk, store: SqlStore, office: Person, error: Exception
) -> None:
    asked = ask_package(desk, case.case_id, office)
    broken = replace(desk, files=Failing(desk, error))

    tries = []
    while state(desk, asked).is_unfinished:
        tries.append(made_all(broken, store)[0][1])
        case.world.clock.advance(timedelta(minutes=6))

    assert tries == [error] * MOST_TRIES
    assert (state(desk, asked).state, state(desk, asked).problem) == (FAILED, NOT_MADE)
    assert made_all(broken, store) == []
    assert SqlOutbox(store).waiting(["download"]) == []


def test_what_is_refused_is_told_at_once(
    case: Played, desk: DownloadDesk, store: SqlStore, office: Person
) -> None:
    asked = ask_package(desk, case.case_id, office)

    class Closed:
        def make(self, *_: Any) -> None:
            raise Missing("没有找到这个诉求件。")

    made_all(replace(desk, kinds={"package": Closed()}), store)

    assert (state(desk, asked).state, state(desk, asked).problem) == (FAILED, "没有找到这个诉求件。")


def test_nobody_keeps_all_workers_busy(desk: DownloadDesk, store: SqlStore, office: Person) -> None:
    for _ in range(MOST_UNFINISHED):
        ask_case_list(desk, office, Wanted())

    with pytest.raises(TooManyDownloads):
        ask_case_list(desk, office, Wanted())

    made_all(desk, store)
    assert ask_case_list(desk, office, Wanted())


def test_downloads_are_forgotten_in_time_with_their_files(
    case: Played, desk: DownloadDesk, store: SqlStore, office: Person, tmp_path: Path
) -> None:
    asked = ask_case_list(desk, office, Wanted())
    made_all(desk, store)
    forget_downloads(desk)
    fetch_download(desk, office, asked)[1].close()

    case.world.clock.advance(KEPT_FOR * 1.01)
    with pytest.raises(JsjbError, match="已过保存期"):
        fetch_download(desk, office, asked)
    files = [path for path in (tmp_path / "made").rglob("*") if path.is_file()]
    assert len(files) == 1
    long_ago = files[0].stat().st_mtime - (KEPT_FOR + timedelta(days=2)).total_seconds()
    os.utime(files[0], (long_ago, long_ago))
    forget_downloads(desk)

    assert desk.rows.find(asked) is None
    with store.reading() as connection:
        assert connection.execute(select(download_case)).all() == []
    assert not files[0].exists()


def test_a_worker_of_an_installation_makes_them(
    desk: DownloadDesk, store: SqlStore, office: Person, database_url: str, tmp_path: Path
) -> None:
    settings = settings_at(tmp_path / "var", database_url, desk.house.audit_key)
    asked = ask_case_list(desk, office, Wanted())
    workshop = workshops(settings)()

    (entry,) = SqlOutbox(store).waiting([DOWNLOAD])
    assert do_entry(workshop.outbox, workshop.doers, entry.id, workshop.now)
    workshop.outbox._store.close()  # type: ignore[attr-defined]

    assert state(desk, asked).state == READY
    assert len([path for path in settings.downloads_dir.rglob("*") if path.is_file()]) == 1
