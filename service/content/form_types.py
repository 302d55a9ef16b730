"""Of which type the settings of a component must be: one of another type would be taken for not said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from service.content.findings import shortened

MOST_DIGITS = 6

Wanted = tuple[Callable[[Any], bool], str]  # whether a value will do, and what is wanted in plain words


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_count(value: Any) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return whole or (isinstance(value, str) and (not value or value.startswith("=")))


FLAG: Wanted = (_is_flag, "true 或 false，不加引号")
TEXT: Wanted = (_is_text, "文字")
GROUP: Wanted = (lambda value: isinstance(value, dict), "花括号括起的几项")
DIGITS: Wanted = (
    lambda value: type(value) is int and 0 <= value <= MOST_DIGITS,
    f"0 到 {MOST_DIGITS} 的整数，不加引号",
)
COUNT: Wanted = (_is_count, "不小于 0 的整数，不加引号")
SAID: Wanted = (lambda value: value in ("true", "false"), '"true" 或 "false"')

OF_COMPONENT: Mapping[str, Wanted] = {
    **dict.fromkeys(("multiple", "readonly", "disabled"), FLAG),
    **dict.fromkeys(("description", "accept", "subtype", "id", "text"), TEXT),
    **dict.fromkeys(("validate", "conditional", "properties", "layout"), GROUP),
    "decimalDigits": DIGITS,
}
OF_VALIDATE: Mapping[str, Wanted] = {
    "required": FLAG,
    **dict.fromkeys(("minLength", "maxLength"), COUNT),
    **dict.fromkeys(("min", "max"), (lambda _: True, "")),  # told as bounds
    **dict.fromkeys(("pattern", "patternErrorMessage"), TEXT),
    "validationType": (
        lambda value: value in ("", "custom", "email", "phone"),
        '"email"、"phone" 或 "custom"',
    ),
}
OF_PROPERTIES: Mapping[str, Wanted] = {"mask": SAID, "fold": SAID}


def wrong_settings(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a component says in a way that would not be heard: a sentence and its cure each."""
    yield from _wrong(raw, OF_COMPONENT)
    validate = raw.get("validate")
    if isinstance(validate, dict):
        yield from _wrong(validate, OF_VALIDATE)
        for name in validate.keys() - OF_VALIDATE.keys():
            known = "、".join(OF_VALIDATE)
            yield f"validate 里没有“{shortened(name)}”这一项，不起作用", f"可用：{known}"
    properties = raw.get("properties")
    if isinstance(properties, dict):
        yield from _wrong(properties, OF_PROPERTIES)


def _wrong(said: Mapping[str, Any], wanted: Mapping[str, Wanted]) -> Iterator[tuple[str, str]]:
    for name, (fits, words) in wanted.items():
        value = said.get(name)
        if value is not None and not fits(value):
            yield f"{name} 写成了 {as_written(value)}，不起作用", f"改为{words}"


def as_written(value: Any) -> str:
    """A value as it stands in the file, so that a text is told from what it looks like."""
    return f'"{shortened(value)}"' if isinstance(value, str) else shortened(value)
