"""One value of one field: from what a browser or a program sends to a typed value, and to JSON and back.

Raises ValueRefused with a code and a sentence. Times without a zone are Beijing's; typed instants are UTC.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Container, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from service.content.fields import SEVERAL_TYPES, Field
from service.content.visible_text import trimmed
from timers.clock import BEIJING

MAX_LINE = 500
MAX_TEXT = 20_000
MAX_LIST = 100
MAX_NUMBER = 10**12
YEARS = range(1900, 2201)

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ATTACHMENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
# Control characters but tab and line feed, lone surrogates, and the marks that turn the reading direction.
SHOWN_BEFORE = 8  # characters, to find a place by
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")

Allowed = Container[str] | None


class ValueRefused(ValueError):
    """A value that a field does not take."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def typed(field: Field, raw: Any, allowed: Allowed) -> Any:
    """The typed value of what was sent; null for nothing. `allowed` are the options known at run time."""
    if isinstance(raw, (list, tuple)) and field.type not in SEVERAL_TYPES | {"filepicker"}:
        raise ValueRefused("type", f"只能填一个值，收到了 {len(raw)} 个")
    return _READERS[field.type](field, raw, allowed)


def shown(field: Field, value: Any) -> Any:
    """A value as a submission holds it: instants as Beijing's local time, numbers plain."""
    if isinstance(value, datetime):
        local = value.astimezone(BEIJING) if value.tzinfo else value
        return local.strftime("%Y-%m-%dT%H:%M:%S" if local.second else "%Y-%m-%dT%H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, tuple):
        return list(value)
    return value


def encoded(value: Any) -> Any:
    """A typed value as JSON: instants in UTC, decimals as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (list, tuple)):
        return [encoded(one) for one in value]
    return dict(value) if isinstance(value, Mapping) else value


CODED_TYPES = frozenset({"datetime", "number"})


def decoded(field: Field, value: Any) -> Any:
    """The typed value that `encoded` was given."""
    if field.type == "datetime" and isinstance(value, str):
        return date.fromisoformat(value) if field.date_only else datetime.fromisoformat(value).astimezone(UTC)
    if field.type == "number" and isinstance(value, str):
        return Decimal(value)
    return value


def _text(field: Field, raw: Any, allowed: Allowed) -> str | None:
    if raw is None:
        return None
    if not isinstance(raw, str):
        raise ValueRefused("type", "应为文字")
    most = MAX_LINE if field.type == "textfield" else MAX_TEXT
    if len(raw) > most:
        raise ValueRefused("max_length", f"最多 {most} 字，现有 {len(raw)} 字")
    text = trimmed(raw.replace("\r\n", "\n").replace("\r", "\n"))
    if field.properties.get("fold") == "true":
        text = folded(text)
    unfit = _UNFIT.search(text) or (re.search("\n", text) if field.type == "textfield" else None)
    if unfit:
        raise ValueRefused("characters", f"{place_of(text, unfit.start())}有不可见的控制字符，请删去")
    return text or None


def place_of(text: str, at: int) -> str:
    """Where in a text something stands that cannot be seen: after which words."""
    before = trimmed(text[max(0, at - SHOWN_BEFORE) : at])
    return f"“{before}”后面" if before else "开头"


def folded(text: str) -> str:
    """A number or code as one and the same however it was typed: full-width signs, blanks and invisible signs, case."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Cc", "Zs")).upper()


def _number(field: Field, raw: Any, allowed: Allowed) -> int | Decimal | None:
    if raw is None or raw == "":
        return None
    if isinstance(raw, bool) or not isinstance(raw, (int, float, Decimal)):
        raise ValueRefused("type", "应为数字")
    if isinstance(raw, float) and not math.isfinite(raw):
        raise ValueRefused("type", "应为数字")
    try:
        value = Decimal(str(raw))
    except (InvalidOperation, ValueError) as err:
        raise ValueRefused("type", "应为数字") from err
    if not value.is_finite() or abs(value) > MAX_NUMBER:
        raise ValueRefused("max", "数字太大")
    digits = field.limits.decimal_digits
    if digits is not None and value != round(value, digits):
        raise ValueRefused("digits", "应为整数" if digits == 0 else f"最多 {digits} 位小数")
    return int(value) if value == value.to_integral_value() else value


