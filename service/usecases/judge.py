"""The form's own check, then the rules in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from service.content.forms import Form
from service.domain.errors import Refused
from service.domain.ports import Directory
from service.engine import Rule
from service.usecases.scope import Scope


def read_form(form: Form, raw: Mapping[str, Any], scope: Scope, directory: Directory) -> dict[str, Any]:
    """The typed values. Raises: FormInvalid with the path of every field that does not pass."""
    return form.read(raw, scope.judge, known_values(directory))


def known_values(directory: Directory) -> dict[str, frozenset[str]]:
    """The values that fields with run-time options take."""
    return {
        "departments": frozenset(directory.departments),
        "people": frozenset(directory.people),
    }


def require_rules(rules: Iterable[Rule], values: Mapping[str, Any], scope: Scope) -> None:
    """Each rule in order must hold, exactly true, over the fields as submitted and the case before them.

    Raises: Refused with the code, sentence and article of the first that does not.
    """
    for rule in rules:
        if scope.judge(rule.check, values) is not True:
            raise Refused(rule.code, rule.message, article=rule.article)
