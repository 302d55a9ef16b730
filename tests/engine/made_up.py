"""Made-up block-structured processes: every block has one way in and one way out, so each can be gone through."""

from __future__ import annotations

from itertools import count
from typing import Any

from hypothesis import strategies as st

from tests.engine.notation import bpmn

_LEAVES = st.sampled_from(["user", "milestone", "clocked", "window", "optional", "wait"])


def _blocks(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=2, max_size=3)
    one = st.lists(inner, min_size=1, max_size=2)
    return st.one_of(
        st.tuples(st.sampled_from(["seq", "xor", "and", "or"]), several),
        st.tuples(st.sampled_from(["loop", "sub", "clocked_sub", "window_sub", "error_sub", "cut_sub"]), one),
    )


BLOCKS = st.recursive(_LEAVES, _blocks, max_leaves=9)


class Drawing:
    """Turns a tree of blocks into the notation: every block has one way in and one way out."""

    def __init__(self) -> None:
        self.numbers = count(1)
        self.side: list[str] = []

    def name(self, stem: str) -> str:
        return f"{stem}{next(self.numbers)}"

    def draw(self, block: Any, to: str, pad: str) -> tuple[str, list[str]]:
        """The first element of a block and its lines; its last arrow leads to `to`."""
        if isinstance(block, str):
            return self._leaf(block, to, pad)
        kind, parts = block
        if kind == "seq":
            return self._sequence(parts, to, pad)
        if kind in {"xor", "and", "or"}:
            return self._branches(kind, parts, to, pad)
        return self._loop(parts, to, pad) if kind == "loop" else self._scope(kind, parts, to, pad)

    def _leaf(self, kind: str, to: str, pad: str) -> tuple[str, list[str]]:
        n = self.name("n")
        if kind == "milestone":
            return n, [f"{pad}{n} milestone status=m{n} -> {to}"]
        if kind == "wait":
            return n, [f"{pad}{n} timer -> {to}"]
        lines = [f"{pad}{n} user form={n} -> {to}"]
        if kind == "clocked":
            lines += [f"{pad}c{n} btimer on={n} clock=c{n} -> x{n}", f"{pad}x{n} end"]
        if kind == "window":
            lines[0] = f"{pad}{n} user form={n} -> y{n}"
            lines += [f"{pad}w{n} xtimer on={n} clock=w{n} -> y{n}", f"{pad}y{n} xor -> {to}"]
        if kind == "optional":
            lines[0] = f"{pad}{n} user form={n} optional=true -> g{n}"
            lines += [f"{pad}i{n} xor -> {n}", f"{pad}g{n} xor -> i{n}[again{n}], {to}"]
            return f"i{n}", lines
        return n, lines

    def _sequence(self, parts: list[Any], to: str, pad: str) -> tuple[str, list[str]]:
        lines: list[str] = []
        for part in reversed(parts):
            to, more = self.draw(part, to, pad)
            lines += more
        return to, lines

    def _branches(self, kind: str, parts: list[Any], to: str, pad: str) -> tuple[str, list[str]]:
        split, join = self.name("s"), self.name("j")
        heads, lines = [], [f"{pad}{join} {kind} -> {to}"]
        for i, part in enumerate(parts):
            head, more = self.draw(part, join, pad)
            lines += more
            heads.append(head if kind == "and" or i == len(parts) - 1 else f"{head}[q{head}]")
        return split, [*lines, f"{pad}{split} {kind} -> {', '.join(heads)}"]

    def _loop(self, parts: list[Any], to: str, pad: str) -> tuple[str, list[str]]:
        i, g, pause = self.name("i"), self.name("g"), self.name("p")
        head, lines = self._sequence(parts, pause, pad)
        return i, [
            *lines,
            f"{pad}{pause} user form={pause} -> {g}",
            f"{pad}{g} xor -> {i}[again{g}], {to}",
            f"{pad}{i} xor -> {head}",
        ]

    def _scope(self, kind: str, parts: list[Any], to: str, pad: str) -> tuple[str, list[str]]:
        u, deep = self.name("u"), pad + "  "
        end = "terminate outcome=cancelled" if kind == "cut_sub" else "end"
        if kind == "error_sub":
            head, inside = self._sequence(parts, f"g{u}", deep)
            inside += [f"{deep}g{u} xor -> r{u}[bad{u}], e{u}", f"{deep}r{u} error:err{u} outcome=superseded"]
        else:
            head, inside = self._sequence(parts, f"e{u}", deep)
        after = to if kind in {"sub", "clocked_sub", "cut_sub"} else f"y{u}"
        lines = [f"{pad}{u} sub -> {after}", f"{deep}b{u} start -> {head}", *inside, f"{deep}e{u} {end}"]
        if kind == "clocked_sub":
            lines += [f"{pad}c{u} btimer on={u} clock=c{u} -> x{u}", f"{pad}x{u} end"]
        if kind == "window_sub":
            lines += [f"{pad}w{u} xtimer on={u} clock=w{u} -> y{u}", f"{pad}y{u} xor -> {to}"]
        if kind == "error_sub":
            lines += [f"{pad}k{u} berror:err{u} on={u} -> h{u}", f"{pad}h{u} user form=h{u} -> y{u}"]
            lines += [f"{pad}y{u} xor -> {to}"]
        return u, lines


def diagram_of(block: Any) -> bytes:
    """The diagram of a process made of such a block."""
    head, lines = Drawing().draw(block, "the_end", "  ")
    return bpmn("\n".join(["process p", f"  the_start start -> {head}", *lines, "  the_end end"]))
