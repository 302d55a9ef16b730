"""Sets of characters in patterns, as functions that say whether a character is in."""

import unicodedata
from collections.abc import Callable, Sequence

Chars = Callable[[str], bool]

_BLOCKS = {
    "IsBasicLatin": ("\u0000", "\u007f"),
    "IsLatin-1Supplement": ("\u0080", "\u00ff"),
    "IsGreek": ("\u0370", "\u03ff"),
    "IsCyrillic": ("\u0400", "\u04ff"),
    "IsGeneralPunctuation": ("\u2000", "\u206f"),
    "IsCJKSymbolsandPunctuation": ("\u3000", "\u303f"),
    "IsHiragana": ("\u3040", "\u309f"),
    "IsKatakana": ("\u30a0", "\u30ff"),
    "IsCJKUnifiedIdeographs": ("\u4e00", "\u9fff"),
    "IsHangulSyllables": ("\uac00", "\ud7a3"),
    "IsHalfwidthandFullwidthForms": ("\uff00", "\uffef"),
}
_CATEGORIES = frozenset(
    name
    for letter, kinds in {
        "L": "ultmo",
        "M": "nce",
        "N": "dlo",
        "P": "cdseifo",
        "Z": "slp",
        "S": "mcko",
    }.items()
    for name in (letter, *(letter + kind for kind in kinds))
) | {"C", "Cc", "Cf", "Co", "Cn"}


class PatternError(ValueError):
    """No regular expression, or one with what is not allowed."""


def one_of(chars: str) -> Chars:
    return lambda c: c == chars


def span(first: str, last: str) -> Chars:
    if first > last:
        raise PatternError("span backwards")
    return lambda c: first <= c <= last


def category(name: str, *, negated: bool) -> Chars:
    """`\\p{…}`: a category of Unicode, or a block."""
    if name in _BLOCKS:
        inside = span(*_BLOCKS[name])
    elif name in _CATEGORIES:
        inside = lambda c: unicodedata.category(c).startswith(name)  # noqa: E731  one of two ways to say it
    else:
        raise PatternError(f"unknown category {name}")
    return (lambda c: not inside(c)) if negated else inside


def escape_class(sign: str) -> Chars:
    """`\\d \\s \\w \\i \\c`, and in capitals what is not in them."""
    inside = _ESCAPES.get(sign.lower())
    if inside is None:
        raise PatternError(f"unknown escape {sign}")
    return inside if sign.islower() else (lambda c: not inside(c))


def union(members: Sequence[Chars], *, negated: bool, without: Chars | None) -> Chars:
    parts = tuple(members)

    def inside(c: str) -> bool:
        found = any(part(c) for part in parts) is not negated
        return found and not (without is not None and without(c))

    return inside


def any_case(chars: Chars) -> Chars:
    """The same without regard to upper and lower case."""
    return lambda c: chars(c) or chars(c.lower()) or chars(c.upper())


def is_word(c: str) -> bool:
    """What XML Schema calls a word character: no punctuation, separator or control character."""
    return unicodedata.category(c)[0] not in "PZC"


def _is_name_start(c: str) -> bool:
    return c.isalpha() or c in "_:"


_ESCAPES: dict[str, Chars] = {
    "d": lambda c: unicodedata.category(c) == "Nd",
    "s": lambda c: c in " \t\n\r",
    "w": is_word,
    "i": _is_name_start,
    "c": lambda c: _is_name_start(c) or c.isdigit() or c in "-.\u00b7",
}
