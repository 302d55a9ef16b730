"""`jsjb report`: the figures of Articles 12 and 13."""

from __future__ import annotations

import click


def register(group: click.Group) -> None:
    """Put the commands on the group."""
    group.add_command(report)


@click.group()
def report() -> None:
    """统计报表。"""


@report.command("monthly")
@click.option("--month", required=True, metavar="YYYY-MM", help="月份。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def monthly(month: str, as_json: bool) -> None:
    """第十二条、第十三条的月度数字。"""
    import json

    from service.ops.settings import Settings
    from service.ops.wiring import installed_house
    from service.usecases.monthly_report import monthly_report

    figures = monthly_report(installed_house(Settings.from_environment()), month).as_data()
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False))
        return
    for name, value in figures.items():
        click.echo(f"{LABELS[name]}：{value}")


LABELS = {
    "received": "接收件数",
    "by_type": "按诉求类型",
    "by_category": "按问题分类",
    "high_frequency": "高频共性问题",
    "on_time_by_department": "各部门按时（按时/已评）",
    "special_study": "专题研究",
    "returned": "退回件数",
    "repeated": "重复件数",
}
