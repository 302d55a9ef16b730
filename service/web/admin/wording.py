"""What administrators read for states, processes, events and ages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Flask

from service.domain.errors import Missing
from service.usecases.house import Release
from service.web import words
from service.web.naming import current
from service.web.show import remaining
from service.web.surroundings import house, now

INSTANCE_STATES: Mapping[str, str] = {
    "running": "运行中",
    "ended": "已结束",
    "cancelled": "已取消",
    "suspended": "已挂起",
}
STATE_COLOURS: Mapping[str, str] = {"running": "blue", "ended": "secondary", "cancelled": "secondary"}
TIMER_STATES: Mapping[str, str] = {
    "waiting": "等待",
    "claimed": "处理中",
    "fired": "已触发",
    "cancelled": "已取消",
    "parked": "已停放",
}
TIMER_COLOURS: Mapping[str, str] = {"waiting": "blue", "claimed": "azure", "parked": "red"}
PURPOSES: Mapping[str, str] = {"due": "到期", "remind": "提醒"}
RECORDS: Mapping[str, str] = {
    "submitted": "提交表单",
    "due_passed": "时限已过",
    "reminded": "到期提醒",
    "refused": "未获接受",
    "began": "到时自己开始",
    "recomputed": "时限重算",
    "claimed": "领取任务",
    "given_back": "放回任务",
}


def age(at: datetime) -> str:
    """How long ago something began."""
    return remaining((now() - at).total_seconds())


def release_of(no: int) -> Release | None:
    """The release a case is pinned to; None where its content cannot be read any more."""
    try:
        return house().catalogue.release(no)
    except Missing:
        return None


def process_name(key: str, release_no: int | None = None) -> str:
    """The name a process has in its release, else its id."""
    release = current() if release_no is None else release_of(release_no)
    found = release.definition.processes.get(key) if release else None
    return found.name if found and found.name else key


def element_name(node: str, release_no: int) -> str:
    """The label of an element in its release, else its id."""
    release = release_of(release_no)
    found = release.definition.elements.get(node) if release else None
    return " ".join(found.name.split()) if found and found.name else node


def record_lines(payload: Mapping[str, Any], release_no: int) -> list[str]:
    """What a record of the chain says of the process."""
    lines = []
    if payload.get("form"):
        lines.append(f"表单 {payload['form']}")
    if payload.get("code"):
        lines.append(f"代码 {payload['code']}")
    if payload.get("clock"):
        lines.append(f"时钟 {words.clock_name(payload['clock'])}")
    if payload.get("status"):
        lines.append("状态 " + "、".join(words.status_name(one) for one in payload["status"]))
    if payload.get("notices"):
        lines.append("通知 " + "、".join(words.NOTICES.get(one, one) for one in payload["notices"]))
    if payload.get("trail"):
        lines.append("经过 " + " → ".join(element_name(one, release_no) for one in payload["trail"]))
    return lines


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(age=age)
    app.jinja_env.globals.update(
        process_name=process_name,
        element_name=element_name,
        record_lines=record_lines,
        INSTANCE_STATES=INSTANCE_STATES,
        STATE_COLOURS=STATE_COLOURS,
        TIMER_STATES=TIMER_STATES,
        TIMER_COLOURS=TIMER_COLOURS,
        PURPOSES=PURPOSES,
        RECORDS=RECORDS,
    )
