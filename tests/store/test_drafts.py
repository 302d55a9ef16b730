"""Drafts of content: each save steps the version, so that nobody's save is lost; rehearsals are kept by hash."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.drafts import Draft, DraftFile, RehearsalRow
from service.domain.errors import Missing, Stale
from service.domain.people import Grant, Person
from service.store import SqlStore
from service.store.drafts import SqlDrafts
from service.store.failures import Taken
from tests.store.cases import NOON, with_release

DRAFT = Draft("d1", "p1", "两日", 1, 1, NOON, NOON)
FILE = DraftFile("bpmn/policy.yaml", b"one", "p1", NOON + timedelta(minutes=1))


@pytest.fixture
def drafts(store: SqlStore) -> SqlDrafts:
    """A store with a release, a process owner and one draft of theirs."""
    with_release(store)
    with store.begin() as uow:
        uow.add_person(Person("p1", "li", "李", (Grant("process_owner"),)), None)
        uow.commit()
    kept = SqlDrafts(store)
    kept.begin(DRAFT)
    return kept


def test_a_saved_file_comes_back_and_steps_the_version(drafts):
    drafts.put(DRAFT, FILE)

    assert drafts.files("d1") == {FILE.name: FILE}
    assert drafts.find("d1") == replace(DRAFT, version=2, changed_at=FILE.changed_at)


def test_a_save_on_an_older_version_changes_nothing(drafts):
    drafts.put(DRAFT, FILE)

    with pytest.raises(Stale):
        drafts.put(DRAFT, replace(FILE, content=b"two"))

    assert drafts.files("d1") == {FILE.name: FILE}


def test_a_file_taken_back_is_no_change_any_more(drafts):
    drafts.put(DRAFT, FILE)

    drafts.take_back(drafts.find("d1"), FILE.name, NOON)

    assert drafts.files("d1") == {}
    assert drafts.find("d1").version == 3


def test_a_file_that_is_to_go_keeps_what_it_was(drafts):
    removed = replace(FILE, removed=True)
    untouched = replace(FILE, name="bpmn/facts.yaml", content=None, removed=True)

    drafts.put(DRAFT, removed)
    drafts.put(drafts.find("d1"), untouched)

    assert drafts.files("d1") == {FILE.name: removed, untouched.name: untouched}


def test_one_person_has_one_draft_of_a_title(drafts):
    with pytest.raises(Taken):
        drafts.begin(replace(DRAFT, id="d2"))


def test_a_draft_saved_meanwhile_is_not_discarded_with_what_was_seen(drafts):
    drafts.put(DRAFT, FILE)

    drafts.discard("d1", DRAFT.version)
    kept = drafts.files("d1")
    drafts.discard("d1", DRAFT.version + 1)

    assert kept == {FILE.name: FILE}
    assert drafts.all() == []
    with pytest.raises(Missing):
        drafts.find("d1")


def test_a_rehearsal_is_kept_in_place_of_what_was_known(drafts):
    row = RehearsalRow("h" * 64, 1, 2, "running", {"differ": []}, NOON, NOON)
    done = replace(row, done=2, state="done", outcome={"differ": [{"case": "S02"}]})

    drafts.note_rehearsal(row)
    drafts.note_rehearsal(done)

    assert drafts.rehearsal("h" * 64) == done
    assert drafts.rehearsal("none") is None
