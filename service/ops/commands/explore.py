"""`jsjb explore`: what can happen in the processes, and what is wrong with them."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from timers.clock import steady_s

if TYPE_CHECKING:
    from service.rehearsal.exploring.explore import Exploration
    from service.rehearsal.exploring.found import Explored

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
EVERY_S = 0.5  # between two lines of progress
AFRESH = "\r\x1b[K"  # to the beginning of the line, which is emptied


def register(group: click.Group) -> None:
    """Put the commands on the group."""
    group.add_command(explore)


@click.command()
@click.argument("processes", nargs=-1, metavar="[PROCESS…|all]")
@click.option(
    "--states", "most", type=click.IntRange(min=1), help="最多从多少个状态往下走；缺省足以走遍本项目的流程。"
)
@click.option("--quick", is_flag=True, help="只走到每种状况各出现一次为止；没走到的不作结论。")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 列出。")
@click.option(
    "--content", "content_dir", type=FOLDER, help="含 bpmn/ 与 forms/ 的文件夹；缺省为本项目的内容。"
)
@click.pass_context
def explore(
    ctx: click.Context,
    processes: tuple[str, ...],
    most: int | None,
    quick: bool,
    as_json: bool,
    content_dir: Path | None,
) -> None:
    """搜索流程能走到的状态：死路、没有人能办的任务、没有时限的等待，以及永远走不到的分支、拒绝、通知和结束。

    PROCESS 是流程的编号；不写或写 all，则逐个搜索全部流程。阶段和被启动的流程经由调用、启动它的流程来搜索。
    每一步都由真正的办理功能在虚拟时钟下走出来。有发现时退出码为 1，进度写在标准错误里。
    """
    from service.content import load, read_folder
    from service.ops.settings import Settings
    from service.rehearsal.exploring.explore import explore_all

    content = load(read_folder(content_dir or Settings.from_environment().content_dir))
    told, progress = 0, Progress(sys.stderr.isatty())
    all_found: list[Explored] = []
    for explored in explore_all(content, processes, most=most, quick=quick, progress=progress):
        progress.clear()
        all_found.append(explored)
        told += len(explored.found)
        if not as_json:
            tell(explored)
    states, steps = sum(e.states for e in all_found), sum(e.steps for e in all_found)
    if as_json:
        click.echo(json.dumps(as_data(all_found), ensure_ascii=False, indent=2))
    else:
        click.echo(f"合计：看到 {states} 个状态，办了 {steps} 步，发现 {told} 个问题")
    ctx.exit(1 if told else 0)


def tell(explored: Explored) -> None:
    """What one search saw and found, as people read it."""
    click.echo(explored.line())
    for number, one in enumerate(explored.found, 1):
        first, *more = one.lines()
        click.echo(f"  {number}. {first}")
        for line in more:
            click.echo(f"   {line}")
    for note in explored.notes:
        click.echo(f"  说明：{note.text}")


def as_data(all_found: Sequence[Explored]) -> dict[str, object]:
    """The same as JSON."""
    return {
        "explored": [explored.as_data() for explored in all_found],
        "findings": [one.as_data() for explored in all_found for one in explored.found],
        "states": sum(explored.states for explored in all_found),
        "steps": sum(explored.steps for explored in all_found),
    }


@dataclass(slots=True)
class Progress:
    """Says on standard error how far a search is, in one line that is written over, where somebody watches."""

    wanted: bool
    began_s: float = field(default_factory=steady_s)
    said_s: float = 0.0

    def __call__(self, exploration: Exploration) -> None:
        """Say it, unless it was said just now."""
        now_s = steady_s()
        if not self.wanted or now_s - self.said_s < EVERY_S:
            return
        self.said_s = now_s
        search, process = exploration.search, exploration.definition.processes[exploration.root]
        took = f"已用 {now_s - self.began_s:.0f} 秒"
        seen = f"看到 {search.novelty.seen} 个状态，办了 {search.steps} 步，待走 {len(search.waiting)}"
        click.echo(f"{AFRESH}正在搜索“{process.name or process.id}”：{seen}；{took}", err=True, nl=False)

    def clear(self) -> None:
        """Take the line away before a result is written."""
        if self.wanted:
            click.echo(AFRESH, err=True, nl=False)
