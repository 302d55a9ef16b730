"""`jsjb notices`: what is held where a backup was restored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from service.store.held import Held


def register(group: click.Group) -> None:
    """Put the command on the group."""
    group.add_command(notices)


@click.command()
@click.option("--send", is_flag=True, help="送出：备份之后没有送出过。")
@click.option("--drop", is_flag=True, help="不送了：备份之后已经送出。系统内照常看得到。")
@click.option("--kind", "name", metavar="类别", help="只对这一类，如“即将到期”；缺省是全部。")
def notices(send: bool, drop: bool, name: str | None) -> None:
    """恢复后暂缓的邮件和短信，分类列出条数和时间；不带 --send 或 --drop 只列出。

    两种：备份时还没有发出的；恢复以前就该发生、在恢复后补上的（届满的时限、到时自己开始的流程）。它们多半在备份之后、故障之前已经送出，再送一次只会
    误导人。对照邮件服务器或短信网关的记录后，逐类或一并决定送或不送。这里不列诉求件的编号：谁能看到，以系统内为准。
    """
    from service.ops.first_start import store_of
    from service.ops.settings import Settings
    from service.ops.wiring import installed_house
    from service.store.held import drop_held, held, send_held

    if send and drop:
        raise click.UsageError("--send 和 --drop 只能选一个：送出，还是不送。")
    house = installed_house(Settings.from_environment())
    store = store_of(house)
    try:
        found = held(store)
        kind = meant(name, {one.kind for one in found}) if name else None
        if send:
            click.echo(f"{send_held(store, kind)} 条将由转发进程送出。")
        elif drop:
            click.echo(f"{drop_held(store, house.clock.now(), kind)} 条不再送出。")
        else:
            for line in listed([one for one in found if kind in (None, one.kind)]):
                click.echo(line)
    finally:
        store.close()


def meant(name: str, kinds: set[str]) -> str:
    """The kind that goes by a name, or by its word in the policy. Raises: BadParameter where none of those is held."""
    from service.domain.names import NOTICE_NAMES

    for kind in kinds:
        if name in (kind, NOTICE_NAMES.get(kind)):
            return kind
    held = "、".join(sorted(NOTICE_NAMES.get(kind, kind) for kind in kinds)) or "一条也没有"
    raise click.BadParameter(f"没有暂缓的“{name}”；现在暂缓的是：{held}。", param_hint="--kind")


def listed(found: Sequence[Held]) -> list[str]:
    """A line for each kind, those told since the restore by themselves, and how many there are in all."""
    from service.domain.names import NOTICE_NAMES
    from timers.shown import show_at

    if not found:
        return ["没有暂缓的通知。"]
    lines = []
    for since, title in (
        (False, "备份时还没有发出的："),
        (True, "恢复后补上的（时限或开始的时刻在恢复以前）："),
    ):
        of_these = [one for one in found if one.since is since]
        lines += [title] if of_these else []
        for one in of_these:
            oldest, newest = show_at(one.oldest_at), show_at(one.newest_at)
            when = oldest if oldest == newest else f"{oldest} 至 {newest}"
            lines.append(f"  {NOTICE_NAMES.get(one.kind, one.kind)}\t{one.count} 条\t{when}")
    count = sum(one.count for one in found)
    return [*lines, f"共 {count} 条暂缓；--send 送出，--drop 不送，加 --kind 类别 只对一类。"]
