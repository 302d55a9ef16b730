"""The key with which the next page of a list begins, as it stands in an address."""

from __future__ import annotations

from datetime import datetime

from service.store.reads.paging import Key


def key_of(text: str) -> Key | None:
    """The key out of an address; what makes no sense is passed over."""
    at, _, row_id = text.partition("~")
    instant = instant_of(at)
    return (instant, row_id) if instant and row_id else None


def key_text(key: Key) -> str:
    return f"{key[0].isoformat()}~{key[1]}"


def instant_of(text: str) -> datetime | None:
    """An instant with its zone; None for anything else."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else None
