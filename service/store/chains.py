"""Audit chains as they are kept: the records of one subject in order, and beside them where the chain ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from service.domain.audit import CLUE, LOOKS
from service.domain.changes import OF_CASE, OF_PERSON, AuditEntry, Chain
from service.domain.errors import Missing
from service.store import rows
from service.store.driver import Command, Driver
from service.store.session import Transaction
from service.store.tables import audit, person

# about whom → the table of the heads with its key, the table of the records with their columns
_HEADS = {OF_CASE: ("case_file", "id"), OF_PERSON: ("person_chain", "person_id")}
_RECORDS = {OF_CASE: ("audit", rows.AUDIT), OF_PERSON: ("person_audit", rows.PERSON_AUDIT)}
_READ = {OF_CASE: rows.audit_of, OF_PERSON: rows.person_audit_of}


def chain(unit: Transaction, about: str, subject: str) -> tuple[Chain, list[AuditEntry]]:
    """A chain with its records, as they stand at one instant. Raises: Missing where a case is not there."""
    heads, key = _HEADS[about]
    records, columns = _RECORDS[about]
    asked = (
        f"SELECT h.audit_seq, h.audit_head, {_named(columns, 'r.')}"  # noqa: S608
        f" FROM {heads} h LEFT JOIN {records} r ON r.{columns[0]} = h.{key}"
        f" WHERE h.{key} = {unit.driver.placeholder} ORDER BY r.seq"
    )
    found = unit.run([Command(asked, [subject])])[0].rows
    if not found:
        if about == OF_CASE:
            raise Missing
        return Chain(about, subject), []
    read = _READ[about]
    entries = [read(row[2:], unit.driver) for row in found if row[2] is not None]
    return Chain(about, subject, found[0][0], found[0][1]), entries


def subjects(unit: Transaction, about: str) -> list[str]:
    """Everything that has a chain of this kind."""
    heads, key = _HEADS[about]
    asked = f"SELECT {key} FROM {heads} ORDER BY {key}"  # noqa: S608
    return [row[0] for row in unit.run([Command(asked, [])])[0].rows]


def end_of_person(unit: Transaction, person_id: str) -> Chain:
    """The chain of a person, as far as it goes."""
    asked = f"SELECT audit_seq, audit_head FROM person_chain WHERE person_id = {unit.driver.placeholder}"  # noqa: S608
    found = unit.run([Command(asked, [person_id])])[0].rows
    return Chain(OF_PERSON, person_id, *found[0]) if found else Chain(OF_PERSON, person_id)


def looks(unit: Transaction, person_id: str, *, since: datetime) -> int:
    """How often a person looked at what is restricted, or had lists made to take away, since an instant."""
    mark, kinds = unit.driver.placeholder, sorted(LOOKS)
    among = ", ".join([mark] * len(kinds))
    asked = (
        f"SELECT (SELECT count(*) FROM audit WHERE at > {mark} AND actor = {mark} AND kind IN ({among}))"  # noqa: S608
        f" + (SELECT count(*) FROM person_audit WHERE at > {mark} AND person_id = {mark} AND kind IN ({among}))"
    )
    values = [unit.driver.instant(since), person_id, *kinds]
    return int(unit.run([Command(asked, [*values, *values])])[0].rows[0][0])


def access_clues(unit: Transaction, person_id: str, *, since: datetime) -> int:
    """How many clues a person's looks gave since an instant. Whoever may give one holds the person until it is given:
    two that count at the same moment would both give it."""
    if not unit.reading:
        unit.execute(select(person.c.id).where(person.c.id == person_id).with_for_update(key_share=True))
    given = audit.c.at > since, audit.c.actor == person_id, audit.c.kind == CLUE
    return int(unit.execute(select(func.count()).select_from(audit).where(*given)).scalar_one())


def append_to_person(entry: AuditEntry, driver: Driver) -> list[Command]:
    """The statements that append a record to a person's chain, unless somebody else was first."""
    mark = driver.placeholder
    head = Command(
        f"INSERT INTO person_chain (person_id, audit_seq, audit_head) VALUES ({mark}, {mark}, {mark})"  # noqa: S608
        " ON CONFLICT (person_id) DO UPDATE"
        " SET audit_seq = excluded.audit_seq, audit_head = excluded.audit_head"
        " WHERE person_chain.audit_seq = excluded.audit_seq - 1",
        [entry.subject, entry.seq, entry.seal],
        touches=1,
    )
    return [head, _record(entry, driver)]


def append_to_case(entry: AuditEntry, seen: int, driver: Driver) -> list[Command]:
    """The statements that append a record to the chain of a case and change nothing else."""
    mark = driver.placeholder
    head = Command(
        f"UPDATE case_file SET audit_seq = {mark}, audit_head = {mark}"  # noqa: S608
        f" WHERE id = {mark} AND version = {mark} AND audit_seq = {mark}",
        [entry.seq, entry.seal, entry.subject, seen, entry.seq - 1],
        touches=1,
    )
    return [head, _record(entry, driver)]


def _record(entry: AuditEntry, driver: Driver) -> Command:
    table, columns = _RECORDS[entry.about]
    row: Sequence[Any] = (
        rows.audit_row(entry, driver) if entry.about == OF_CASE else rows.person_audit_row(entry, driver)
    )
    marks = ", ".join([driver.placeholder] * len(columns))
    return Command(f"INSERT INTO {table} ({_named(columns)}) VALUES ({marks})", row)  # noqa: S608


def _named(columns: Sequence[str], prefix: str = "") -> str:
    return ", ".join(f'{prefix}"{name}"' for name in columns)
