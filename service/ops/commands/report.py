"""`jsjb report`: the figures of Articles 12 and 13."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from service.domain.roster import Department
    from service.usecases.house import House


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
    from service.web.words import REQUEST_TYPES

    house = installed_house(Settings.from_environment())
    figures = monthly_report(house, month).as_data()
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False))
        return
    names = {**REQUEST_TYPES, **{one.key: one.name for one in departments_of(house)}}
    for name, value in figures.items():
        click.echo(f"{LABELS[name]}：{told(value, names)}")


def departments_of(house: House) -> Iterable[Department]:
    """The departments of the institute."""
    with house.store.begin(reading=True) as uow:
        return uow.roster().departments.values()


def told(value: Any, names: Mapping[str, str]) -> str:
    """A figure as people read it: counts under the names of types and departments, none as a word."""
    if isinstance(value, dict):
        parts = [f"{names.get(key, key)} {count}" for key, count in value.items()]
        return "、".join(parts) or "无"
    if isinstance(value, list):
        return "、".join(map(str, value)) or "无"
    return str(value)


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
