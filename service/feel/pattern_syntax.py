"""Reading a regular expression (those of XPath, as `matches`, `replace` and `split` take) into a small tree.

Back references are refused: without them every pattern runs in a time proportional to text times pattern.
"""

import re
from dataclasses import dataclass

from service.feel.pattern_classes import Chars, PatternError, category, escape_class, one_of, span, union

_MOST_TURNS = 1000
_MOST_DEPTH = 40
_QUANTITY = re.compile(r"\{([0-9]{1,4})(?:(,)([0-9]{1,4})?)?\}", re.ASCII)
_PLAIN_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_QUOTED = "\\|.?*+(){}-[]^$"


@dataclass(frozen=True, slots=True)
class One:
    """One character."""

    chars: Chars


@dataclass(frozen=True, slots=True)
class Anchor:
    """The start (`^`) or the end (`$`)."""

    sign: str


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: tuple["Part", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    options: tuple["Part", ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A captured group, numbered from 1."""

    number: int
    inner: "Part"


@dataclass(frozen=True, slots=True)
class Repeat:
    inner: "Part"
    least: int
    most: int | None
    greedy: bool


Part = One | Anchor | Sequence | Choice | Group | Repeat


class Reader:
    """One pass over a pattern."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.text = "".join(pattern.split()) if "x" in flags else pattern
        self.position = 0
        self.groups = 0
        self.depth = 0
        self.dot_all = "s" in flags

    def read(self) -> Part:
        """The whole pattern.

        Raises: PatternError where it is none.
        """
        part = self._choice()
        if self.position != len(self.text):
            raise PatternError("unmatched )")
        return part

    def _peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def _take(self) -> str:
        if self.position >= len(self.text):
            raise PatternError("unexpected end")
        self.position += 1
        return self.text[self.position - 1]

    def _choice(self) -> Part:
        options = [self._sequence()]
        while self._peek() == "|":
            self.position += 1
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Part:
        parts: list[Part] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated(self._atom()))
        return Sequence(tuple(parts))

    def _repeated(self, part: Part) -> Part:
        sign = self._peek()
        if sign in ("*", "+", "?") and sign:
            self.position += 1
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        elif sign == "{":
            least, most = self._quantity()
        else:
            return part
        greedy = self._peek() != "?"
        if not greedy:
            self.position += 1
        if self._peek() in ("*", "+", "?", "{") and self._peek():
            raise PatternError("nothing to repeat")
        return Repeat(part, least, most, greedy)

    def _quantity(self) -> tuple[int, int | None]:
        found = _QUANTITY.match(self.text, self.position)
        if not found:
            raise PatternError("bad quantity")
        self.position = found.end()
        least = int(found[1])
        most = (int(found[3]) if found[3] else None) if found[2] else least
        if least > _MOST_TURNS or (most is not None and not least <= most <= _MOST_TURNS):
            raise PatternError("bad quantity")
        return least, most

    def _atom(self) -> Part:
        sign = self._take()
        if sign == "(":
            return self._group()
        if sign == "[":
            return One(self._class())
        if sign == ".":
            return One((lambda _c: True) if self.dot_all else (lambda c: c not in "\n\r"))
        if sign in "^$":
            return Anchor(sign)
        if sign == "\\":
            return One(self._escape())
        if sign in "*+?{}]":
            raise PatternError(f"unexpected {sign}")
        return One(one_of(sign))

    def _group(self) -> Part:
        self.depth += 1
        if self.depth > _MOST_DEPTH:
            raise PatternError("too deep")
        number = 0
        if self._peek() == "?":
            if self.text[self.position : self.position + 2] != "?:":
                raise PatternError("unknown group")
            self.position += 2
        else:
            self.groups += 1
            number = self.groups
        inner = self._choice()
        if self._take() != ")":
            raise PatternError("missing )")
        self.depth -= 1
        return Group(number, inner) if number else inner

    def _escape(self) -> Chars:
        sign = self._take()
        if sign in _PLAIN_ESCAPES:
            return one_of(_PLAIN_ESCAPES[sign])
        if sign in _QUOTED:
            return one_of(sign)
        if sign in "pP":
            if self._take() != "{" or "}" not in self.text[self.position :]:
                raise PatternError("bad category")
            end = self.text.index("}", self.position)
            name = self.text[self.position : end]
            self.position = end + 1
            return category(name, negated=sign == "P")
        return escape_class(sign)

    def _class(self) -> Chars:
        """`[…]`: characters, spans, escapes, and `-[…]` for what is taken away."""
        self.depth += 1
        if self.depth > _MOST_DEPTH:
            raise PatternError("too deep")
        negated = self._peek() == "^"
        self.position += negated
        members: list[Chars] = []
        taken: Chars | None = None
        while self._peek() != "]" or not members:
            if self.text[self.position : self.position + 2] == "-[":
                self.position += 2
                taken = self._class()
                break
            members.append(self._member())
        if self._take() != "]":
            raise PatternError("missing ]")
        self.depth -= 1
        return union(members, negated=negated, without=taken)

    def _member(self) -> Chars:
        sign = self._take()
        if sign == "[":
            raise PatternError("unexpected [")
        if sign == "\\":
            following = self._peek()
            if following not in _QUOTED and following not in _PLAIN_ESCAPES:
                return self._escape()
            self.position += 1
            sign = _PLAIN_ESCAPES.get(following, following)
        if self._peek() != "-" or self.text[self.position + 1 : self.position + 2] in ("]", "[", ""):
            return one_of(sign)
        self.position += 1
        last = self._take()
        if last == "\\":
            last = self._take()
            last = _PLAIN_ESCAPES.get(last, last)
        return span(sign, last)
