"""The list of cases as a spreadsheet: every row that its page would show, page by page, with who had it made."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from service.domain.downloads import Download, ToldOf
from service.domain.errors import Refused
from service.domain.people import Person
from service.store.reads.cases import CaseRow, Wanted, count_cases, list_cases
from service.store.reads.listed_cases import cases_out_of_sight
from service.store.store import SqlStore
from service.usecases.access import weigh_looks
from service.usecases.audit_record import append_without_case
from service.usecases.downloads import DownloadDesk, Made, Move, ask_download
from service.usecases.house import House
from service.usecases.papers.gather import in_beijing
from service.web import words
from timers.deadlines import show_due

CASE_LIST = "cases"  # the kind of its downloads
MOST_ROWS = 20_000
AT_ONCE = 500
IN_MEMORY_BYTES = 8 * 1024 * 1024
COLUMNS = (
    ("编号", 18),
    ("标题", 40),
    ("标记", 16),
    ("状态", 12),
    ("缓急", 8),
    ("诉求类型", 10),
    ("承办部门", 18),
    ("接收", 17),
    ("最近截止", 17),
    ("办结", 17),
    ("结果", 24),
)
FIRST_ROW = 3  # under who had it made, what was asked for, and the names of the columns


def ask_case_list(desk: DownloadDesk, person: Person, wanted: Wanted) -> str:
    """Have the list made for this person to fetch; returns the id of the download. Raises: TooManyDownloads."""
    asked = asdict(replace(wanted, after=None)) | {"grants": grants_of(person)}
    return ask_download(desk, person, CASE_LIST, "诉求件清单", asked)


def grants_of(person: Person) -> list[list[str | None]]:
    """What decides which cases they see, so that nobody fetches what they could see in an earlier post."""
    return sorted([[one.role, one.department] for one in person.grants], key=str)


def require_same_posts(person: Person, wanted: Mapping[str, Any]) -> None:
    """Whether they still have the posts in which they asked. Article: A15-6. Raises: Refused E_NOT_AUTHORIZED."""
    if wanted["grants"] != grants_of(person):
        raise Refused("E_NOT_AUTHORIZED", "导出之后您的岗位有变动，请重新制作。", article="A15-6")


def asked_for(wanted: Mapping[str, Any]) -> Wanted:
    """The filters that were set."""
    return Wanted(**{key: value for key, value in wanted.items() if key not in ("grants", "after")})


@dataclass(frozen=True, slots=True)
class CaseListDownload:
    """Implements `service.usecases.downloads.Kind`: the list of cases, as one person sees it."""

    store: SqlStore

    def require(self, house: House, person: Person, one: Download) -> None:
        """Whether they still have the posts in which they asked, and see of each case what the list tells of it.

        Article: A8-3, A15-6. Raises: Refused E_NOT_AUTHORIZED.
        """
        require_same_posts(person, one.wanted)
        with self.store.reading() as connection:
            lost = cases_out_of_sight(connection, person, one.id)
        if lost:
            raise Refused(
                "E_NOT_AUTHORIZED",
                f"这份清单里有 {lost} 件，您现在已看不到清单上写的内容（如已转给别的部门，或已设为受限），不能再下载。"
                "请重新制作一份。",
                article="A15-6",
            )

    def ask_anew(self, desk: DownloadDesk, person: Person, wanted: Mapping[str, Any]) -> str:
        """With the same filters, as they see the cases now. Raises: TooManyDownloads."""
        return ask_case_list(desk, person, asked_for(wanted))

    def make(self, house: House, person: Person, wanted: Mapping[str, Any], move: Move) -> Made:
        """Make it, and put that on record in the chain of this person. Article: A15-6. Raises: Refused E_NOT_AUTHORIZED."""
        require_same_posts(person, wanted)
        asked = asked_for(wanted)
        now = house.clock.now()
        content: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115  handed on open
        try:
            told = self._write(content, person, asked, now, move)
            content.seek(0)
            on_record = {"what": CASE_LIST, "rows": len(told), "sha256": sha256_of(content)}
            append_without_case(house, person.id, "exported", on_record)
            if told:
                weigh_looks(house, told[0].case_id, person, "exported")
        except BaseException:
            content.close()
            raise
        content.seek(0)
        return Made(f"诉求件清单-{in_beijing(now)[:10]}.xlsx", content, told)

    def _write(
        self, into: IO[bytes], person: Person, asked: Wanted, now: datetime, move: Move
    ) -> list[ToldOf]:
        """Write the spreadsheet: text cells, never formulas. Returns what it tells of each case, in the order of its rows."""
        import xlsxwriter  # noqa: PLC0415 - heavy, and needed only here

        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        book = xlsxwriter.Workbook(into, options)
        sheet, bold = book.add_worksheet("诉求件"), book.add_format({"bold": True})
        for column, (_, width) in enumerate(COLUMNS):
            sheet.set_column(column, column, width)
        with self.store.begin(reading=True) as unit:
            total = count_cases(unit.transaction.connection, person, asked, now)
            names = {one.key: one.name for one in unit.roster().departments.values()}
        listed = min(total, MOST_ROWS)
        cut = (
            f"，这里只有{'最早' if asked.oldest_first else '最近'}接收的 {MOST_ROWS} 件"
            if total > MOST_ROWS
            else ""
        )
        made_for = (
            f"诉求件清单　{person.name} 于 {in_beijing(now)} 导出，共 {total} 件{cut}。仅供本人办理工作使用。"
        )
        sheet.write_string(0, 0, made_for, bold)
        sheet.write_string(1, 0, f"条件：{conditions_said(asked, names)}")
        for column, (name, _) in enumerate(COLUMNS):
            sheet.write_string(FIRST_ROW - 1, column, name, bold)
        told: list[ToldOf] = []
        for rows in self._pages(person, asked, now):
            for row in rows[: MOST_ROWS - len(told)]:
                for column, cell in enumerate(cells_of(row, names)):
                    sheet.write_string(FIRST_ROW + len(told), column, cell)
                told.append(ToldOf(row.id, row.title is not None, bool(row.marks)))
            move(min(len(told), listed), max(len(told), listed))
            if len(told) >= MOST_ROWS:
                break
        sheet.freeze_panes(FIRST_ROW, 1)
        book.close()
        return told

    def _pages(self, person: Person, asked: Wanted, now: datetime) -> Iterator[Sequence[CaseRow]]:
        """The list, page by page, each read in a moment of its own: a long list holds up nobody."""
        after = asked.after
        while True:
            with self.store.reading() as connection:
                page = list_cases(connection, person, replace(asked, after=after), now, AT_ONCE)
            yield page.rows
            after = page.next
            if after is None:
                return


def cells_of(row: CaseRow, names: Mapping[str, str]) -> tuple[str, ...]:
    """The cells of a row, in the words of the page."""
    ended = row.ending
    return (
        row.case_no,
        row.title or "（受限，不显示）",
        "、".join(row.marks),
        words.STATUSES.get(row.status, row.status) if row.status else "已办结" if row.closed_at else "进行中",
        words.URGENCIES.get(row.urgency or "", row.urgency or ""),
        words.REQUEST_TYPES.get(row.request_type or "", row.request_type or ""),
        names.get(row.lead_department or "", row.lead_department or ""),
        in_beijing(row.received_at),
        show_due(row.next_due) if row.next_due and not row.closed_at else "",
        in_beijing(row.closed_at) if row.closed_at else "",
        " ".join(part for part in (ended.how, in_beijing(ended.at) if ended.at else "") if part)
        if ended
        else "",
    )


def conditions_said(asked: Wanted, names: Mapping[str, str]) -> str:
    """What was asked for, in words."""
    said = (
        f"查找“{asked.query}”" if asked.query else "",
        words.STATUSES.get(asked.status, asked.status),
        words.URGENCIES.get(asked.urgency, asked.urgency),
        names.get(asked.department, asked.department),
        "只看在办" if asked.open_only else "",
        "只看逾期" if asked.overdue else "",
    )
    return "、".join(part for part in said if part) or "全部"


def sha256_of(content: IO[bytes]) -> str:
    return hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]  # a spooled file is one
