"""The differences of a worked case in the words of people: what a rehearsal compares has names of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from flask import Flask

from service.web import words
from timers.clock import BEIJING
from timers.deadlines import show_due

PARTS: Mapping[str, str] = {
    "clock": "时钟",
    "notice": "通知",
    "due": "到期",
    "start": "起点",
    "state": "状态",
    "status": "案件状态",
    "error": "答复代码",
    "ok": "是否办成",
    "fact": "事实",
    "message": "答复",
    "base_due": "延期前到期",
    "n": "延期天数",
    "handling_due": "双反馈到期",
}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\+\d\d:\d\d)?")


def step_words(what: str) -> str:
    """What differs: `clock handling_feedback due` → 时钟 双反馈 到期."""
    return " ".join(
        PARTS.get(part) or words.CLOCKS.get(part) or words.NOTICES.get(part) or part for part in what.split()
    )


def step_value(value: str) -> str:
    """A value on one of the two sides; instants as everywhere in Beijing time, ends of days as 24:00."""
    known = words.CLOCK_STATES.get(value) or words.STATUSES.get(value)
    if known:
        return known
    if value in ("True", "False"):
        return "是" if value == "True" else "否"
    return "（没有）" if value == "[]" else _INSTANT.sub(lambda found: in_beijing(found[0]), value)


def in_beijing(text: str) -> str:
    instant = datetime.fromisoformat(text)
    return show_due(instant if instant.tzinfo else instant.replace(tzinfo=BEIJING))


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(step_words=step_words, step_value=step_value)
