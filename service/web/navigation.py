"""The entries at the top of every page. Each audience adds its own; a person sees those of their roles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Flask, current_app, g, request

EXTENSION = "jsjb.navigation"
FIRST_PAGE = "staff.inbox"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `roles` empty: for everybody who works on cases."""

    endpoint: str
    label: str
    icon: str
    roles: frozenset[str] = frozenset()
    badge: str | None = None  # the name of a count that pages are given, `unread`

    @property
    def is_here(self) -> bool:
        """Whether the page being shown belongs to this entry."""
        return request.endpoint == self.endpoint


def add_entries(app: Flask, entries: Iterable[Entry]) -> None:
    """Put the entries of an audience behind those that are there."""
    app.extensions.setdefault(EXTENSION, []).extend(entries)


def entries_for_person() -> list[Entry]:
    """The entries that the person logged in may open."""
    person = g.get("person")
    if person is None:
        return []
    held = {grant.role for grant in person.grants}
    return [e for e in current_app.extensions[EXTENSION] if not e.roles or e.roles & held]


def first_entry() -> Entry | None:
    """Where this person begins: with their to-dos, or, who has none, with the first room of their own."""
    entries = entries_for_person()
    to_dos = (entry for entry in entries if entry.endpoint == FIRST_PAGE)
    rooms = (entry for entry in entries if not entry.endpoint.startswith("staff."))
    return next(to_dos, None) or next(rooms, None) or next(iter(entries), None)


def init_app(app: Flask) -> None:
    app.extensions.setdefault(EXTENSION, [])
    app.jinja_env.globals["navigation"] = entries_for_person
