"""Figures as a spreadsheet. Every text is written as text: a name that begins with `=` stays a name."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence

from service.usecases.read_report import PeriodReport
from service.web.words import REQUEST_TYPES
from timers.periods import said

Cell = str | int


def as_spreadsheet(report: PeriodReport, name_of: Callable[[str | None], str]) -> bytes:
    """One sheet: what was received and how it went. The same figures give the same bytes of every cell."""
    import xlsxwriter  # noqa: PLC0415 - heavy, and needed only here

    made = io.BytesIO()
    book = xlsxwriter.Workbook(
        made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet("统计")
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 2, 16)
    for row, cells in enumerate(rows(report, name_of)):
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                sheet.write_number(row, column, cell)
            else:
                sheet.write_string(row, column, cell, bold if len(cells) == 1 else None)
    book.close()
    return made.getvalue()


def rows(report: PeriodReport, name_of: Callable[[str | None], str]) -> Iterable[Sequence[Cell]]:
    """The cells, row by row; a row of one cell is a heading."""
    figures = report.figures
    yield (f"{said(report.period)}　{name_of(report.department) if report.department else '全院'}",)
    yield "接收件数", figures.received
    yield "退回件数", figures.returned
    yield "重复件数", figures.repeated
    yield ("按诉求类型",)
    yield from ((REQUEST_TYPES.get(key, key), count) for key, count in figures.by_type.items())
    yield ("按诉求类别",)
    yield from figures.by_category.items()
    yield ("高频共性问题",)
    yield from figures.high_frequency.items()
    yield ("各部门按时（按时 / 已评）",)
    for key, part in figures.on_time_by_department.items():
        good, _, whole = part.partition("/")
        yield name_of(key), int(good), int(whole)
    yield ("专题研究",)
    yield from ((number, "") for number in figures.special_study)
