"""The numbers of cases: ours, counted within the year and never given twice, and those of the sub-center's orders."""

from __future__ import annotations

from service.store.driver import Command
from service.store.session import Transaction


def next_case_no(unit: Transaction, year: int) -> str:
    """The next number of the year, the counter being part of the transaction; where nothing will be written, the one
    that would be next."""
    mark, name = unit.driver.placeholder, f"case_no:{year}"
    if unit.reading:
        found = unit.run([Command(f"SELECT value FROM counter WHERE name = {mark}", [name])])[0].rows  # noqa: S608
        return numbered(year, (found[0][0] if found else 0) + 1)
    counted = (
        f"INSERT INTO counter (name, value) VALUES ({mark}, 1)"  # noqa: S608
        " ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value"
    )
    return numbered(year, unit.run([Command(counted, [name])])[0].rows[0][0])


def numbered(year: int, count: int) -> str:
    """The number by which people know a case."""
    return f"JSJB-{year}-{count:05d}"


def order_exists(unit: Transaction, order_no: str, order_round: int) -> bool:
    """Whether a case with this order and round is here."""
    mark = unit.driver.placeholder
    asked = f"SELECT id FROM case_file WHERE order_no = {mark} AND order_round = {mark} LIMIT 1"  # noqa: S608
    return bool(unit.run([Command(asked, [order_no, order_round])])[0].rows)
