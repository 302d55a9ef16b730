"""`jsjb notices`: what was not yet sent when a backup was made."""

from __future__ import annotations

import click


def register(group: click.Group) -> None:
    """Put the command on the group."""
    group.add_command(notices)


@click.command()
@click.option("--send", "then", flag_value="send", help="都送出：备份之后没有送出过。")
@click.option("--drop", "then", flag_value="drop", help="都不送了：备份之后已经送出。系统内照常看得到。")
def notices(then: str | None) -> None:
    """恢复时暂缓的通知：备份时还没有发出的邮件和短信。不带选项只列出。

    它们多半在备份之后、故障之前已经送出，再送一次只会误导人。对照邮件服务器或短信网关的记录后，再决定送或不送。
    """
    from service.ops.first_start import store_of
    from service.ops.settings import Settings
    from service.ops.wiring import installed_house
    from service.store.held import drop_held, held, send_held
    from timers.shown import show_at

    house = installed_house(Settings.from_environment())
    store = store_of(house)
    try:
        if then == "send":
            click.echo(f"{send_held(store)} 条将由转发进程送出。")
        elif then == "drop":
            click.echo(f"{drop_held(store, house.clock.now())} 条不再送出。")
        else:
            found = held(store)
            for one in found:
                click.echo(f"{show_at(one.at)}\t{one.case_no or '—'}\t{one.kind}")
            click.echo(
                f"{len(found)} 条暂缓；--send 都送出，--drop 都不送。" if found else "没有暂缓的通知。"
            )
    finally:
        store.close()
