"""`instance of`, and what a function's typed parameters take."""

from collections.abc import Mapping
from typing import Any

from service.feel.limits import Run
from service.feel.nodes import TypeName
from service.feel.values import FeelFunction, Range, Value, kind_of

_PLAIN = frozenset(
    {
        "number",
        "string",
        "boolean",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
        "list",
        "context",
        "function",
        "range",
    }
)
_SHORT = {"dateTime": "date and time", "dayTimeDuration": "days and time duration"}


def known_type(of: TypeName) -> bool:
    name = _SHORT.get(of.name, of.name)
    known = name in _PLAIN or name in ("Any", "Null", "yearMonthDuration")
    return known and all(known_type(part) for _, part in of.parts)


def conforms(value: Value, of: TypeName, run: Run) -> bool | None:
    """Whether a value is of a type; null is only of `Null`. Null for a type that does not exist."""
    name = _SHORT.get(of.name, of.name)
    if name == "yearMonthDuration":
        name = "years and months duration"
    if name == "Any":
        return value is not None
    if name == "Null":
        return value is None
    if name not in _PLAIN:
        return None
    if kind_of(value) != name:
        return False
    return _parts_conform(value, name, of, run) if of.parts else True


def _parts_conform(value: Any, name: str, of: TypeName, run: Run) -> bool:
    if name == "list":
        run.spend(len(value))
        return all(item is None or conforms(item, of.parts[0][1], run) for item in value)
    if name == "context":
        return _context_conforms(value, of, run)
    if name == "range":
        return _range_conforms(value, of.parts[0][1], run)
    if name == "function" and isinstance(value, FeelFunction):
        return len(value.parameters) == len(of.parts)
    return True


def _context_conforms(value: Mapping[str, Value], of: TypeName, run: Run) -> bool:
    run.spend(len(of.parts))
    for key, part in of.parts:
        if key is None or key not in value:
            return False
        if value[key] is not None and not conforms(value[key], part, run):
            return False
    return True


def _range_conforms(value: Range, of: TypeName, run: Run) -> bool:
    return all(end is None or conforms(end, of, run) is True for end in (value.start, value.end))
