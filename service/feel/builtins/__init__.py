"""The built-in functions of DMN 1.5, one room a family."""

from service.feel.builtins import (
    aggregates,
    contexts,
    conversion,
    dates,
    lists,
    logic,
    measures,
    range_text,
    ranges,
    strings,
    text_patterns,
)
from service.feel.builtins.registry import BUILTINS

__all__ = [
    "BUILTINS",
    "aggregates",
    "contexts",
    "conversion",
    "dates",
    "lists",
    "logic",
    "measures",
    "range_text",
    "ranges",
    "strings",
    "text_patterns",
]
