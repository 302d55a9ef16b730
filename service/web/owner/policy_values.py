"""The values of the policy register in words, and out of the fields in which they are entered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from service.content.policy import Entry, may_stand_in
from service.content.policy_differences import (
    NOT_SET,
    UNITS,
    duration_parts,
    duration_words,
    one_value,
    row_name,
)
from service.domain.names import NOTICE_NAMES
from service.domain.outside import BY_NAMES, NEVER_OUTSIDE
from service.domain.people import GRANTED_ROLES, ROLE_NAMES
from service.web import words
from service.web.forms.posted import half_width

ROW = "row."
_NUMBER = re.compile(r"\d{1,6}", re.ASCII)


def value_lines(entry: Entry, value: Any) -> list[str]:
    """A value as people read it, one line for each row of a table."""
    if value is None:
        return [NOT_SET]
    if entry.kind == "choice":
        return [entry.choices.get(value, str(value))]
    if entry.kind == "duration":
        return [duration_words(value)]
    if entry.kind == "durations" and isinstance(value, Mapping):
        return [f"{words.clock_name(key)} {duration_words(one)}" for key, one in value.items()] or [NOT_SET]
    if entry.kind == "roles" and isinstance(value, Mapping):
        return [f"{role(one)} → {role(other)}" for one, other in value.items()] or [NOT_SET]
    if entry.kind == "stand_ins" and isinstance(value, Mapping):
        return [f"{row_name(entry, one)}：{one_value(entry, others)}" for one, others in value.items()] or [
            NOT_SET
        ]
    if entry.kind == "channels" and isinstance(value, Mapping):
        return [f"{notice(one)}：{BY_NAMES.get(by, str(by))}" for one, by in value.items()] or [NOT_SET]
    return [f"每月 {value} 日" if entry.kind == "day" else str(value)]


def role(key: Any) -> str:
    return ROLE_NAMES.get(key, str(key))


def notice(key: str) -> str:
    return NOTICE_NAMES.get(key, key)


def notices_beside(entry: Entry) -> dict[str, str]:
    """The notices that may go beyond the pages: those that have a name, and what the table names beside them."""
    if entry.kind != "channels":
        return {}
    named = {**NOTICE_NAMES, **{key: notice(key) for key in entry.value or ()}}
    return {key: name for key, name in named.items() if key not in NEVER_OUTSIDE}


def fields_of(entry: Entry) -> dict[str, str]:
    """The value in the fields in which it is entered, by their names."""
    if entry.kind == "duration":
        return {f"value.{unit}": part for unit, part in duration_parts(entry.value).items()}
    if entry.kind == "durations" and isinstance(entry.value, Mapping):
        return {
            f"{ROW}{key}.{unit}": part
            for key, one in entry.value.items()
            for unit, part in duration_parts(one).items()
        }
    if entry.kind == "stand_ins" and isinstance(entry.value, Mapping):
        return {
            f"{ROW}{key}.{turn}": one
            for key, others in entry.value.items()
            for turn, one in enumerate(others, 1)
        }
    if entry.kind in ("roles", "channels") and isinstance(entry.value, Mapping):
        return {f"{ROW}{key}": str(other) for key, other in entry.value.items()}
    return {"value": "" if entry.value is None else str(entry.value)}


def value_of(entry: Entry, form: Mapping[str, str]) -> Any:
    """The value that was entered; what is no value of its kind is left for the check to refuse."""
    if entry.nullable and form.get("none") == "yes":
        return None
    if entry.kind in ("count", "day"):
        text = half_width(form.get("value", ""))
        return int(text) if _NUMBER.fullmatch(text) else text
    if entry.kind == "duration":
        return duration_of(form, "value")
    if entry.kind == "durations":
        return dict(duration_rows(form))
    if entry.kind == "channels":
        return {key: by for key in notices_beside(entry) if (by := form.get(f"{ROW}{key}"))}
    if entry.kind == "stand_ins":
        return {key: others for key in GRANTED_ROLES if (others := list(turns_of(form, key)))}
    if entry.kind == "roles":
        return {key: form[f"{ROW}{key}"] for key in ROLE_NAMES if form.get(f"{ROW}{key}")}
    return form.get("value", "")


def turns(key: str) -> range:
    """The turns in which somebody may stand in for the holders of a role: as many as may at all."""
    return range(1, len(may_stand_in(key)) + 1)


def turns_of(form: Mapping[str, str], key: str) -> Iterator[str]:
    """Who was chosen to stand in for a role, in turn; a turn left empty is none."""
    return (one for turn in turns(key) if (one := form.get(f"{ROW}{key}.{turn}")))


def duration_rows(form: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The rows that have a figure, in the order of the page; a row without one is left out."""
    keys = dict.fromkeys(
        name.removeprefix(ROW).rpartition(".")[0] for name in form if name.startswith(ROW) and "." in name[4:]
    )
    for key in keys:
        if any(form.get(f"{ROW}{key}.{unit}", "").strip() for unit, _ in UNITS):
            yield key, duration_of(form, f"{ROW}{key}")
    new = form.get("new_key", "")
    if new and new not in keys:
        yield new, duration_of(form, "new")


def duration_of(form: Mapping[str, str], name: str) -> str:
    """A duration out of its three fields, written as it was typed."""
    found = {unit: half_width(form.get(f"{name}.{unit}", "")) for unit, _ in UNITS}
    day = f"{found['D']}D" if found["D"] else ""
    time = "".join(f"{found[unit]}{unit}" for unit in ("H", "M") if found[unit])
    return f"P{day}{f'T{time}' if time else ''}"
