"""The differences of a worked case in the words of people: what a rehearsal compares has names of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from flask import Flask

from service.domain.people import ROLE_NAMES
from service.web import words
from timers.clock import BEIJING
from timers.deadlines import show_due

PARTS: Mapping[str, str] = {
    "clock": "时钟",
    "kind": "种类",
    "to": "发给",
    "dept": "部门",
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


_WORD = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


def step_words(what: str) -> str:
    """What differs: `clock handling_feedback due` → 时钟 双反馈 到期."""
    return _WORD.sub(lambda found: word(found[0]), what)


def step_value(value: str) -> str:
    """A value on one of the two sides; instants as everywhere in Beijing time, ends of days as 24:00."""
    return _WORD.sub(lambda found: word(found[0]), _INSTANT.sub(lambda found: in_beijing(found[0]), value))


def word(key: str) -> str:
    """What people call a key of clocks, notices, states or roles; the key itself where it has no other name."""
    named = (PARTS, words.CLOCKS, words.NOTICES, words.CLOCK_STATES, words.STATUSES, ROLE_NAMES)
    return next((names[key] for names in named if key in names), key)


def in_beijing(text: str) -> str:
    instant = datetime.fromisoformat(text)
    return show_due(instant if instant.tzinfo else instant.replace(tzinfo=BEIJING))


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(step_words=step_words, step_value=step_value)
