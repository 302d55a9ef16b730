"""Three people, each with two copies of the same thing open, write in any order: nobody's writing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from service.domain.changes import LoadedCase
from service.domain.drafts import Draft, DraftFile
from service.domain.errors import Stale
from service.domain.people import Grant, Person
from service.store import SqlStore
from service.store.drafts import SqlDrafts
from service.store.scratch import scratch
from tests.store.cases import NOON, completing, load, opening, save, with_release

COPIES = st.sampled_from([(person, copy) for person in ("p1", "p2", "p3") for copy in (1, 2)])
EXAMPLES = 1000
FILE = "bpmn/policy.yaml"
NUMBERS = count(2)
FIRST = Draft("d", "p1", "两日", 1, 1, NOON, NOON)

Copy = tuple[str, int]


class Writers(RuleBasedStateMachine):
    """A case and a draft, the copies that people have of them, and what was said to be saved."""

    store: SqlStore

    def __init__(self) -> None:
        super().__init__()
        self.case_id = f"c{next(NUMBERS)}"
        save(self.store, opening(self.case_id))
        self.drafts = SqlDrafts(self.store)
        self.draft = replace(FIRST, id=self.case_id, title=self.case_id)
        self.drafts.begin(self.draft)
        self.cases: dict[Copy, LoadedCase] = {}
        self.texts: dict[Copy, tuple[Draft, bytes]] = {}
        self.saved = {f"key-s1-{self.case_id}"}
        self.written: list[bytes] = []

    @rule(copy=COPIES)
    def look(self, copy: Copy) -> None:
        """Open the case and the draft anew."""
        self.cases[copy] = load(self.store, self.case_id)
        files = self.drafts.files(self.case_id)
        self.texts[copy] = self.found(), files[FILE].content if FILE in files else b""

    @rule(copy=COPIES)
    def submit(self, copy: Copy) -> None:
        """Save a submission on the case as this copy shows it."""
        if copy not in self.cases:
            return
        seen, number = self.cases[copy], next(NUMBERS)
        is_current = seen.case.version == load(self.store, self.case_id).case.version
        change = completing(seen, number)
        assert change.submission is not None
        try:
            save(self.store, change)
        except Stale:
            assert not is_current, "refused though nobody had written"
        else:
            self.saved.add(change.submission.key)

    @rule(copy=COPIES)
    def write(self, copy: Copy) -> None:
        """Save the draft's file with a line more than this copy shows."""
        if copy not in self.texts:
            return
        (seen, text), line = self.texts[copy], f"{next(NUMBERS)}\n".encode()
        is_current = seen.version == self.found().version
        try:
            file = DraftFile(FILE, text + line, copy[0], NOON + timedelta(minutes=1))
            self.drafts.put(seen, file)
        except Stale:
            assert not is_current, "refused though nobody had written"
        else:
            self.written.append(line)

    @invariant()
    def nothing_is_lost(self) -> None:
        """Whatever was said to be saved is there, in the order in which it was said."""
        assert {one.key for one in load(self.store, self.case_id).submissions} == self.saved
        files = self.drafts.files(self.case_id)
        assert (files[FILE].content if FILE in files else b"") == b"".join(self.written)

    def found(self) -> Draft:
        draft = self.drafts.find(self.case_id)
        assert draft is not None
        return draft


@contextmanager
def writers() -> Iterator[type[Writers]]:
    """Those of one SQLite database; each run has a case and a draft of its own."""
    with scratch() as databases, databases.database() as store:
        with_release(store)
        with store.begin() as uow:
            for person in ("p1", "p2", "p3"):
                uow.add_person(Person(person, person, person, (Grant("process_owner"),)), None)
            uow.commit()
        yield type("WritersOfOneDatabase", (Writers,), {"store": store})


def test_nothing_that_was_said_to_be_saved_is_lost() -> None:
    with writers() as machine:
        run_state_machine_as_test(machine, settings=settings(max_examples=EXAMPLES, stateful_step_count=12))  # type: ignore[no-untyped-call]
