"""What differs between two versions of the policy register, entry by entry; values told in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from service.content.diagram_differences import Change
from service.content.policy import STAND_IN_NAMES, Entry, read_policy
from service.domain.names import NOTICE_NAMES
from service.domain.outside import BY_NAMES

UNITS = (("D", "天"), ("H", "小时"), ("M", "分钟"))
PARTS: Mapping[str, str] = {
    "label": "名称",
    "kind": "种类",
    "choices": "可选的值",
    "nullable": "可以不设",
    "basis": "依据",
    "status": "状态",
    "owner": "由谁解释",
    "effective_from": "何时起用",
    "reason": "理由",
    "article": "条款",
}
NOT_SET = "（不设）"
_DURATION = re.compile(r"P(?:(?P<D>\d+)D)?(?:T(?:(?P<H>\d+)H)?(?:(?P<M>\d+)M)?)?", re.ASCII)


def compare(file: str, before: bytes, after: bytes) -> Iterator[Change]:
    """Every entry that differs, part by part. Raises: ContentInvalid for a register that cannot be read."""
    old, new = read_policy(file, before), read_policy(file, after)
    if old.label != new.label:
        yield Change("version", "口径登记册", "版本", old.label, new.label)
    for key, entry in old.entries.items():
        if key not in new.entries:
            yield Change(key, entry.label, "删除这一项", value_words(entry), None)
    for key, entry in new.entries.items():
        if key in old.entries:
            yield from parts(old.entries[key], entry)
        else:
            yield Change(key, entry.label, "新增这一项", None, value_words(entry))
    if list(old.entries) != list(new.entries) and set(old.entries) == set(new.entries):
        yield Change("", "口径的次序", "有变化", None, None)


def parts(old: Entry, new: Entry) -> Iterator[Change]:
    """What differs of one entry. Its default follows from its value, and is not told by itself."""
    if isinstance(old.value, Mapping) and isinstance(new.value, Mapping):
        for row in {**old.value, **new.value}:
            was, now = old.value.get(row), new.value.get(row)
            if was != now:
                yield Change(new.key, new.label, row_name(new, row), one_value(old, was), one_value(new, now))
    elif old.value != new.value:
        yield Change(new.key, new.label, "值", value_words(old), value_words(new))
    for name, label in PARTS.items():
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield Change(new.key, new.label, label, told(was), told(now))


def value_words(entry: Entry) -> str:
    """The value of an entry on one line."""
    if isinstance(entry.value, Mapping):
        return (
            "；".join(
                f"{row_name(entry, row)} {one_value(entry, value)}" for row, value in entry.value.items()
            )
            or NOT_SET
        )
    return one_value(entry, entry.value) or NOT_SET


def one_value(entry: Entry, value: Any) -> str | None:
    """One value, or one row of a table; None where there is none."""
    if value is None:
        return None
    if entry.kind == "choice":
        return entry.choices.get(value, str(value))
    if entry.kind == "channels":
        return BY_NAMES.get(value, str(value))
    if entry.kind == "stand_ins":
        return "，再".join(STAND_IN_NAMES.get(one, str(one)) for one in value) or NOT_SET
    return duration_words(value) if entry.kind in ("duration", "durations") else str(value)


def row_name(entry: Entry, row: str) -> str:
    """What a row of a table is called; the key of a clock or a role stays, as in the diagrams."""
    if entry.kind == "stand_ins":
        return STAND_IN_NAMES.get(row, row)
    return NOTICE_NAMES.get(row, row) if entry.kind == "channels" else row


def told(part: Any) -> str | None:
    """A part of an entry that is not its value."""
    if isinstance(part, Mapping):
        return "；".join(f"{key} {name}" for key, name in part.items())
    if isinstance(part, bool):
        return "是" if part else "否"
    return None if part is None else str(part)


def duration_words(value: Any) -> str:
    """PT24H → 24 小时; what is no duration stays as it is."""
    found = duration_parts(value)
    return " ".join(f"{found[unit]} {name}" for unit, name in UNITS if unit in found) or str(value)


def duration_parts(value: Any) -> dict[str, str]:
    """The figures of a duration as they are written; none where it is no duration."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    return {unit: part for unit, part in found.groupdict().items() if part} if found else {}
