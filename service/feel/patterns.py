"""Running a regular expression over a text in linear time.

A pattern becomes a small program, and all the ways through it go along the text side by side (the method of
Thompson and Pike). There is no backtracking, so no pattern and no text can make it run away; what it costs is
taken from the budget of the evaluation all the same.
"""

from functools import lru_cache

from service.feel.errors import FeelLimit
from service.feel.limits import Run
from service.feel.pattern_classes import Chars, PatternError, any_case, one_of
from service.feel.pattern_syntax import Anchor, Choice, Group, One, Part, Reader, Repeat, Sequence

_LONGEST_PATTERN = 1000
_LONGEST_PROGRAM = 3000
_FLAGS = frozenset("smixq")

CHAR, SPLIT, JUMP, SAVE, ANCHOR, MATCH = range(6)
Saved = tuple[int | None, ...]


class Pattern:
    """A compiled pattern: `search` gives the spans of the whole and of the groups."""

    def __init__(self, pattern: str, flags: str) -> None:
        if not set(flags) <= _FLAGS:
            raise PatternError("unknown flag")
        self._any_case = "i" in flags
        self._by_line = "m" in flags
        if "q" in flags:
            part: Part = Sequence(tuple(One(one_of(c)) for c in pattern))
            self.groups = 0
        else:
            reader = Reader(pattern, flags)
            part = reader.read()
            self.groups = reader.groups
        self._program: list[tuple[int, object, int]] = []
        self._emit(Group(0, part))
        self._add(MATCH)

    def _add(self, code: int, first: object = None, second: int = 0) -> int:
        if len(self._program) >= _LONGEST_PROGRAM:
            raise FeelLimit("正则表达式太大")
        self._program.append((code, first, second))
        return len(self._program) - 1

    def _emit(self, part: Part) -> None:
        if isinstance(part, One):
            self._add(CHAR, any_case(part.chars) if self._any_case else part.chars)
        elif isinstance(part, Anchor):
            self._add(ANCHOR, part.sign)
        elif isinstance(part, Sequence):
            for inner in part.parts:
                self._emit(inner)
        elif isinstance(part, Choice):
            self._emit_choice(part)
        elif isinstance(part, Group):
            self._add(SAVE, part.number * 2)
            self._emit(part.inner)
            self._add(SAVE, part.number * 2 + 1)
        else:
            self._emit_repeat(part)

    def _emit_choice(self, part: Choice) -> None:
        leaving: list[int] = []
        for option in part.options[:-1]:
            fork = self._add(SPLIT)
            self._emit(option)
            leaving.append(self._add(JUMP))
            self._program[fork] = (SPLIT, fork + 1, len(self._program))
        self._emit(part.options[-1])
        for place in leaving:
            self._program[place] = (JUMP, len(self._program), 0)

    def _emit_repeat(self, part: Repeat) -> None:
        for _ in range(part.least):
            self._emit(part.inner)
        if part.most is None:
            fork = self._add(SPLIT)
            self._emit(part.inner)
            self._add(JUMP, fork)
            self._fork(fork, greedy=part.greedy)
            return
        forks = []
        for _ in range(part.most - part.least):
            forks.append(self._add(SPLIT))
            self._emit(part.inner)
        for fork in forks:
            self._fork(fork, greedy=part.greedy)

    def _fork(self, fork: int, *, greedy: bool) -> None:
        onward = len(self._program)
        self._program[fork] = (SPLIT, fork + 1, onward) if greedy else (SPLIT, onward, fork + 1)

    def search(self, text: str, start: int, run: Run) -> Saved | None:
        """The first match at or after `start`: begin and end of the whole, then of each group."""
        blank: Saved = (None,) * (2 * self.groups + 2)
        found: Saved | None = None
        threads: list[tuple[Chars, int, Saved]] = []
        for position in range(start, len(text) + 1):
            if found is None:  # a match that begins further left is preferred to any that could begin here
                seen = {place for _, place, _ in threads}
                found = self._follow(0, blank, text, position, threads, seen)
            if position == len(text) or (found is not None and not threads):
                break
            threads, better = self._advance(threads, text, position, run)
            found = better if better is not None else found
        return found

    def _advance(
        self, threads: list[tuple[Chars, int, Saved]], text: str, position: int, run: Run
    ) -> tuple[list[tuple[Chars, int, Saved]], Saved | None]:
        """All threads one character further; those behind one that has matched are given up."""
        run.spend(len(threads) + 1)
        char = text[position]
        further: list[tuple[Chars, int, Saved]] = []
        seen: set[int] = set()
        for fits, place, saved in threads:
            if fits(char):
                matched = self._follow(place + 1, saved, text, position + 1, further, seen)
                if matched is not None:
                    return further, matched
        return further, None

    def _follow(
        self,
        place: int,
        saved: Saved,
        text: str,
        position: int,
        threads: list[tuple[Chars, int, Saved]],
        seen: set[int],
    ) -> Saved | None:
        """Adds the threads that stand before a character from here on, in order of preference; ends with the
        first that has matched, and gives what it saved."""
        stack = [(place, saved)]
        while stack:
            place, saved = stack.pop()
            if place in seen:
                continue
            seen.add(place)
            code, first, second = self._program[place]
            if code == CHAR:
                threads.append((first, place, saved))  # type: ignore[arg-type]  # CHAR carries a function
            elif code == MATCH:
                return saved
            elif code == SPLIT:
                stack.append((second, saved))
                stack.append((first, saved))  # type: ignore[arg-type]  # SPLIT and JUMP carry a place
            elif code == JUMP:
                stack.append((first, saved))  # type: ignore[arg-type]
            elif code == SAVE:
                slot: int = first  # type: ignore[assignment]  # SAVE carries the slot
                stack.append((place + 1, (*saved[:slot], position, *saved[slot + 1 :])))
            elif self._anchored(first, text, position):
                stack.append((place + 1, saved))
        return None

    def _anchored(self, sign: object, text: str, position: int) -> bool:
        if sign == "^":
            return position == 0 or (self._by_line and text[position - 1] == "\n")
        return position == len(text) or (self._by_line and text[position] == "\n")


@lru_cache(maxsize=512)
def _compiled(pattern: str, flags: str) -> Pattern:
    return Pattern(pattern, flags)


def pattern_of(pattern: str, flags: str | None) -> Pattern | None:
    """The compiled pattern, or None where it is no pattern.

    Raises: FeelLimit where it is too large.
    """
    if len(pattern) > _LONGEST_PATTERN:
        raise FeelLimit("正则表达式太长")
    try:
        return _compiled(pattern, flags or "")
    except PatternError:
        return None
