"""`jsjb calendar`: the table of holidays, and what a changed one means for deadlines that run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from service.store.store import SqlStore

BATCH = 200


def register(group: click.Group) -> None:
    """Put the commands on the group."""
    group.add_command(calendar)


@click.group()
def calendar() -> None:
    """放假安排。"""


@calendar.command("recompute")
@click.option("--dry-run", is_flag=True, help="只列出会移动的时限：由何时到何时、因哪几天；不写入。")
@click.option("--even-late", is_flag=True, help="连移动后当即逾期的也移动；缺省只列出，不移动。")
@click.pass_context
def recompute(ctx: click.Context, dry_run: bool, even_late: bool) -> None:
    """放假安排改变后，逐件重算还在走的时限；办件人会收到通知，审计链记下新旧时限。

    新的安排随程序升级而来（timers/holidays/）。可反复运行，没有变动的不写入；办理照常进行。
    有当即逾期而没有移动的，或有一件算不出的，退出码为 1。
    """
    from service.domain.errors import JsjbError
    from service.ops.first_start import store_of
    from service.ops.settings import Settings
    from service.ops.wiring import installed_house
    from service.usecases.recompute_deadlines import recompute_deadlines

    house = installed_house(Settings.from_environment())
    store = store_of(house)
    looked_at = moved = left = failed = 0
    try:
        for case_id in every_open_case(store):
            looked_at += 1
            try:
                found = recompute_deadlines(house, case_id, apply=not dry_run, even_late=even_late)
            except JsjbError as error:  # one that cannot be worked out keeps none of the others waiting
                failed += 1
                click.echo(f"{case_id}：{error.message} [{error.code}]", err=True)
                continue
            if found is None:
                continue
            stays = found.late and not even_late
            moved, left = moved + (not stays), left + stays
            for clock in found.moved:
                why = "、".join(clock.because) or "放假安排改变"
                mark = "\t当即逾期，没有移动" if stays else ""
                click.echo(f"{found.case_no}\t{clock.name}\t{clock.was_due} → {clock.due}\t{why}{mark}")
    finally:
        store.close()
    said = "会移动" if dry_run else "已移动"
    click.echo(f"{looked_at} 件在办，{said} {moved} 件，当即逾期而未移动 {left} 件，算不出 {failed} 件。")
    ctx.exit(1 if left or failed else 0)


def every_open_case(store: SqlStore) -> Iterator[str]:
    """Each case in which something is under way, read in batches."""
    from service.store.reads.open_cases import open_cases

    last = ""
    while True:
        with store.reading() as connection:
            found = open_cases(connection, last, BATCH)
        if not found:
            return
        yield from found
        last = found[-1]
