"""Uploads that meet: together they do not pass the quota, however many come at once."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

from service.domain.people import HANDLER, Grant, Person
from service.domain.roster import Department
from service.store import SqlStore
from service.usecases.attach_file import attach_file
from service.usecases.upload_quota import QuotaUsed
from tests.store.test_races import at_once
from tests.usecases.timed import timed_house

PNG = b"\x89PNG\r\n\x1a\n"
SIZE, FIT = 1000, 3


def test_of_eight_uploads_at_once_as_many_are_taken_as_fit(store: SqlStore, tmp_path: Path) -> None:
    timed = timed_house(store, tmp_path, "2024-03-04T09:00:00")
    house = dataclasses.replace(timed.world.house, upload_quota_bytes=SIZE * FIT)
    somebody = Person("u1", "u1", "某", (Grant(HANDLER, "dept_x"),))
    with store.begin() as unit:
        unit.add_department(Department("dept_x", "某部门"))
        unit.add_person(somebody, None)
        unit.commit()

    def upload(n: int) -> object:
        content = PNG + bytes([n]) * (SIZE - len(PNG))
        try:
            return attach_file(
                house, io.BytesIO(content), "a.png", somebody, case_no=None, limit=SIZE
            ).size_bytes
        except QuotaUsed:
            return "refused"

    answers = at_once(8, upload)

    assert answers.count(SIZE) == FIT, answers
    with store.begin(reading=True) as unit:
        assert unit.bytes_waiting("u1", since=house.clock.now()) == SIZE * FIT
