"""Releases that were called off, and releases that cases use. Both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from service.domain.releases import Cancellation
from service.store import SqlStore
from service.store.failures import AppendOnly, Taken
from tests.store.cases import NOON, a_release, opening, save, with_release


def test_a_release_that_was_called_off_says_by_whom_when_and_why(store: SqlStore) -> None:
    off = Cancellation(2, "p1", NOON, "暂缓")
    with store.begin() as unit:
        unit.add_release(a_release(1), {})
        unit.add_release(a_release(2), {})
        unit.cancel_release(off)
        assert [row.cancelled for row in unit.releases()] == [None, off]
        unit.commit()

    with store.begin() as unit:
        assert unit.submitted("k") is None  # a command that opens a case reads the releases with this
        assert [row.cancelled for row in unit.releases()] == [None, off]

    with store.begin() as unit:
        assert [row.cancelled for row in unit.releases()] == [None, off]
        with pytest.raises(Taken):
            unit.cancel_release(off)


@pytest.mark.parametrize("change", ["UPDATE {} SET reason = 'x'", "DELETE FROM {}"])
def test_that_a_release_was_called_off_can_be_neither_changed_nor_undone(
    store: SqlStore, change: str
) -> None:
    with store.begin() as unit:
        unit.add_release(a_release(1), {})
        unit.cancel_release(Cancellation(1, "p1", NOON, "暂缓"))
        unit.commit()

    with store.begin() as unit, pytest.raises(AppendOnly):
        unit.transaction.execute(text(change.format("release_cancellation")))


def test_a_release_is_in_use_once_a_case_is_pinned_to_it(store: SqlStore) -> None:
    save(with_release(store), opening())

    with store.begin() as unit:
        assert unit.is_release_in_use(1)
        assert not unit.is_release_in_use(2)
