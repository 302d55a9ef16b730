"""`jsjb people`: the organisation, from a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import click


def register(group: click.Group) -> None:
    """Put the commands on the group."""
    group.add_command(people)


@click.group()
def people() -> None:
    """部门和人员。"""


@people.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只说明会有哪些变动，不写入。")
@click.pass_context
def import_file(ctx: click.Context, file: Path, dry_run: bool) -> None:
    """从电子表格（xlsx 或 csv）导入部门和人员，一人一岗一行。

    列：账号、姓名、岗位，部门岗位另加部门代号；新部门在“部门”列写明名称；新人可写口令；另可写职务、代理（是或否）、
    任期起、任期止。有一行不对就都不导入。
    已有的人保留口令，姓名、岗位以名单为准；不在名单上的人不动。
    """
    from service.domain.errors import FormInvalid
    from service.ops.settings import Settings
    from service.ops.wiring import installed_house
    from service.usecases.organisation.import_people import import_people

    house = installed_house(Settings.from_environment())
    try:
        taken = import_people(house, file.read_bytes(), apply=not dry_run)
    except FormInvalid as wrong:
        for one in wrong.fields:
            click.echo(f"{file}: {one.message}", err=True)
        click.echo("名单有误，没有导入。", err=True)
        ctx.exit(1)
    for label, names in taken.counted:
        click.echo(f"{label} {len(names)}：{'、'.join(names[:20])}{'…' if len(names) > 20 else ''}")
    for seat in taken.left_empty:
        click.echo(f"注意：{seat}。", err=True)
    if dry_run:
        click.echo("这是预演，没有写入。")
