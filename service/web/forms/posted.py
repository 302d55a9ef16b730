"""What a page posted, as the values that the content's check reads."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from werkzeug.datastructures import MultiDict

from service.content.fields import Field
from service.content.forms import Form
from service.web.forms.fields import PREFIX

TICKED = "y"
SEVERAL = frozenset({"checklist", "taglist", "filepicker"})
# the signs of a Chinese keyboard for the digits and signs of a number
HALF_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)}
NUMBER = re.compile(r"[+-]?\d{1,20}(\.\d{1,10})?", re.ASCII)


def values_of(form: Form, posted: MultiDict[str, str]) -> dict[str, Any]:
    """The values by their paths; a field the form does not know stays in, so that the check can refuse it."""
    values: dict[str, Any] = {}
    for field in form.fields:
        put(values, field.path, value_of(field, posted.getlist(PREFIX + field.name)))
    for name in posted:
        if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in form.by_name:
            values[name.removeprefix(PREFIX)] = posted[name]
    return values


def value_of(field: Field, sent: Sequence[str]) -> Any:
    """The value of one field out of what was sent under its name."""
    if field.type in SEVERAL:
        return [one for one in sent if one]
    if len(sent) > 1:
        return list(sent)  # which of them was meant nobody knows: the check says so
    text = sent[0] if sent else ""
    if field.type == "checkbox":
        return {"": False, TICKED: True}.get(text, text)
    if field.type == "number":
        return number_of(half_width(text))
    return text or None


def half_width(text: str) -> str:
    """A figure as it was meant, whatever the width of its signs: １２．５ is 12.5."""
    return text.translate(HALF_WIDTH).strip()


def number_of(text: str) -> int | Decimal | str | None:
    """A number that was typed; text that is none stays text, and the check says so."""
    if not text:
        return None
    if not NUMBER.fullmatch(text):
        return text
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    return int(value) if value == value.to_integral_value() else value


def put(values: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Put a value at a path, making the groups on the way."""
    for key in path[:-1]:
        values = values.setdefault(key, {})
    values[path[-1]] = value


def as_posted(form: Form, values: Mapping[str, Any]) -> MultiDict[str, str]:
    """Values as the page would post them: to show again what came in another way."""
    found: MultiDict[str, str] = MultiDict()
    for field in form.fields:
        value: Any = values
        for key in field.path:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is None or value is False:
            continue
        for one in value if isinstance(value, list) else [value]:
            found.add(PREFIX + field.name, TICKED if one is True else str(one))
    return found
