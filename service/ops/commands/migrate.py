"""`jsjb migrate`: the schema for a new version, while the old one still runs."""

from __future__ import annotations

import click


def register(group: click.Group) -> None:
    """Put the command on the group."""
    group.add_command(migrate)


@click.command()
@click.option("--pre", "phase", flag_value="pre", help="做旧版程序也能用的部分；随后逐个换上新版程序。")
@click.option("--post", "phase", flag_value="post", help="旧版程序都停了以后，做余下的部分。")
def migrate(phase: str | None) -> None:
    """不停机升级表结构；不带选项只列出还没有做的。单机升级用 jsjb init，一次做完。"""
    from service.ops.settings import Settings
    from service.ops.wiring import NotSetUp
    from service.store.migrate import EMPTY, POST, PRE, pending, prepare, standing
    from service.store.migrate import migrate as finish
    from service.store.store import open_store

    settings = Settings.from_environment()
    if settings.database_file is not None and not settings.database_file.exists():
        raise NotSetUp
    store = open_store(settings.database_url)
    try:
        if standing(store.engine) == EMPTY:
            raise NotSetUp
        if phase == PRE:
            prepare(store.engine)
        elif phase == POST:
            finish(store.engine)
        waiting = pending(store.engine)
    finally:
        store.close()
    for revision, kind in waiting:
        click.echo(f"{revision}\t{kind}")
    if not waiting:
        click.echo("表结构是最新的。")
    elif waiting[0][1] == PRE:
        click.echo("请运行 jsjb migrate --pre，再逐个换上新版程序。")
    else:
        click.echo("旧版程序都停了以后，请运行 jsjb migrate --post。")
