"""JSON from strangers: bounded, with no key twice, and every defect as a finding with its line."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from service.content.findings import refuse, shortened
from service.content.syntax_words import json_words

MAX_BYTES = 512 * 1024
MAX_DEPTH = 40


class _Defect(ValueError):
    """A sentence for people about what the decoder met."""


def decode_text(file: str, data: bytes, max_bytes: int) -> str:
    """The text of a file. Raises ContentInvalid where it is too large or not UTF-8."""
    if len(data) > max_bytes:
        raise refuse(
            file, "file.too_large", f"文件有 {len(data)} 字节，上限 {max_bytes} 字节", "请拆分或删减内容"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = data[: err.start].count(b"\n") + 1
        raise refuse(file, "file.encoding", "文件不是 UTF-8 编码", "请另存为 UTF-8", line=line) from err


def read_json(file: str, data: bytes) -> Any:
    """The value of a JSON file. Raises ContentInvalid on anything that is no plain, bounded JSON."""
    text = decode_text(file, data, MAX_BYTES)
    _bounded_depth(file, text)
    try:
        return json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite, parse_int=_short
        )
    except json.JSONDecodeError as err:
        raise refuse(
            file,
            "json.syntax",
            f"不是有效的 JSON：{json_words(err)}",
            "请检查括号、引号和逗号",
            line=err.lineno,
        ) from err
    except (_Defect, ValueError, RecursionError) as err:
        raise refuse(file, "json.value", str(err) or "JSON 内容不可接受", "请改正该处的值") from err


def line_of(text: str, *needles: str) -> int | None:
    """The line on which the first of the needles that occurs stands."""
    for needle in needles:
        at = text.find(needle)
        if at >= 0:
            return text.count("\n", 0, at) + 1
    return None


def _bounded_depth(file: str, text: str) -> None:
    depth = 0
    in_text = escaped = False
    for at, char in enumerate(text):
        if in_text:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                in_text = False
        elif char == '"':
            in_text = True
        elif char in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                line = text.count("\n", 0, at) + 1
                raise refuse(file, "json.depth", f"嵌套超过 {MAX_DEPTH} 层", "请减少层数", line=line)
        elif char in "]}":
            depth -= 1


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Defect(f"键“{shortened(key)}”出现了两次")
        if not _encodable(key) or (isinstance(value, str) and not _encodable(value)):
            raise _Defect(f"键“{shortened(key)!a}”处有不成对的代理字符或空字符")
        found[key] = value
    return found


def _encodable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _no_constant(name: str) -> NoReturn:
    raise _Defect(f"{name} 不是数")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise _Defect(f"数 {shortened(text)} 太大")
    return value


def _short(text: str) -> int:
    if len(text) > 15:
        raise _Defect(f"数 {shortened(text)} 太大")
    return int(text)
