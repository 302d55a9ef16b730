"""`matches`, `replace`, `split`, `extract`: functions of strings that take a regular expression."""

import re
from collections.abc import Iterator

from service.feel.builtins.registry import builtin
from service.feel.limits import Run, room_for
from service.feel.patterns import Pattern, Saved, pattern_of

_REFERENCE = re.compile(r"\\([\\$])|\$([0-9]+)|([$\\])", re.ASCII)


def _found(pattern: Pattern, text: str, run: Run) -> Iterator[Saved]:
    """The matches one after the other; an empty one moves on by a character."""
    position = 0
    while position <= len(text):
        saved = pattern.search(text, position, run)
        if saved is None:
            return
        run.spend(1)
        yield saved
        start, end = saved[0], saved[1]
        position = (end or 0) + (1 if start == end else 0)


def _matches_nothing(pattern: Pattern, run: Run) -> bool:
    """Whether the pattern finds the empty text: the standard refuses it for replacing and splitting."""
    return pattern.search("", 0, run) is not None


@builtin("matches", "input: string, pattern: string, flags?: string")
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> bool | None:
    compiled = pattern_of(pattern, flags)
    return None if compiled is None else compiled.search(text, 0, run) is not None


@builtin("replace", "input: string, pattern: string, replacement: string, flags?: string")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> str | None:
    """The text with each match replaced; `$1` stands for the first group, `$0` for the whole match."""
    compiled = pattern_of(pattern, flags)
    if compiled is None or _matches_nothing(compiled, run):
        return None
    pieces: list[str] = []
    position = length = 0
    for saved in _found(compiled, text, run):
        filled = replacement if "q" in (flags or "") else _filled(replacement, text, saved)
        if filled is None:
            return None
        pieces += [text[position : saved[0]], filled]
        length += len(filled)
        room_for(length + len(text))
        position = saved[1] or 0
    return "".join([*pieces, text[position:]])


def _filled(replacement: str, text: str, saved: Saved) -> str | None:
    """The replacement with its references filled in; null where a `$` or a backslash stands alone."""
    groups = len(saved) // 2
    wrong = False

    def one(found: re.Match[str]) -> str:
        nonlocal wrong
        if found[1]:
            return found[1]
        if found[3]:
            wrong = True
            return ""
        digits, rest = found[2], ""
        while len(digits) > 1 and int(digits) >= groups:
            digits, rest = digits[:-1], digits[-1] + rest
        if int(digits) >= groups:
            return rest
        start, end = saved[int(digits) * 2], saved[int(digits) * 2 + 1]
        return (text[start:end] if start is not None else "") + rest

    filled = _REFERENCE.sub(one, replacement)
    return None if wrong else filled


@builtin("split", "string: string, delimiter: string")
def split(run: Run, text: str, delimiter: str) -> list[str] | None:
    compiled = pattern_of(delimiter, None)
    if compiled is None or _matches_nothing(compiled, run):
        return None
    parts: list[str] = []
    position = 0
    for saved in _found(compiled, text, run):
        parts.append(text[position : saved[0]])
        position = saved[1] or 0
    return [*parts, text[position:]]


@builtin("extract", "input: string, pattern: string, flags?: string")
def extract(run: Run, text: str, pattern: str, flags: str | None = None) -> list[str] | None:
    """Each match in the text. (Not of the standard; the editors of bpmn.io offer it.)"""
    compiled = pattern_of(pattern, flags)
    return None if compiled is None else [text[saved[0] : saved[1]] for saved in _found(compiled, text, run)]
