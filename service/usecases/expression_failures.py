"""Expressions that give no value: told with the place where they stand."""

from __future__ import annotations

from service.domain.errors import ContentInvalid, ExpressionFailed
from service.feel import FeelError
from timers.deadlines import RuleRefused

# What an expression may answer with instead of a value: it asks for too much, or for a time that cannot be.
FAILURES = (FeelError, RuleRefused, ContentInvalid)


def failed(place: str, expression: str, err: Exception) -> ExpressionFailed:
    """An expression that gave no value, told with its place."""
    findings = getattr(err, "findings", ())
    return ExpressionFailed(place, expression, findings[0].message if findings else str(err))
