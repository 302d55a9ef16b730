"""What the browser needs to follow a form's conditions as the server does: the expressions, and what they see of the case."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from service.content.fields import Field
from service.content.forms import Form
from service.content.reading import Evaluate
from service.feel import Expression, compile

# The one function of the house that has the name of a built-in one, which the browser would take for it.
SHADOWED = re.compile(r"\ball\s*\(")
# Written in place of a condition that the browser cannot answer: the server asks it again in any case.
ALWAYS = "true"
NEVER = "false"


def seen_by_conditions(form: Form, scope: Evaluate) -> dict[str, Any]:
    """The parts of the case document that the conditions of a form name, and nothing else of the case."""
    own = {field.path[0] for field in form.fields}
    seen: dict[str, Any] = {}
    for text in sorted({text for field in form.fields for text in field.hides}):
        for path in sorted(compile(text).paths):
            if path[0] not in own:
                put(seen, path, plain(hollow(scope(".".join(path), {}))))
    return seen


def hollow(value: Any) -> Any:
    """A whole submission or record, or a list of such, tells only that it is there: what stands in it is not for all."""
    if isinstance(value, Mapping):
        return {}
    return [hollow(one) for one in value] if isinstance(value, list | tuple) else value


def put(seen: dict[str, Any], path: Iterable[str], value: Any) -> None:
    *groups, last = path
    for key in groups:
        inner = seen.get(key)
        if not isinstance(inner, dict):
            inner = seen[key] = {}
        seen = inner
    if not isinstance(seen.get(last), dict):
        seen[last] = value


def for_browser(field: Field, form: Form, scope: Evaluate) -> str:
    """The conditions of one field as JSON: as they stand, or already answered where they need the server's functions."""
    return json.dumps([answered(text, form, scope) for text in field.hides], ensure_ascii=False)


def answered(text: str, form: Form, scope: Evaluate) -> str:
    """A condition the browser can evaluate; one that calls functions of the house is answered here."""
    expression: Expression = compile(text)
    if not expression.calls and not SHADOWED.search(text):
        return text
    if expression.names & {field.path[0] for field in form.fields}:
        return NEVER  # depends on both: shown, and left to the server
    return ALWAYS if scope(text, {}) is True else NEVER


def plain(value: Any) -> Any:
    """A value as JSON can hold it; what it cannot hold is left out."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    return value if isinstance(value, (str, int, float, bool)) else None
