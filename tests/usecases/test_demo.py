"""The demo organisation: cases in all stages, each of which tells of something of its own."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from service.ops.first_start import prepare
from service.ops.settings import Settings
from service.rehearsal.demo import PARTS
from service.rehearsal.demo_orders import CATEGORIES, ORDERS
from service.store.store import open_store
from service.store.tables import case_file

STAGES = {"registered", "in_progress", "report_submitted", "approved", "uploaded", "closed"}


def test_each_replay_of_a_worked_case_has_an_order_of_its_own():
    replayed = Counter(part.case for part in PARTS)

    assert {case: len(orders) for case, orders in ORDERS.items()} == dict(replayed)
    assert set(CATEGORIES) == set(ORDERS)


def test_the_cases_of_the_demo_differ_and_stand_in_all_stages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("JSJB_VAR", str(tmp_path / "var"))
    settings = Settings.from_environment()

    prepare(settings, demo=True, say=lambda _: None)

    store = open_store(settings.database_url)
    with store.reading() as connection:
        complaints = select(case_file).where(case_file.c.process.is_(None))
        found = connection.execute(complaints).all()
    store.close()
    titles = [one.title for one in found]
    assert len(found) == len(PARTS)
    assert sorted(titles) == sorted({order.title for orders in ORDERS.values() for order in orders})
    assert {one.status for one in found} >= STAGES
