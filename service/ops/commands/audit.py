"""`jsjb audit`: whether what is recorded is what was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from service.ops.settings import Settings
    from service.usecases.house import House


def register(group: click.Group) -> None:
    """Put the commands on the group."""
    group.add_command(audit)


@click.group()
def audit() -> None:
    """审计链。"""


@audit.command("verify")
@click.option(
    "--anchor",
    "collected",
    multiple=True,
    metavar="NO:SEAL",
    help="日志里收走的锚定（audit_anchored 的 no 与 seal），对照锚定文件；可写多个。",
)
@click.pass_context
def verify(ctx: click.Context, collected: tuple[str, ...]) -> None:
    """逐件、逐人核对审计链，并对照锚定；有断开的列出并以 1 退出。"""
    from service.ops.anchoring import read_anchors
    from service.usecases.verify_audit import verify_audit
    from timers.clock import BEIJING

    with installed() as (house, settings):
        anchors = read_anchors(settings, house.audit_key, collected)
        found = verify_audit(house, anchors.heads)
    broken = [("锚定", message) for message in anchors.wrong] + found.broken
    for whose, message in broken:
        click.echo(f"{whose}: {message}")
    if anchors.last is None:
        click.echo("还没有锚定：截去审计链的末尾、删去整件，现在查不出来。")
    else:
        at = anchors.last.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
        click.echo(
            f"锚定到第 {anchors.last.no} 号（{at}）；其后 {found.open_end} 条记录若被截去，要到下次锚定后才查得出来。"
        )
    click.echo(f"{found.cases} cases, {found.people} people, {found.records} records, {len(broken)} broken")
    ctx.exit(1 if broken else 0)


@audit.command("anchor")
def anchor() -> None:
    """立即锚定全部审计链，例如在迁移、维修之前；平时由计时进程按时锚定。"""
    from service.ops.anchoring import Anchoring
    from service.ops.first_start import store_of

    with installed() as (house, settings):
        made = Anchoring(house, store_of(house), settings).anchor_all()
    if made is None:
        click.echo("还没有记录，不用锚定。")
        return
    click.echo(f"第 {made.no} 号，{len(made.heads)} 条链：{made.no}:{made.seal}")


@contextmanager
def installed() -> Iterator[tuple[House, Settings]]:
    """The house of this installation, its database let go of afterwards."""
    from service.ops.first_start import store_of
    from service.ops.settings import Settings
    from service.ops.wiring import installed_house

    settings = Settings.from_environment()
    house = installed_house(settings)
    try:
        yield house, settings
    finally:
        store_of(house).close()
