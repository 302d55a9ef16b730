"""Patterns of form fields: a part of the regular expressions of browsers that cannot run away.

A repeated group holds no repetition and no choice, and both are few; with short values the work of a match
stays bounded.
"""

from __future__ import annotations

import re
from functools import lru_cache

MAX_PATTERN = 200
MAX_MATCHED = 128
MAX_OPEN = 3  # one less where the pattern may begin anywhere in the value
MAX_CHOICES = 6
MAX_REPEAT = 64

_PIECE = re.compile(
    r"\\[dDwWsSbtn.^$*+?()\[\]{}|/\\-]|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?:|[*+?]\??|\{\d{1,3}(?:,\d{0,3})?\}\??|[()|^$.]"
    r"|[^\\\[\](){}*+?|^$.]"
)
_BRACES = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")


class PatternRefused(ValueError):
    """A pattern that is no pattern, or that could take for ever."""


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, matched as a browser would (`search`, ASCII classes). Raises PatternRefused."""
    pieces = _pieces(pattern)
    _check(pieces)
    try:
        # `$` is the very end in a browser, and before a last line feed as well in Python.
        return re.compile("".join(r"\Z" if piece == "$" else piece for piece in pieces), re.ASCII)
    except (re.error, OverflowError, RecursionError) as err:
        raise PatternRefused(f"不是有效的格式：{err}") from err


def _pieces(pattern: str) -> list[str]:
    if len(pattern) > MAX_PATTERN:
        raise PatternRefused(f"格式超过 {MAX_PATTERN} 字")
    pieces: list[str] = []
    at = 0
    while at < len(pattern):
        found = _PIECE.match(pattern, at)
        if found is None:
            raise PatternRefused(f"第 {at + 1} 字处的写法不支持")
        pieces.append(found.group())
        at = found.end()
    return pieces


def _check(pieces: list[str]) -> None:
    """Refuse what could make a match branch without bound: nested repetition, and many choices in a row."""
    open_ended = choices = 0
    stack: list[bool] = []  # for each open group: whether it holds a repetition or a choice
    closed: bool | None = None  # the same for the group that has just been closed
    before = "("
    for piece in pieces:
        repeats = piece[0] in "*+?{" and len(piece) <= 9
        if repeats:
            if before[0] in "(|*+?{^":
                raise PatternRefused(f"“{piece}”前面没有可重复的内容")
            if closed and piece[0] != "?":
                raise PatternRefused("重复的括号里不能再有重复或“或”")
            open_ended += _opens(piece)
        choices += piece[0] == "?" or piece == "|"
        closed = _nested(piece, stack, branches=repeats or piece == "|")
        before = piece
    if stack:
        raise PatternRefused("括号不成对")
    anchored = pieces[:1] == ["^"] and "|" not in pieces
    if open_ended > (MAX_OPEN if anchored else MAX_OPEN - 1) or choices > MAX_CHOICES:
        raise PatternRefused(f"重复（*、+）最多 {MAX_OPEN} 处，“或”与“?”合计最多 {MAX_CHOICES} 处")


def _nested(piece: str, stack: list[bool], *, branches: bool) -> bool | None:
    """Follow the groups; what a group that this piece closes holds, else None."""
    if piece in ("(", "(?:"):
        stack.append(False)
    elif piece == ")":
        if not stack:
            raise PatternRefused("括号不成对")
        holds = stack.pop()
        if holds and stack:
            stack[-1] = True
        return holds
    elif branches and stack:
        stack[-1] = True
    return None


def _opens(piece: str) -> int:
    """1 for a repetition whose number is open. Raises PatternRefused for a long bounded one."""
    if piece[0] in "*+":
        return 1
    braces = _BRACES.match(piece)
    if braces is None:
        return 0
    most = braces[3] if braces[2] else braces[1]
    if most and int(most) > MAX_REPEAT:
        raise PatternRefused(f"重复次数最多 {MAX_REPEAT}")
    return 1 if braces[2] else 0
