"""What of a text can be seen: signs that show nothing are no text, and do not stand at its ends."""

from __future__ import annotations

import unicodedata

# Letters and signs of their category, yet drawn as nothing: fillers of Hangul and of Braille.
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_BLANK_CATEGORIES = frozenset(("Cf", "Zs", "Zl", "Zp"))
# They change the sign before them, an emoji for one, and alone show nothing.
_SELECTORS = frozenset(
    ["\u034f", "\u17b4", "\u17b5"]
    + [chr(code) for code in (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))]
)


def trimmed(text: str) -> str:
    """The text without blanks and invisible signs at both ends; empty where nothing can be seen in it.

    What stands inside stays: joiners hold an emoji or a script together there.
    """
    text = text.strip()
    if not text or (_shows(text[0]) and _shows(text[-1])):
        return text
    seen = [at for at, sign in enumerate(text) if _shows(sign)]
    if not seen:
        return ""
    last = seen[-1] + 1
    while text[last : last + 1] in _SELECTORS:
        last += 1
    return text[seen[0] : last]


def is_blank(sign: str) -> bool:
    """Whether a sign is a blank, or a format sign that shows nothing."""
    return sign.isspace() or sign in _FILLERS or unicodedata.category(sign) in _BLANK_CATEGORIES


def _shows(sign: str) -> bool:
    return sign not in _SELECTORS and not is_blank(sign)
