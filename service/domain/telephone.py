"""Telephone numbers as people write them, and what of them tells one from another."""

from __future__ import annotations

import unicodedata

CHINA = "86"
MOBILE_LENGTH = 11


def is_number(written: str) -> bool:
    """Whether this is meant as a number: digits, and what people write between them."""
    folded = unicodedata.normalize("NFKC", written)
    return digits_of(written) is not None and not any(one.isalpha() for one in folded)


def digits_of(written: str | None) -> str | None:
    """The digits of a number, however it is written: full-width, with spaces, hyphens, brackets or the country's code.

    None where it has none: a mail address without figures, 匿名.
    """
    folded = unicodedata.normalize("NFKC", written or "")
    digits = "".join(one for one in folded if one.isascii() and one.isdigit())
    if digits.startswith(CHINA) and len(digits) == len(CHINA) + MOBILE_LENGTH:
        digits = digits.removeprefix(CHINA)
    return digits or None