def _instant(field: Field, raw: Any, allowed: Allowed) -> datetime | date | None:
    if raw is None or raw == "":
        return None
    if field.date_only:
        return _date(raw)
    if isinstance(raw, str):
        if not _INSTANT.fullmatch(raw):
            raise ValueRefused("datetime", "应为日期和时间，例如 2024-03-08 16:50")
        try:
            raw = datetime.fromisoformat(raw)
        except ValueError as err:
            raise ValueRefused("datetime", "没有这个日期或时间") from err
    if not isinstance(raw, datetime):
        raise ValueRefused("type", "应为日期和时间")
    if raw.year not in YEARS:
        raise ValueRefused("datetime", "年份不在合理范围内")
    return (raw if raw.tzinfo else raw.replace(tzinfo=BEIJING)).astimezone(UTC)


def _date(raw: Any) -> date:
    if isinstance(raw, str):
        if not _DATE.fullmatch(raw):
            raise ValueRefused("datetime", "应为日期，例如 2024-03-08")
        try:
            raw = date.fromisoformat(raw)
        except ValueError as err:
            raise ValueRefused("datetime", "没有这个日期") from err
    if not isinstance(raw, date) or isinstance(raw, datetime):
        raise ValueRefused("type", "应为日期")
    if raw.year not in YEARS:
        raise ValueRefused("datetime", "年份不在合理范围内")
    return raw


def _checkbox(field: Field, raw: Any, allowed: Allowed) -> bool:
    if raw is None:
        return False
    if not isinstance(raw, bool):
        raise ValueRefused("type", "应为是或否")
    return raw


def _one_of(field: Field, raw: Any, allowed: Allowed) -> str | None:
    if raw is None or raw == "":
        return None
    if not isinstance(raw, str):
        raise ValueRefused("type", "应为一个选项")
    return _member(field, raw, allowed)


def _several(field: Field, raw: Any, allowed: Allowed) -> list[str]:
    if raw is None or raw == "":
        return []
    if not isinstance(raw, (list, tuple)) or not all(isinstance(one, str) for one in raw[: MAX_LIST + 1]):
        raise ValueRefused("type", "应为若干选项")
    if len(raw) > MAX_LIST:
        raise ValueRefused("count", f"最多 {MAX_LIST} 项")
    if len(set(raw)) != len(raw):
        raise ValueRefused("duplicate", "有重复的选项")
    chosen = [_member(field, one, allowed) for one in raw]
    if field.exclusive in chosen and len(chosen) > 1:
        label = field.labels().get(field.exclusive or "", field.exclusive)
        raise ValueRefused("exclusive", f"“{label}”不能与其他选项同选")
    return chosen


def _member(field: Field, value: str, allowed: Allowed) -> str:
    options: Container[str] = [option.value for option in field.options] if allowed is None else allowed
    if field.choices and allowed is None:
        return value  # the caller does not know the run-time options: a preview, not a submission
    if value not in options:
        raise ValueRefused("option", "不在可选范围内")
    return value


def _files(field: Field, raw: Any, allowed: Allowed) -> list[dict[str, Any]]:
    """Attachment ids, or the records of them; the use case looks each id up and trusts nothing else."""
    if raw is None or raw == "":
        return []
    if isinstance(raw, (str, Mapping)):
        raw = [raw]
    if not isinstance(raw, (list, tuple)):
        raise ValueRefused("type", "应为文件")
    if len(raw) > (MAX_LIST if field.multiple else 1):
        raise ValueRefused("count", f"最多 {MAX_LIST} 个文件" if field.multiple else "只能有一个文件")
    found = [_file(one) for one in raw]
    if len({one["id"] for one in found}) != len(found):
        raise ValueRefused("duplicate", "同一个文件选了两次")
    return found


def _file(raw: Any) -> dict[str, Any]:
    if isinstance(raw, str):
        raw = {"id": raw}
    if not isinstance(raw, Mapping) or not {"id"} <= set(raw) <= {"id", "name", "sha256", "size"}:
        raise ValueRefused("type", "应为已上传的文件")
    fits: Mapping[str, Callable[[Any], Any]] = {
        "id": lambda value: isinstance(value, str) and _ATTACHMENT_ID.fullmatch(value),
        "name": lambda value: isinstance(value, str) and len(value) <= MAX_LINE and not _UNFIT.search(value),
        "sha256": lambda value: isinstance(value, str) and _SHA256.fullmatch(value),
        "size": lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0,
    }
    if not all(fits[key](value) for key, value in raw.items()):
        raise ValueRefused("type", "应为已上传的文件")
    return dict(raw)


_READERS: Mapping[str, Callable[[Any, Any, Allowed], Any]] = {
    "textfield": _text,
    "textarea": _text,
    "number": _number,
    "datetime": _instant,
    "checkbox": _checkbox,
    "radio": _one_of,
    "select": _one_of,
    "checklist": _several,
    "taglist": _several,
    "filepicker": _files,
}
