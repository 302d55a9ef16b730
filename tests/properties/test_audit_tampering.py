"""A thousand random tamperings of each kind with a chain that was anchored: all are found, and no honest chain is blamed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from service.domain import audit
from service.domain.anchors import Head
from service.domain.changes import OF_CASE, AuditEntry, Chain
from service.domain.errors import ChainBroken
from service.usecases.verify_audit import require_anchored

TIMES = 1000
KEY = b"k" * 32
NOON = datetime(2024, 3, 4, 4, tzinfo=UTC)
Entries = list[AuditEntry]


def chain(random: Random) -> Entries:
    """Some records, each sealed over the one before it."""
    entries: Entries = []
    end = Chain(OF_CASE, "c1")
    for n in range(random.randrange(3, 12)):
        payload = {"n": random.randrange(10**6)}
        at = NOON + timedelta(seconds=n)
        entries.append(
            audit.next_entry(KEY, end, at=at, actor=f"p{n % 3}", kind="submitted", payload=payload)
        )
        end = Chain(OF_CASE, "c1", entries[-1].seq, entries[-1].seal)
    return entries


def resealed(entries: Entries) -> Entries:
    """The same, sealed anew by one who has the key."""
    sealed: Entries = []
    before = audit.GENESIS
    for seq, entry in enumerate(entries, 1):
        one = replace(entry, seq=seq)
        before = audit.seal(KEY, before, audit.body(one))
        sealed.append(replace(one, seal=before))
    return sealed


def edited(entries: Entries, place: int, random: Random) -> Entries:
    changes = (
        {"actor": "x"},
        {"kind": "x"},
        {"payload": {"n": -1}},
        {"at": NOON - timedelta(days=1)},
        {"seal": "0"},
    )
    return [*entries[:place], replace(entries[place], **random.choice(changes)), *entries[place + 1 :]]


def dropped(entries: Entries, place: int, random: Random) -> Entries:
    return [*entries[:place], *entries[place + 1 :]]


def swapped(entries: Entries, place: int, random: Random) -> Entries:
    other = (place + random.randrange(1, len(entries))) % len(entries)
    mixed = list(entries)
    mixed[place], mixed[other] = mixed[other], mixed[place]
    return mixed


def inserted(entries: Entries, place: int, random: Random) -> Entries:
    return [*entries[:place], random.choice(entries), *entries[place:]]


def rewritten(entries: Entries, place: int, random: Random) -> Entries:
    return resealed([*entries[:place], replace(entries[place], actor="forged"), *entries[place + 1 :]])


def cut(entries: Entries, place: int, random: Random) -> Entries:
    return entries[:place]


def cut_and_gone_on(entries: Entries, place: int, random: Random) -> Entries:
    more = [replace(entry, payload={"n": -entry.seq}) for entry in entries[place:]]
    return resealed([*entries[:place], *more, *more])


KINDS = {
    "edit": edited,
    "drop": dropped,
    "swap": swapped,
    "insert": inserted,
    "rewrite with the key": rewritten,
    "cut tail": cut,
    "cut tail and go on": cut_and_gone_on,
}


def is_found(entries: Entries, head: Head) -> bool:
    """Whether a chain whose own end says whatever it has to is found not to be what was anchored."""
    try:
        audit.verify(KEY, entries, entries[-1].seal if entries else "")
        require_anchored(head, entries)
    except ChainBroken:
        return True
    return False


def anchored(random: Random) -> Iterator[tuple[Entries, Head, int]]:
    """Chains, where each was anchored, and a place up to there."""
    for _ in range(TIMES):
        entries = chain(random)
        last = random.choice(entries)
        yield entries, Head(OF_CASE, "c1", "JSJB-2024-00001", last.seq, last.seal), random.randrange(last.seq)


@pytest.mark.parametrize("tamper", KINDS.values(), ids=KINDS)
def test_every_tampering_up_to_the_anchor_is_found(
    tamper: Callable[[Entries, int, Random], Entries],
) -> None:
    random = Random(20)
    found = sum(is_found(tamper(entries, place, random), head) for entries, head, place in anchored(random))

    print(f"tampered={TIMES} found={found}")
    assert found == TIMES


def test_no_honest_chain_is_blamed() -> None:
    assert sum(is_found(entries, head) for entries, head, _ in anchored(Random(20))) == 0


def test_what_came_after_the_anchor_is_the_window() -> None:
    entries = chain(Random(20))
    head = Head(OF_CASE, "c1", "JSJB-2024-00001", 2, entries[1].seal)

    assert not is_found(entries[:2], head)
    assert is_found(entries[:1], head)
