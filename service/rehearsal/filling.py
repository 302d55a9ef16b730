"""Fills a form for a worked case: what the step names is left alone, what is required beside it is filled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from service.content.fields import Field
from service.content.forms import Form
from service.content.reading import Evaluate
from timers.clock import BEIJING

Upload = Callable[[str], str]  # a file's name → the id of its upload
GIVEN_NAMES = {"caller": "caller_name", "contact": "caller_contact"}
PLAIN = "略"
ROUNDS = 4  # a filled value may make another field appear


def from_given(given: Mapping[str, Any], form: Form) -> dict[str, Any]:
    """The start form's values that the case itself gives."""
    renamed = {GIVEN_NAMES.get(key, key): value for key, value in given.items() if key != "case"}
    return {key: value for key, value in renamed.items() if any(f.path[0] == key for f in form.fields)}


def fill(
    form: Form,
    values: Mapping[str, Any],
    *,
    at: datetime,
    scope: Evaluate,
    upload: Upload,
    choices: Mapping[str, list[str]],
) -> dict[str, Any]:
    """The raw values of a submission: `values`, then defaults, then whatever else is required now.

    `true` for a text, a file or a group means: fill it validly.
    """
    filled = dict(values)
    wanted = set()
    for field in form.fields:
        if says_true(filled, field):
            wanted.add(field.path)
    for key in {path[0] for path in wanted}:
        if filled.get(key) is True:
            filled[key] = {} if any(len(f.path) > 1 and f.path[0] == key for f in form.fields) else None
    name_files(form, filled, upload)
    merge(filled, form.defaults(scope, filled), values)
    for _ in range(ROUNDS):
        before = repr(filled)
        for field in form.visible(filled, scope):
            is_named = present(values, field.path) and field.path not in wanted
            if (
                (field.required or field.path in wanted)
                and not is_named
                and reach(filled, field.path) is None
            ):
                put(filled, field.path, valid(field, at, upload, choices))
        if repr(filled) == before:
            break
    return filled


def says_true(values: Mapping[str, Any], field: Field) -> bool:
    """Whether `true` stands for this field, or for the group it lies in, and is not its own value."""
    if field.type == "checkbox" and len(field.path) == 1:
        return False
    return values.get(field.path[0]) is True


def name_files(form: Form, filled: dict[str, Any], upload: Upload) -> None:
    """File names stand for uploads."""
    for field in form.file_fields:
        named = reach(filled, field.path)
        if isinstance(named, str):
            put(filled, field.path, [upload(named)])
        elif isinstance(named, list):
            put(filled, field.path, [upload(str(one)) for one in named])


def valid(field: Field, at: datetime, upload: Upload, choices: Mapping[str, list[str]]) -> Any:
    """A valid value of a field: its first option, the step's instant, false, 1, 略, one small file."""
    options = [o.value for o in field.options] or list(choices.get(field.choices or "", []))
    match field.type:
        case "filepicker":
            return [upload(f"{field.key}.pdf")]
        case "datetime":
            return at.astimezone(BEIJING).date().isoformat() if field.date_only else at.isoformat()
        case "checkbox":
            return False
        case "number":
            return 1
        case "checklist" | "taglist":
            return options[:1]
        case "radio" | "select":
            return options[0] if options else None
    return PLAIN


def merge(filled: dict[str, Any], defaults: Mapping[str, Any], named: Mapping[str, Any]) -> None:
    """Take the defaults of what the step does not name."""
    for key, value in defaults.items():
        if key not in filled:
            filled[key] = value
        elif isinstance(value, Mapping) and isinstance(filled[key], dict):
            for inner, below in value.items():
                filled[key].setdefault(inner, below)


def present(values: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    """Whether the step names this field itself, be it as empty."""
    level: Any = values
    for key in path:
        if not isinstance(level, Mapping) or key not in level:
            return False
        level = level[key]
    return True


def reach(values: Any, path: tuple[str, ...]) -> Any:
    """The value at a path, None where it is not there."""
    for key in path:
        if not isinstance(values, Mapping):
            return None
        values = values.get(key)
    return values


def put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Set the value at a path."""
    for key in path[:-1]:
        below = values.get(key)
        if not isinstance(below, dict):
            below = values[key] = {}
        values = below
    values[path[-1]] = value
