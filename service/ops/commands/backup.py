"""`jsjb backup` and `jsjb restore`: what was recorded outlives the machine."""

from __future__ import annotations

from pathlib import Path

import click


def register(group: click.Group) -> None:
    """Put the commands on the group."""
    group.add_command(backup)
    group.add_command(restore)


@click.command()
@click.argument("target", type=click.Path(file_okay=False, path_type=Path))
@click.pass_context
def backup(ctx: click.Context, target: Path) -> None:
    """把数据库和附件备份到文件夹 TARGET；办理照常进行，可反复备份到同一处，附件只存一份。

    密钥不在其中：谁同时拿到备份和审计密钥，就能改写记录再重新封印。请把 keys/audit.key 另存一处。
    PostgreSQL 须有 pg_dump。有附件缺失或损坏时照样备份，逐个列出，退出码为 1。
    """
    from service.ops.backup import make_backup
    from service.ops.settings import Settings

    _, lacking = make_backup(Settings.from_environment(), target, click.echo)
    for sha256 in lacking:
        click.echo(f"附件 {sha256} 缺失或损坏，没有备份。", err=True)
    ctx.exit(1 if lacking else 0)


@click.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.pass_context
def restore(ctx: click.Context, source: Path) -> None:
    """从 SOURCE（一份备份，或存放备份的文件夹，取其中最新的）恢复到一处空的安装，并逐项核对。

    先停下各进程，把另行保管的 audit.key 放进密钥文件夹。停机期间到时的计时在服务启动后补触发，并记为停机；所有人须
    重新登录；备份时还没有发出的邮件、短信，以及恢复以前届满的时限补发的，先暂缓，由 jsjb notices 决定送或不送。中途断了，原样
    再运行一次，会从头做完；没有做完以前，各进程都不启动。核对有不符时列出，退出码为 1。
    """
    from service.ops.restore import restore as bring_back
    from service.ops.settings import Settings

    settings = Settings.from_environment()
    wrong = bring_back(settings, source, click.echo)
    for line in wrong:
        click.echo(line, err=True)
    if not wrong:
        click.echo("已恢复，全部相符。运行 jsjb doctor 检查其余部分，再启动服务。")
    if not settings.is_embedded:
        click.echo("备份里没有授权：各进程若以另一个角色运行，请以表的所有者再执行 jsjb grants 列出的语句。")
    ctx.exit(1 if wrong else 0)
