"""`jsjb release`: versions of the content."""

from __future__ import annotations

from pathlib import Path

import click


def register(group: click.Group) -> None:
    """Put the commands on the group."""
    group.add_command(release)


class ReleaseGroup(click.Group):
    """`jsjb release DIR` releases a folder; `list` and `export` are commands of their own."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands:
            return "folder", self.commands["folder"], args
        return super().resolve_command(ctx, args)


@click.group(cls=ReleaseGroup)
def release() -> None:
    """内容版本：release DIR 发布一个文件夹；release list；release export N DIR；release cancel N。"""


@release.command("folder", hidden=True)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--reason", required=True, help="发布理由。")
@click.option("--from", "effective_from", type=click.DateTime(), help="生效时间（北京时间）；缺省为即刻。")
@click.option("--label", help="版本名称，不得与已有的相同；缺省按版号和生效日编排。")
@click.option(
    "--anyway",
    is_flag=True,
    help="待生效的版本与这一版互相影响时也照此发布：它的改动会提前生效，或互相改回。",
)
def release_folder(
    folder: Path, reason: str, effective_from: object, label: str | None, anyway: bool
) -> None:
    """把含 bpmn/ 与 forms/ 的文件夹发布为新版本。"""
    from service.content import read_folder
    from service.ops.settings import Settings
    from service.ops.wiring import installed_house
    from service.rehearsal.case_file_format import beijing
    from service.usecases.release_content import Known, noticed_beside, release_content
    from timers.shown import show_at

    house, files = installed_house(Settings.from_environment()), read_folder(folder)
    since = beijing(effective_from) if effective_from else None
    noticed = noticed_beside(house, files, since)
    with house.store.begin(reading=True) as uow:
        highest = max((one.no for one in uow.releases()), default=0)
    row = release_content(
        house,
        files,
        by=None,
        reason=reason,
        effective_from=since,
        label=label,
        known=Known(planned=anyway),
    )
    if row.no <= highest:
        click.echo(f"内容与第 {row.no} 版完全相同，没有发布新版本；第 {row.no} 版的生效时间不变。")
        return
    click.echo(f"第 {row.no} 版 {row.label}，{show_at(row.effective_from)} 起生效，{row.hash[:12]}")
    for finding in noticed:
        click.echo(finding.as_line("提醒"), err=True)


@release.command("list")
def list_releases() -> None:
    """列出全部版本。"""
    from service.ops.settings import Settings
    from service.ops.wiring import installed_house
    from timers.shown import show_at

    with installed_house(Settings.from_environment()).store.begin(reading=True) as uow:
        for row in uow.releases():
            called_off = f"\t已撤销：{row.cancelled.reason}" if row.cancelled else ""
            click.echo(
                f"{row.no}\t{row.label}\t{show_at(row.effective_from)} 起"
                f"\t{row.hash[:12]}\t{row.by}\t{row.reason}{called_off}"
            )


@release.command("cancel")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="撤销理由。")
def cancel(number: int, reason: str) -> None:
    """撤销一个尚未生效的版本；已生效的、已有诉求件按它办理的不能撤销。"""
    from service.ops.settings import Settings
    from service.ops.wiring import installed_house
    from service.usecases.cancel_release import cancel_release

    row = cancel_release(installed_house(Settings.from_environment()), number, by=None, reason=reason)
    click.echo(f"第 {row.no} 版 {row.label} 已撤销，不会生效。")


@release.command("export")
@click.argument("number", type=int)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def export(number: int, folder: Path) -> None:
    """把一个版本写回文件夹；已有的文件不会被覆盖。"""
    from service.domain.errors import Invalid, Missing
    from service.ops.settings import Settings
    from service.ops.wiring import installed_house

    with installed_house(Settings.from_environment()).store.begin(reading=True) as uow:
        if number not in {row.no for row in uow.releases()}:
            raise Missing(f"没有第 {number} 版内容。", code="release.missing")
        files = uow.release_files(number)
    taken = [name for name in files if (folder / name).exists()]
    if taken:
        raise Invalid(
            f"{folder} 中已有 {taken[0]} 等 {len(taken)} 个文件；请换一个空文件夹。", code="export.taken"
        )
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    click.echo(f"第 {number} 版的 {len(files)} 个文件已写入 {folder}。")
