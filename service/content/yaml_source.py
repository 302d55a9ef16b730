"""YAML from strangers: plain values only. No tags, no anchors, no key twice, bounded in size and depth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from service.content.findings import refuse, shortened
from service.content.json_source import decode_text
from service.content.syntax_words import yaml_words

MAX_BYTES = 512 * 1024
MAX_CASES_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 20
MAX_EVENTS = 50_000
MAX_CASES_NODES = 1_000_000  # with every alias written out

# libyaml's loader where the wheel has it; the limits below are the same for both.
_Safe: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NoValueError(yaml.MarkedYAMLError):
    """A value that is written well and cannot be."""


class Loader(_Safe):  # type: ignore[misc]
    """Tells the line of a value that cannot be: a date that there is not, a number without end."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError) as err:
            said = f"没有这个日期、时间或数：{shortened(getattr(node, 'value', ''))}"
            raise NoValueError(None, None, said, node.start_mark) from err


@dataclass(frozen=True, slots=True)
class Source:
    """What a YAML file holds, and on which line each key and each item of a list stands."""

    value: Any
    lines: dict[tuple[str, ...], int]

    def line(self, *path: str) -> int | None:
        """The line of a key, or of the nearest key above it."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return None


def read_yaml(file: str, data: bytes) -> Source:
    """The value of a YAML file. Raises ContentInvalid on anything but plain, bounded YAML."""
    text = decode_text(file, data, MAX_BYTES)
    return _read(file, text, bounded=True)


def read_cases(file: str, data: bytes) -> Source:
    """A file of worked cases or vectors: of any length and with anchors, but no key twice.

    Raises ContentInvalid with the line.
    """
    return _read(file, decode_text(file, data, MAX_CASES_BYTES), bounded=False)


def _read(file: str, text: str, *, bounded: bool) -> Source:
    try:
        if bounded:
            _bounded(file, text)
        loader = Loader(text)
        try:
            node = loader.get_single_node()
            if not bounded and _written_out(node, {}) > MAX_CASES_NODES:
                raise refuse(file, "yaml.too_large", f"别名展开后超过 {MAX_CASES_NODES} 项", "请少用别名")
            lines = _lines(file, node)
            value = loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()
    except yaml.YAMLError as err:
        mark = getattr(err, "problem_mark", None)
        raise refuse(
            file,
            "yaml.value" if isinstance(err, NoValueError) else "yaml.syntax",
            f"不是有效的 YAML：{yaml_words(err)}",
            "请检查缩进、冒号和引号",
            line=mark.line + 1 if mark else None,
        ) from err
    except (ValueError, TypeError, OverflowError, RecursionError) as err:
        raise refuse(file, "yaml.value", "有读不懂的值", "请给该值加上引号") from err
    return Source(value, lines)


def _bounded(file: str, text: str) -> None:
    """Walk the events, which are flat, before anything is built from them."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=Loader)):
        line = event.start_mark.line + 1 if event.start_mark else None
        if count > MAX_EVENTS:
            raise refuse(file, "yaml.too_large", f"超过 {MAX_EVENTS} 项", "请拆分文件", line=line)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise refuse(file, "yaml.alias", "不允许锚点和别名（& 与 *）", "请把内容直接写在该处", line=line)
        if tag := getattr(event, "tag", None):
            raise refuse(file, "yaml.tag", f"不允许标签 {shortened(tag)}", "请删去标签", line=line)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise refuse(file, "yaml.depth", f"嵌套超过 {MAX_DEPTH} 层", "请减少层数", line=line)


def _written_out(node: yaml.Node | None, known: dict[int, int]) -> int:
    """How many nodes there would be without aliases: a few lines can stand for billions."""
    if not isinstance(node, yaml.CollectionNode):
        return 1
    if id(node) not in known:
        known[id(node)] = MAX_CASES_NODES  # whatever holds itself never ends
        below = [part for pair in node.value for part in (pair if isinstance(pair, tuple) else (pair,))]
        known[id(node)] = min(1 + sum(_written_out(one, known) for one in below), MAX_CASES_NODES + 1)
    return known[id(node)]


def _lines(file: str, node: yaml.Node | None) -> dict[tuple[str, ...], int]:
    lines: dict[tuple[str, ...], int] = {}
    for path, key, line in _keys(node, ()):
        if (*path, key) in lines:
            raise refuse(file, "yaml.duplicate", f"键“{shortened(key)}”出现了两次", "请只保留一个", line=line)
        lines[*path, key] = line
    return lines


def _keys(node: yaml.Node | None, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield path, str(key.value), key.start_mark.line + 1
            yield from _keys(value, (*path, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield path, f"[{index}]", value.start_mark.line + 1
            yield from _keys(value, (*path, f"[{index}]"))
