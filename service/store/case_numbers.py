"""The numbers by which people know cases: counted within the year, never given twice."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from service.store.session import Transaction
from service.store.tables import counter


def next_case_no(unit: Transaction, year: int) -> str:
    """The next number of the year, the counter being part of the transaction; where nothing will be written, the one
    that would be next."""
    name = f"case_no:{year}"
    if unit.reading:
        asked = select(counter.c.value).where(counter.c.name == name)
        return numbered(year, (unit.execute(asked).scalar() or 0) + 1)
    insert = sqlite_insert if unit.driver.placeholder == "?" else postgresql_insert
    given = insert(counter).values(name=name, value=1)
    counted = given.on_conflict_do_update(
        index_elements=[counter.c.name], set_={"value": counter.c.value + 1}
    ).returning(counter.c.value)
    return numbered(year, unit.execute(counted).scalar_one())


def numbered(year: int, count: int) -> str:
    """The number by which people know a case."""
    return f"JSJB-{year}-{count:05d}"
