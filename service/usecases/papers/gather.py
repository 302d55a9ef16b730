"""What stands on a paper: each row's value as people read it, masked where the reader may not see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from service.content.fields import Field
from service.content.papers import DUE, Paper, Row
from service.domain.permissions import Sight, mask
from service.domain.roster import Directory
from service.usecases.case_work import CaseWork
from service.usecases.scope import Scope
from timers.clock import BEIJING
from timers.deadlines import show_due


@dataclass(frozen=True, slots=True)
class Reader:
    """Who the paper is for: what they may see, and the names of people and departments."""

    sight: Sight
    directory: Directory


def rows_of(paper: Paper, work: CaseWork, reader: Reader) -> list[dict[str, Any]]:
    """The rows of a paper for one reader: label, kind, and either a text or entries with their time."""
    scope = work.scope()
    found = []
    for row in paper.rows:
        value = form_value(row, work, scope, reader) if row.form_field else told(row, scope)
        at = scope.value(row.at, f"文书“{row.label}”一行") if row.at else None
        found.append(
            {
                "label": row.label,
                "kind": row.kind,
                "text": value if isinstance(value, str) else "",
                "entries": value if isinstance(value, list) else [],
                "at": in_beijing(at) if isinstance(at, datetime) else "",
            }
        )
    return found


def told(row: Row, scope: Scope) -> str | list[dict[str, str]]:
    """The value of a row's expression."""
    return shown(scope.value(row.value, f"文书“{row.label}”一行") if row.value else None, row.kind)


def form_value(row: Row, work: CaseWork, scope: Scope, reader: Reader) -> str | list[dict[str, str]]:
    """A row's expression, or else the latest value of a form's field, as that field shows it or masked."""
    form, _, path = (row.form_field or "").partition(".")
    field = work.release.content.forms[form].by_name[path]
    value = scope.value(row.value, f"文书“{row.label}”一行") if row.value else latest(form, field, work)
    if field.masked and not field.withheld and value is not None and not reader.sight.contact:
        return mask(str(value))
    return named(field, value, row.kind, reader.directory)


def latest(form: str, field: Field, work: CaseWork) -> Any:
    """What was last entered in a field since the present dispatch, or before there was any."""
    present = (0, work.case.dispatch_no)
    of_form = (s for s in reversed(work.submissions) if s.form == form and s.dispatch_no in present)
    submission = next(of_form, None)
    value: Any = submission.values if submission else None
    for key in field.path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def named(field: Field, value: Any, kind: str, directory: Directory) -> str | list[dict[str, str]]:
    """A value under the names of the options, departments and people it stands for; files with their hash."""
    if isinstance(value, (list, tuple)):
        if field.type == "filepicker":
            return [{"at": "", "text": f"{one['name']}　SHA-256 {one['sha256']}"} for one in value]
        return "、".join(str(named(field, one, kind, directory)) for one in value)
    if value is None or isinstance(value, (bool, datetime, date)):
        return shown(value, kind)
    text = str(value)
    if field.choices == "departments":
        known = directory.departments.get(text)
        return known.name if known else text
    if field.choices == "people":
        person = directory.people.get(text)
        return person.name if person else text
    return field.labels().get(text, text)


def shown(value: Any, kind: str) -> str | list[dict[str, str]]:
    """A value of FEEL as people read it: instants in Beijing, ends of days as 24:00."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return show_due(value) if kind == DUE else in_beijing(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [entry(one) for one in value if one is not None]
    return str(value)


def entry(one: Any) -> dict[str, str]:
    """One of several: a text, or a text with the instant at which it happened."""
    if not isinstance(one, Mapping):
        return {"at": "", "text": str(one)}
    at, text = one.get("at"), one.get("text")
    return {
        "at": in_beijing(at) if isinstance(at, datetime) else "",
        "text": "" if text is None else str(text),
    }


def in_beijing(at: datetime) -> str:
    """An instant at which something happened, to the minute."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
