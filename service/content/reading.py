"""A submission against its form: the server's own check, whatever the browser said.

The order: the shape (unknown fields), each value's type, then which fields are hidden, then what is
required and within bounds. What is hidden is not judged and does not count. A text that a form only shows (it is
read-only and has a default) is worked out here, whatever was sent for it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any

from service.content.bounds import bound_errors
from service.content.field_values import ValueRefused, decoded, encoded, shown, typed
from service.content.fields import TEXT_TYPES, Asked, Field
from service.domain.errors import ContentInvalid, FieldError, Finding, FormInvalid
from service.feel import FeelError
from service.feel import compile as compile_feel

# The value of a FEEL text over the case document, with the form's own fields in front of it.
Evaluate = Callable[[str, Mapping[str, Any]], Any]
# Which values a field with run-time options takes.
Choices = Mapping[str, Container[str]]

MAX_UNKNOWN = 20


class Layered(Mapping[str, Any]):
    """The form's own fields before the case document; both may be lazy."""

    __slots__ = ("_document", "_fields")

    def __init__(self, fields: Mapping[str, Any], document: Mapping[str, Any]) -> None:
        self._fields = fields
        self._document = document

    def __getitem__(self, name: str) -> Any:
        return self._fields[name] if name in self._fields else self._document[name]

    def __contains__(self, name: object) -> bool:
        return name in self._fields or name in self._document

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._fields, *self._document]))

    def __len__(self) -> int:
        return len({*self._fields, *self._document})


def over(document: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]] | None = None) -> Evaluate:
    """An evaluator for forms: FEEL over this case document, the form's own fields in front."""

    def evaluate(text: str, fields: Mapping[str, Any]) -> Any:
        return compile_feel(text)(Layered(fields, document), functions)

    return evaluate


def read(form: Asked, values: object, scope: Evaluate, choices: Choices) -> dict[str, Any]:
    """The typed values of every field of the form: instants aware in UTC, files as lists, null where
    nothing was entered or the field is hidden; a group whose fields are all null is null itself.

    Raises FormInvalid with the path of each field that does not pass, and of each unknown one.
    """
    if not isinstance(values, Mapping):
        raise FormInvalid([FieldError("", "type", "表单内容应为一组字段")])
    errors = list(_unknown(form, values))
    found, refused = _typed(form, _shown_only(form, values, scope), choices)
    own, shown_fields = _without_hidden(form, found, scope)
    for field in shown_fields:
        errors.extend(_judged(field, own, refused, scope))
    if errors:
        raise FormInvalid(errors)
    return _folded(form, own)


def visible(form: Asked, values: Mapping[str, Any], scope: Evaluate) -> tuple[Field, ...]:
    """The fields shown while the form holds these (possibly half-finished) values."""
    found, _ = _typed(form, values, {})
    return tuple(_without_hidden(form, found, scope)[1])


def unfinished(
    form: Asked, values: Mapping[str, Any], scope: Evaluate, choices: Choices
) -> tuple[dict[str, Any], tuple[Field, ...]]:
    """The typed values of a form that is still being filled in, and the shown fields that do not pass yet.

    What does not pass is null, so that nothing is concluded from it.
    """
    found, refused = _typed(form, values, choices)
    own, shown_fields = _without_hidden(form, found, scope)
    lacking = tuple(one for one in shown_fields if any(_judged(one, own, refused, scope)))
    for field in lacking:
        _put(own, field.path, None)
    return _folded(form, own), lacking


