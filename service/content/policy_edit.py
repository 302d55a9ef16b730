"""One entry of the policy register changed in its file: only its own characters, every comment and the order stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from service.content.policy import Entry, read_policy

DEFAULT = "default"  # stands after the value that it was before
QUOTES = frozenset({"'", '"'})


@dataclass(frozen=True, slots=True)
class _Cut:
    """Characters to be replaced by others."""

    start: int
    end: int
    text: str


def with_entry(file: str, data: bytes, key: str, changes: Mapping[str, Any]) -> bytes:
    """The file with some parts of one entry changed; what its value was before is kept as its `default`.

    Raises: ContentInvalid where the file cannot be read, or where the entry with these changes is no entry.
    """
    entry = read_policy(file, data).entries[key]
    wanted = {**changes, **_default_beside(entry, changes)}
    mark = "\ufeff" if data.startswith(b"\xef\xbb\xbf") else ""
    text = data.decode("utf-8-sig")
    written = (mark + _cut(text, _cuts(text, _entry_node(text, key), wanted))).encode()
    read_policy(file, written)
    return written


def _default_beside(entry: Entry, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The default that must stand beside a new value; None where none may."""
    if "value" not in changes:
        return {}
    return {DEFAULT: None if changes["value"] == entry.default else _Given(entry.default)}


@dataclass(frozen=True, slots=True)
class _Given:
    """A default that is to stand there, which may itself be null."""

    value: Any


def _cuts(text: str, entry: yaml.MappingNode, wanted: Mapping[str, Any]) -> Iterator[_Cut]:
    nodes = {key.value: (key, value) for key, value in entry.value}
    for name, value in wanted.items():
        if name == DEFAULT:
            yield from _default_cut(text, entry, nodes, value)
        elif isinstance(value, Mapping) and isinstance(nodes[name][1], yaml.MappingNode):
            yield from _mapping_cuts(text, nodes[name][1], value)
        elif isinstance(nodes[name][1], yaml.MappingNode) or _loaded(text, nodes[name][1]) != value:
            yield _replaced(text, nodes[name][1], value, in_flow=_is_flow(entry))


def _default_cut(
    text: str,
    entry: yaml.MappingNode,
    nodes: Mapping[str, tuple[yaml.Node, yaml.Node]],
    wanted: _Given | None,
) -> Iterator[_Cut]:
    there = nodes.get(DEFAULT)
    if there is None and wanted is not None:
        yield _added(text, entry, nodes["value"][1], DEFAULT, wanted.value)
    elif there is not None and wanted is None:
        yield _removed(text, entry, *there)


def _mapping_cuts(text: str, node: yaml.MappingNode, wanted: Mapping[str, Any]) -> Iterator[_Cut]:
    """A table changed row by row, so that the comments at its rows stay."""
    rows = {key.value: (key, value) for key, value in node.value}
    kept = [name for name in rows if name in wanted]
    if _is_flow(node) or not kept:
        yield _Cut(node.start_mark.index, _end(text, node), _dumped(dict(wanted), in_flow=True))
        return
    for name, (key, value) in rows.items():
        if name not in wanted:
            yield _removed(text, node, key, value)
        elif _loaded(text, value) != wanted[name]:
            yield _replaced(text, value, wanted[name], in_flow=False)
    last = rows[kept[-1]][1]
    new = "".join(
        f"\n{_indent(node)}{_dumped(name, in_flow=False)}: {_dumped(value, in_flow=False)}"
        for name, value in wanted.items()
        if name not in rows
    )
    if new:
        at = _line_end(text, _end(text, last))
        yield _Cut(at, at, new)


def _loaded(text: str, node: yaml.Node) -> Any:
    """The value of a scalar, or of what stands between braces."""
    return yaml.safe_load(text[node.start_mark.index : _end(text, node)])


def _replaced(text: str, node: yaml.Node, value: Any, *, in_flow: bool) -> _Cut:
    start, end = node.start_mark.index, _end(text, node)
    gap = " " if start and text[start - 1] == ":" else ""
    quotes = node.style if isinstance(node, yaml.ScalarNode) and node.style in QUOTES else None
    return _Cut(
        start, end, gap + _dumped(value, in_flow=in_flow or isinstance(value, Mapping), quotes=quotes)
    )


def _added(text: str, entry: yaml.MappingNode, after: yaml.Node, name: str, value: Any) -> _Cut:
    if _is_flow(entry):
        return _Cut(_end(text, after), _end(text, after), f", {name}: {_dumped(value, in_flow=True)}")
    at = _line_end(text, _end(text, after))
    return _Cut(at, at, f"\n{_indent(entry)}{name}: {_dumped(value, in_flow=isinstance(value, Mapping))}")


def _removed(text: str, holder: yaml.MappingNode, key: yaml.Node, value: yaml.Node) -> _Cut:
    if _is_flow(holder):
        start = text.rindex(",", 0, key.start_mark.index)
        return _Cut(start, _end(text, value), "")
    start = text.rindex("\n", 0, key.start_mark.index)
    return _Cut(start, _line_end(text, _end(text, value)), "")


def _cut(text: str, cuts: Iterator[_Cut]) -> str:
    """The text with all cuts made; what is put in at one place comes in the order of the cuts."""
    placed = sorted(enumerate(cuts), key=lambda one: (one[1].start, one[1].end, one[0]), reverse=True)
    for _, cut in placed:
        text = text[: cut.start] + cut.text + text[cut.end :]
    return text


def _entry_node(text: str, key: str) -> yaml.MappingNode:
    top = yaml.compose(text, Loader=yaml.SafeLoader)  # the pure one: its marks count characters
    assert isinstance(top, yaml.MappingNode)  # it was read as a register just before
    entries = next(value for name, value in top.value if name.value == "entries")
    found: yaml.MappingNode = next(value for name, value in entries.value if name.value == key)
    return found


def _is_flow(node: yaml.MappingNode) -> bool:
    return bool(node.flow_style)


def _indent(node: yaml.MappingNode) -> str:
    column: int = node.value[0][0].start_mark.column
    return " " * column


def _end(text: str, node: yaml.Node) -> int:
    """Where a node ends: a block with its last row or line, not before the next token."""
    start: int = node.start_mark.index
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        return start + len(text[start : node.end_mark.index].rstrip("\n"))
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(last, tuple) else last)
    end: int = node.end_mark.index
    return end


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def _dumped(value: Any, *, in_flow: bool, quotes: str | None = None) -> str:
    """A value as YAML on one line, as it may stand in a block or between braces; a text in the quotes it had."""
    whole = yaml.safe_dump(
        [value] if in_flow else value,
        allow_unicode=True,
        default_flow_style=True,
        default_style=quotes if isinstance(value, str) else None,
        width=10**6,
        sort_keys=False,
    )
    line = str(whole).strip().removesuffix("\n...").strip()
    return line[1:-1] if in_flow else line
