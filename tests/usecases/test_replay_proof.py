"""Worked cases replayed on the very release on which they ran go nowhere otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from service.domain.case import CaseFile
from service.domain.replayed import OTHERWISE, SAME, UNPLAYABLE, Replayed
from service.rehearsal.case_file_format import WorkedCase
from service.rehearsal.case_file_source import playable, read_worked_cases
from service.rehearsal.check_cases import CheckedContent, fresh_world
from service.rehearsal.play import play as play_case
from service.rehearsal.replaying.live import Live
from service.rehearsal.replaying.replay import NO_RECORD, Replaying
from service.store import SqlStore
from service.store.scratch import scratch
from service.usecases.house import House
from tests.every_case import every_case
from tests.usecases.houses import PROJECT, shipped

CASES = sorted((PROJECT / "bpmn" / "cases").glob("*.yaml"))
# On PostgreSQL those that ask most of other cases, and the first of each other file.
ON_POSTGRES = {"acceptance", "periods", "frequency", "sight_and_reports"}


def heads(store: SqlStore) -> dict[str, CaseFile]:
    with store.begin(reading=True) as uow:
        return {one.id: one for one in every_case(uow)}


def replayed_on_own(house: House) -> list[Replayed]:
    """Every case of a database, restricted ones too, on the very release on which it ran."""
    assert isinstance(house.store, SqlStore)
    live = Live(house.store, house.catalogue)
    known = heads(house.store)
    on: dict[int, Replaying] = {}
    for one in known.values():
        release = house.catalogue.release(one.release_no)
        on.setdefault(one.release_no, Replaying(live, release, house.calendar))
    return [on[known[one].release_no].case(one, house.clock.now()) for one in known]


def told(one: Replayed) -> list[str]:
    return [f"{d.what} {d.title}: {d.was} → {d.now} ({d.doing})" for d in one.differences]


def played_and_replayed(case: WorkedCase, databases: Any) -> list[Replayed]:
    with fresh_world(case, CheckedContent.of(shipped()), databases, {}) as world:
        play_case(world, case, compare=False)
        return replayed_on_own(world.house)


@pytest.mark.parametrize("file", CASES, ids=lambda path: path.stem)
def test_a_worked_case_replayed_on_its_release_goes_nowhere_otherwise(
    file: Path, database_kind: str, database_url: str
) -> None:
    cases = list(playable(read_worked_cases(file.read_bytes(), file.name)))
    if database_kind == "postgresql" and file.stem not in ON_POSTGRES:
        cases = cases[:1]
    with scratch(database_url) as databases:
        found = {case.id: played_and_replayed(case, databases) for case in cases}

    every = [(key, one) for key, several in found.items() for one in several]
    assert [(key, one.case_no, told(one)) for key, one in every if one.outcome == OTHERWISE] == []
    # what was loaded for a report was never handed in
    assert {one.reason for _, one in every if one.outcome == UNPLAYABLE} <= {NO_RECORD}
    assert all(one.case_no.startswith("D") for _, one in every if one.outcome == UNPLAYABLE)
    assert any(one.outcome == SAME for _, one in every) or not any(case.steps for case in cases)
