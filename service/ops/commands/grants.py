"""`jsjb grants`: the rights of the role under which the parts run."""

from __future__ import annotations

import click


def register(group: click.Group) -> None:
    """Put the command on the group."""
    group.add_command(grants)


@click.command()
@click.argument("role")
def grants(role: str) -> None:
    """列出 PostgreSQL 上给运行角色 ROLE 的授权语句：审计、提交、内容版本只能增加，不能改、不能删。

    表归另一个角色所有（以它运行 jsjb init、migrate、restore，并以它执行这些语句，每次升级或恢复后再执行一次）；
    网页、计时、转发、作业进程用 ROLE 连接。例：jsjb grants jsjb_web | psql …
    """
    from service.store.grants import grants as statements

    for statement in statements(role):
        click.echo(statement)
