"""A worked case ends the same on the store in memory, on which processes are explored, as on a real database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.domain.changes import LoadedCase
from service.domain.errors import Missing, Stale
from service.domain.ports import Store
from service.rehearsal.case_file_format import WorkedCase, WorkedStep
from service.rehearsal.exploring.case_store import CaseStore
from service.rehearsal.play import play
from service.rehearsal.step_player import StepPlayer
from service.rehearsal.world import World, world_for
from service.store.files import FolderKeep
from service.store.scratch import scratch
from tests.usecases.houses import shipped, worked
from tests.usecases.test_worked_cases import CASES

# Names that are made up anew in every world, and what is sealed over them.
MADE_UP = frozenset(
    {"id", "case_id", "instance_id", "timer_id", "clock_id", "started_by", "started", "instance", "key"}
)
SEALED = frozenset({"audit_head", "seal", "fingerprint", "cause"})


def without_names(one: Any) -> dict[str, Any]:
    """A row without what differs from world to world."""
    kept = {f.name: getattr(one, f.name) for f in fields(one) if f.name not in MADE_UP | SEALED}
    kept.pop("snapshot", None)
    if "columns" in kept:
        kept["columns"] = {name: as_text(value) for name, value in kept["columns"].items()}
    if "values" in kept:
        kept["values"] = without_uploads(kept["values"])
    return kept


def as_text(value: Any) -> Any:
    """An instant in a column as JSON holds it."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def without_uploads(value: Any) -> Any:
    """Values of a form with the name of each upload in the place of its id."""
    if isinstance(value, dict):
        return {
            key: without_uploads(inner)
            for key, inner in value.items()
            if not ("sha256" in value and key == "id")
        }
    if isinstance(value, list | tuple):
        return [without_uploads(inner) for inner in value]
    return value


def played_on(store: Store, folder: Path, name: str) -> World:
    case = worked(name)
    world = world_for(case, shipped(), store, FolderKeep(folder), {})
    played = play(world, case)
    assert [m.line() for m in played.mismatches] == []
    return world


def ending(world: World) -> dict[str, Any]:
    """All that a case came to: its head, clocks, tasks, timers, submissions, notices, the kinds of its records."""
    (case_id,) = set(world.cases.values())
    with world.house.store.begin(reading=True) as uow:
        loaded: LoadedCase = uow.load(case_id)
        notices = uow.notices(case_id)
        _, records = uow.chain("case", case_id)
    order = {c.id: c.order for c in loaded.clocks}
    return {
        "case": without_names(loaded.case),
        "instances": [without_names(i) for i in loaded.instances],
        "submissions": [without_names(s) for s in loaded.submissions],
        "clocks": [without_names(c) for c in loaded.clocks],
        "tasks": sorted((without_names(t) for t in loaded.tasks), key=repr),
        "timers": sorted((without_names(t) for t in loaded.timers), key=repr),
        "notices": [{**without_names(n), "clock_order": order.get(n.clock_id or "")} for n in notices],
        "records": [(r.seq, r.at, r.actor, r.kind) for r in records],
    }


@pytest.mark.parametrize("name", CASES)
def test_a_worked_case_ends_the_same_in_memory_as_on_sqlite(name: str, tmp_path: Path) -> None:
    in_memory = ending(played_on(CaseStore(), tmp_path / "memory", name))

    with scratch() as databases, databases.database() as store:
        on_disk = ending(played_on(store, tmp_path / "disk", name))

    assert in_memory == on_disk


def test_the_same_follows_from_a_state_as_often_as_it_is_gone_on_from(tmp_path: Path) -> None:
    store, case = CaseStore(), worked("S02")
    world = world_for(case, shipped(), store, FolderKeep(tmp_path), {})
    play_steps(world, case, case.steps[:4])
    halfway = store.kept

    play_steps(world, case, case.steps[4:])
    once = ending(world)
    store.kept = halfway
    world.clock.move_to(case.steps[3].at, back=True)
    play_steps(world, case, case.steps[4:])

    assert ending(world) == once


def play_steps(world: World, case: WorkedCase, steps: Sequence[WorkedStep]) -> None:
    for step in steps:
        list(StepPlayer(world, case, step).run_only())


def test_what_is_not_committed_is_not_kept(tmp_path: Path) -> None:
    store = CaseStore()
    played_on(store, tmp_path, CASES[0])
    kept = store.kept
    assert kept is not None

    with store.begin() as uow:
        head = uow.load(kept.loaded.case.id).case
        uow.claim_task("none", "nobody", head.received_at)

    assert store.kept is kept


def test_a_step_from_a_state_that_moved_meanwhile_is_stale(tmp_path: Path) -> None:
    store = CaseStore()
    played_on(store, tmp_path, CASES[0])
    kept = store.kept
    assert kept is not None

    with store.begin() as uow, pytest.raises(Stale):
        uow.record(kept.audit[-1], kept.loaded.case.version - 1)


def test_a_second_case_is_refused_until_the_first_is_shelved(tmp_path: Path) -> None:
    store = CaseStore()
    world = played_on(store, tmp_path, CASES[0])
    (case_id,) = set(world.cases.values())

    head = store.shelve()

    assert head is not None
    with store.begin() as uow:
        assert uow.case_of_no(head.case_no) == head
        with pytest.raises(Missing):
            uow.load(case_id)
