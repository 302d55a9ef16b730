"""What people look for: names and numbers of people stand in no address, so in no log and no history of a browser.

A search is posted; its words stay in the database as long as one is logged in, and the address of the result carries a
key to them, so that the page can be turned, gone back to and opened again. Article: A15-6.
"""

from __future__ import annotations

from flask import g, request, session

from service.store.searches import keep_search, kept_words
from service.usecases.log_in import hashed
from service.web.sessions import TOKEN
from service.web.surroundings import now, person, store

SOUGHT = "sought"  # the argument of the address that carries the key
IN_ADDRESS = "q"  # the argument that once carried the words themselves
LONGEST = 100


def keep_sought() -> str | None:
    """The key to the words just posted; None where there are none."""
    words = given(request.form.get("q", ""))
    return keep_search(store(), login(), person().id, words, now()) if words else None


def sought() -> str:
    """The words to which the address carries a key; nothing where it carries none, or they are kept no more."""
    session.pop(SOUGHT, None)  # where they were kept before
    key = request.args.get(SOUGHT, "")
    if "sought" not in g:
        g.sought = kept_words(store(), login(), person().id, key) if key else ""
    return str(g.sought)


def is_forgotten() -> bool:
    """Whether the address carries a key to words that are kept no more: of another login, or of many searches ago."""
    return bool(request.args.get(SOUGHT)) and not sought()


def offered() -> str:
    """The words that an address of before carries, a bookmark perhaps: put into the field, for nobody has asked yet."""
    return "" if request.args.get(SOUGHT) else given(request.args.get(IN_ADDRESS, ""))


def given(text: str) -> str:
    """The words as they are looked for; what no database can hold is left out."""
    return text.replace("\0", "").strip()[:LONGEST]


def login() -> str:
    """What stands for the session of whoever is logged in."""
    return hashed(session[TOKEN])
