"""Instants as expressions see them: in Beijing, so that `date(now)` is the civil day of the place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from timers.clock import BEIJING

_PLAIN = frozenset({str, bool, int, type(None)})


def civil(value: Any) -> Any:
    """The same value with every instant in it told in Asia/Shanghai; the instants themselves do not change."""
    if value.__class__ in _PLAIN:  # by far the most; the questions below cost more
        return value
    if isinstance(value, datetime):
        return value.astimezone(BEIJING)
    if isinstance(value, Mapping):
        return civil_values(value)
    if isinstance(value, (list, tuple)):
        return [civil(one) for one in value]
    return value


def civil_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same of every value of a mapping."""
    return {key: one if one.__class__ in _PLAIN else civil(one) for key, one in values.items()}
