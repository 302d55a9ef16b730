"""`jsjb audit`: whether what is recorded is what was recorded."""

from __future__ import annotations

import click


def register(group: click.Group) -> None:
    """Put the commands on the group."""
    group.add_command(audit)


@click.group()
def audit() -> None:
    """审计链。"""


@audit.command("verify")
@click.pass_context
def verify(ctx: click.Context) -> None:
    """逐件、逐人核对审计链；有断开的列出并以 1 退出。"""
    from service.ops.settings import Settings
    from service.ops.wiring import installed_house
    from service.usecases.verify_audit import verify_audit

    found = verify_audit(installed_house(Settings.from_environment()))
    for whose, message in found.broken:
        click.echo(f"{whose}: {message}")
    click.echo(
        f"{found.cases} cases, {found.people} people, {found.records} records, {len(found.broken)} broken"
    )
    ctx.exit(1 if found.broken else 0)
