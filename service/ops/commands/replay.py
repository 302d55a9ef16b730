"""`jsjb replay`: past cases replayed on a draft, and where it goes otherwise with them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from timers.clock import steady_s

if TYPE_CHECKING:
    from service.rehearsal.replaying.run import Told

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
EVERY_S = 0.5  # between two lines of progress
AFRESH = "\r\x1b[K"  # to the beginning of the line, which is emptied
NAMED = 10  # numbers of cases on a line


def register(group: click.Group) -> None:
    """Put the commands on the group."""
    group.add_command(replay)


@click.command()
@click.option(
    "--draft", "folder", type=FOLDER, required=True, help="含 bpmn/ 与 forms/ 的文件夹：要试的内容。"
)
@click.option("--since", type=click.DateTime(), help="从这一刻起收到的诉求件（北京时间）；缺省为上个月一日。")
@click.option("--until", type=click.DateTime(), help="到这一刻前收到的；缺省为现在。")
@click.option("--most", type=click.IntRange(min=1), help="最多多少件，取最近收到的；缺省 2000。")
@click.option("--database", metavar="URL", help="诉求件所在的数据库；缺省为本机配置的。只读，不写。")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 列出。")
@click.pass_context
def replay(
    ctx: click.Context,
    *,
    folder: Path,
    since: datetime | None,
    until: datetime | None,
    most: int | None,
    database: str | None,
    as_json: bool,
) -> None:
    """用过去的诉求件重演一份内容：当时怎样办的，就在它上面原样再办一遍，列出哪里会不同。

    每件按当时的时刻、人员、填写的内容和附件重演，时钟到点就走；不写数据库，不发通知。受限的诉求件和学院纪委
    自己的监督件不参加。有不同时退出码为 1，进度写在标准错误里。

    这里比网页上说得多：全院的诉求件都参加，提示语、收件人和时限的算法照原样列出，其中可能有草稿的表达式由诉求内容
    算出来的文字。内容若是别人写的，结果只供系统管理员自己看，不要转给编写的人；流程管理员自己可在草稿的页面上重演，
    那里只有本人有权看全部内容的诉求件；设置 JSJB_REPLAYS_COUNT_OTHERS=1 后其余的也参加，只计件数。
    """
    from service.content import read_folder
    from service.domain.replays import MOST_CASES, last_month
    from service.ops.settings import Settings
    from service.ops.wiring import require_set_up
    from service.rehearsal.case_file_format import beijing
    from service.rehearsal.replaying.live import Live
    from service.rehearsal.replaying.replay import Replaying
    from service.rehearsal.replaying.run import replay_all
    from service.store.store import open_store
    from service.usecases.house import Catalogue
    from timers.calendar import shipped_calendar
    from timers.clock import SystemClock

    settings = Settings.from_environment()
    settings = replace(settings, database_url=database) if database else settings
    require_set_up(settings)
    store, now = open_store(settings.database_url), SystemClock().now()
    replaying = Replaying.on(Live(store, Catalogue(store)), read_folder(folder), shipped_calendar())
    progress = Progress(sys.stderr.isatty())
    told = replay_all(
        replaying,
        beijing(since) if since else last_month(now),
        beijing(until) if until else now,
        now,
        most=most or MOST_CASES,
        move=progress.tell,
    )
    progress.end()
    store.close()
    if as_json:
        click.echo(json.dumps(told.as_data(), ensure_ascii=False, indent=2))
    else:
        for line in lines(told):
            click.echo(line)
    ctx.exit(1 if told.otherwise else 0)


def lines(told: Told) -> Iterator[str]:
    """What a replay tells, the difference of most cases first."""
    from service.domain.replayed import SAME, UNPLAYABLE, grouped, reasons
    from service.rehearsal.replaying.run import numbers

    for group in grouped(told.cases):
        yield f"{group.count} 件：{group.title}（{group.element}）"
        for place, one in enumerate(group.cases):
            yield from case_lines(one, explained=place == 0)
    for reason, cases in reasons(told.cases):
        shown = "、".join(numbers(cases)[:NAMED])
        yield f"{len(cases)} 件不能重演：{reason}：{shown}{'……' if len(cases) > NAMED else ''}"
    if told.left_out:
        yield f"另有 {told.left_out} 件没有重演：一次最多 {len(told.cases)} 件，取最近收到的；可用 --until 分段。"
    yield (
        f"{len(told.cases)} 件，{told.count(SAME)} 件相同，{told.otherwise} 件不同，"
        f"{told.count(UNPLAYABLE)} 件不能重演"
    )


def case_lines(one: Any, *, explained: bool) -> Iterator[str]:
    """One case: the first place where it goes otherwise, and how it ends; the arithmetic where it is wanted."""
    from timers.shown import show_at

    first = one["differences"][0]
    at = show_at(datetime.fromisoformat(first["at"]))
    yield f"  {one['case_no']} {at} {first['doing']}：原来 {first['was']}，现在 {first['now']}"
    for name, why in (("原来", first["why_was"]), ("现在", first["why_now"])):
        if why and explained:
            yield f"    {name}怎么算：{'；'.join(why)}"
    if one["ended_was"] != one["ended_now"]:
        yield f"    结果：原来 {one['ended_was']}；现在 {one['ended_now']}"
    for said in one["unsure"]:
        yield f"    不能确知：{said}"


@dataclass(slots=True)
class Progress:
    """How far it is, on standard error: on one line where somebody watches, now and then elsewhere."""

    is_watched: bool
    _told_s: float = 0.0
    _written: bool = False

    def tell(self, done: int, total: int) -> None:
        """So many of so many."""
        now_s = steady_s()
        if done < total and now_s - self._told_s < (EVERY_S if self.is_watched else 20 * EVERY_S):
            return
        self._told_s = now_s
        self._written = True
        line = f"重演 {done}/{total}"
        click.echo(f"{AFRESH}{line}" if self.is_watched else line, err=True, nl=not self.is_watched)

    def end(self) -> None:
        """The line is no longer needed."""
        if self.is_watched and self._written:
            click.echo(AFRESH, err=True, nl=False)