def defaults(form: Asked, scope: Evaluate, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the absent fields start with; a default may read the case and the fields before it."""
    found, _ = _typed(form, given, {})
    start: dict[str, Any] = {}
    for field in form.fields:
        if _get(given, field.path) is not None or field.default is None:
            continue
        value = field.default
        if isinstance(value, str) and value.startswith("="):
            value = _evaluated(form, field, value[1:], scope, found)
        value = shown(field, value)
        if value is None:
            continue
        _put(start, field.path, value)
        try:
            _put(found, field.path, typed(field, value, None))
        except ValueRefused:
            continue
    return start


def encode(form: Asked, values: Mapping[str, Any]) -> dict[str, Any]:
    """Typed values as JSON-able ones."""
    out: dict[str, Any] = {}
    for field in form.fields:
        value = _get(values, field.path)
        if value is not None:
            _put(out, field.path, encoded(value))
    return out


def decode(form: Asked, values: Mapping[str, Any]) -> dict[str, Any]:
    """Typed values from their JSON; fields the form does not know are passed through as they are."""
    out = _copied(values)
    for field in form.coded_fields:
        value = _get(out, field.path)
        if value is not None:
            _put(out, field.path, decoded(field, value))
    return out


def _copied(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _copied(one) if isinstance(one, dict) else one for key, one in values.items()}


def _unknown(form: Asked, values: Mapping[Any, Any]) -> Iterator[FieldError]:
    known = {field.path for field in form.fields}
    groups = {path[:depth] for path in known for depth in range(1, len(path))}
    pending: list[tuple[tuple[str, ...], Mapping[Any, Any]]] = [((), values)]
    count = 0
    while pending:
        above, level = pending.pop()
        for key, value in level.items():
            path = (*above, key) if isinstance(key, str) else above
            if isinstance(key, str) and path in groups and (value is None or isinstance(value, Mapping)):
                pending.append((path, value or {}))
            elif not isinstance(key, str) or path not in known:
                count += 1
                if count > MAX_UNKNOWN:
                    return
                name = ".".join(path)[:100] if isinstance(key, str) else "?"
                yield FieldError(name, "unknown", "表单里没有这个字段")


def _typed(
    form: Asked, values: Mapping[str, Any], choices: Choices
) -> tuple[dict[str, Any], dict[tuple[str, ...], FieldError]]:
    found: dict[str, Any] = {}
    refused: dict[tuple[str, ...], FieldError] = {}
    for field in form.fields:
        allowed = choices.get(field.choices, ()) if field.choices else None
        try:
            value = typed(field, _get(values, field.path), allowed)
        except ValueRefused as err:
            refused[field.path] = FieldError(field.name, err.code, f"{field.label}：{err}")
            value = None
        _put(found, field.path, value)
    return found, refused


def _shown_only(form: Asked, values: Mapping[str, Any], scope: Evaluate) -> Mapping[str, Any]:
    """The values with those of texts that are only shown as the form itself has them."""
    texts = [one for one in form.fields if one.type in TEXT_TYPES]
    fixed = [one for one in texts if one.read_only and one.default is not None]
    if not fixed:
        return values
    given = dict(values)
    for field in fixed:
        if _get(given, field.path) is not None:
            _put(given, field.path, None)
    own = defaults(form, scope, given)
    for field in fixed:
        _put(given, field.path, _get(own, field.path))
    return given


def _without_hidden(
    form: Asked, found: dict[str, Any], scope: Evaluate
) -> tuple[dict[str, Any], list[Field]]:
    """The values once each hidden field, in order, has become null, and the fields that are shown."""
    shown_fields = []
    for field in form.fields:
        if any(_evaluated(form, field, text, scope, found) is True for text in field.hides):
            _put(found, field.path, None)
        else:
            shown_fields.append(field)
    return found, shown_fields


def _judged(
    field: Field, own: Mapping[str, Any], refused: Mapping[tuple[str, ...], FieldError], scope: Evaluate
) -> Iterator[FieldError]:
    if field.path in refused:
        yield refused[field.path]
        return
    value = _get(own, field.path)
    if value is None or value == [] or (value is False and field.required):
        if field.required:
            yield FieldError(field.name, "required", f"{field.label}：必填")
        return
    for code, message in bound_errors(field, value, lambda text: scope(text, own)):
        yield FieldError(field.name, code, f"{field.label}：{message}")


def _folded(form: Asked, own: dict[str, Any]) -> dict[str, Any]:
    """The values with each group that holds nothing made null."""
    for path in sorted({f.path[:-1] for f in form.fields if len(f.path) > 1}, key=len, reverse=True):
        group = _get(own, path)
        if isinstance(group, Mapping) and all(value is None or value == [] for value in group.values()):
            _put(own, path, None)
    return own


def _evaluated(form: Asked, field: Field, text: str, scope: Evaluate, own: Mapping[str, Any]) -> Any:
    try:
        return scope(text, own)
    except FeelError as err:
        finding = Finding(
            "form.expression",
            f"表达式无法计算：{err}",
            "请改正表达式",
            f"forms/{form.key}.form",
            None,
            field.name,
        )
        raise ContentInvalid([finding]) from err


def _get(values: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if not isinstance(values, Mapping):
            return None
        values = values.get(key)
    return values


def _put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for key in path[:-1]:
        inner = values.get(key)
        if not isinstance(inner, dict):
            inner = values[key] = {}
        values = inner
    values[path[-1]] = value


__all__ = [
    "Choices",
    "Evaluate",
    "Layered",
    "decode",
    "defaults",
    "encode",
    "over",
    "read",
    "unfinished",
    "visible",
]
