"""`jsjb doctor`: say what is wrong with the set-up."""

from __future__ import annotations

import click

SIGNS = {"ok": "正常", "warning": "注意", "error": "有误"}


def register(group: click.Group) -> None:
    """Put the command on the group."""
    group.add_command(doctor)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def doctor(as_json: bool) -> None:
    """检查安装的每个部分，说明哪里不对、怎么办；有误时退出码为 1。"""
    import json
    from dataclasses import asdict

    from service.ops.doctor import WRONG, examine
    from service.ops.settings import Settings

    found = list(examine(Settings.from_environment()))
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=2))
    else:
        for one in found:
            click.echo(f"{SIGNS[one.state]}  {one.part}：{one.told}")
    if any(one.state == WRONG for one in found):
        raise click.exceptions.Exit(1)
