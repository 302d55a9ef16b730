"""What people look for: names and numbers of people stand in no address, so in no log and no history of a browser.

A search is posted; its words stay in the session, and the address of the result carries a key to them, so that the page
can be turned, gone back to and opened again while one is logged in. Article: A15-6.
"""

from __future__ import annotations

from collections.abc import Mapping
from secrets import token_urlsafe

from flask import request, session

SOUGHT = "sought"  # the entry of the session, and the argument of the address that carries the key
KEPT = 8  # searches whose words are kept, the latest
LONGEST = 100


def keep_sought() -> str | None:
    """The key to the words just posted; None where there are none."""
    words = request.form.get("q", "").strip()[:LONGEST]
    if not words:
        return None
    kept = kept_searches()
    key = next((key for key, known in kept.items() if known == words), None) or token_urlsafe(6)
    others = {one: known for one, known in kept.items() if one != key}
    session[SOUGHT] = dict([*others.items(), (key, words)][-KEPT:])
    return key


def sought() -> str:
    """The words to which the address carries a key; nothing where it carries none, or they are kept no more."""
    return kept_searches().get(request.args.get(SOUGHT, ""), "")


def is_forgotten() -> bool:
    """Whether the address carries a key to words that are kept no more: of another login, or of many searches ago."""
    return bool(request.args.get(SOUGHT)) and not sought()


def kept_searches() -> Mapping[str, str]:
    found: Mapping[str, str] = session.get(SOUGHT) or {}
    return found
