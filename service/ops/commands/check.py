"""`jsjb check`: worked cases and deadline vectors against the content."""

from __future__ import annotations

from pathlib import Path

import click

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def register(group: click.Group) -> None:
    """Put the commands on the group."""
    group.add_command(check)


@click.group()
def check() -> None:
    """对照内容检验：办件情景、时限算例。"""


@check.command("scenarios")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--database", metavar="URL", help="在这个数据库服务器上另建临时库来检验；缺省用 SQLite。")
@click.option("--content", "content_dir", type=FOLDER, help="含 bpmn/ 与 forms/ 的文件夹；缺省为本项目。")
@click.option("--only", multiple=True, metavar="ID", help="只检验这些情景。")
@click.pass_context
def scenarios(
    ctx: click.Context,
    files: tuple[Path, ...],
    database: str | None,
    content_dir: Path | None,
    only: tuple[str, ...],
) -> None:
    """按内容演练办件情景，列出每一处不符。"""
    from service.content import read_folder
    from service.rehearsal.check_cases import Checked, check_files

    total = Checked()
    for played in check_files(files, read_folder(content_dir or project()), database=database, only=only):
        total.add(played)
        for finding in played.findings:
            click.echo(finding.as_line())
        for mismatch in played.mismatches:
            click.echo(mismatch.line())
        for unsaid in played.unsaid:
            click.echo(unsaid.line())
    click.echo(total.summary())
    ctx.exit(1 if total.wrong else 0)


@check.command("deadlines")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--database", metavar="URL", help="时限算例不用数据库；为与 scenarios 一致而接受。")
@click.option("--content", "content_dir", type=FOLDER, help="含 bpmn/ 与 forms/ 的文件夹；缺省为本项目。")
@click.pass_context
def deadlines(
    ctx: click.Context, files: tuple[Path, ...], database: str | None, content_dir: Path | None
) -> None:
    """按时限表核算每一个算例。"""
    from service.content import read_folder
    from service.rehearsal.check_deadlines import check_deadlines

    checked = check_deadlines(files, read_folder(content_dir or project()))
    for finding in checked.findings:
        click.echo(finding.as_line())
    for mismatch in checked.mismatches:
        click.echo(mismatch.line())
    click.echo(f"{checked.count} vectors, {checked.wrong} mismatches")
    ctx.exit(1 if checked.wrong else 0)


def project() -> Path:
    """Where the content of this installation lies."""
    from service.ops.settings import Settings

    return Settings.from_environment().content_dir
