"""What a case takes in the database: one of two tasks, and one that goes on and on, with a long text each time.

    python -m tests.bench.storage sqlite|postgresql [CASES]

The process is drawn for this, as plain as the figure asks; audit, clocks and the rest are those of the service.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from service.domain.people import Person
from service.usecases.house import House
from service.usecases.submission import SubmitForm
from service.usecases.submit_form import submit_form
from tests.bench.commands import bytes_of_cases, database_for
from tests.bench.measure import tell
from tests.every_case import every_case
from tests.usecases.mini import Mini

ROLE = "office_dispatcher"
TWO_TASKS = """
process mini
  s start form=mini assign=office_dispatcher subject=new_case -> first
  first user form=mini_done assign=office_dispatcher -> second
  second user form=mini_more assign=office_dispatcher -> done
  done end
"""
MANY_TASKS = """
process mini
  s start form=mini assign=office_dispatcher subject=new_case -> join
  join xor -> work
  work user form=mini_done assign=office_dispatcher -> ways
  ways xor -> join[count(all("mini_done")) < {}], done
  done end
"""
LONG = "诉求人反映的情况已经核实，"  # 13 characters of three bytes
LONG_BYTES = 1000


def measure(database: str, cases: int) -> None:
    """Play the cases and tell what they took."""
    two = bytes_per_case(database, cases, TWO_TASKS, ["mini_done", "mini_more"], "好")
    tell("bytes_per_case_of_two_tasks", database=database, bytes=two, cases=cases)
    long = (LONG * LONG_BYTES)[: LONG_BYTES // 3]
    for count in (10, 20, 40):
        many = bytes_per_case(database, cases // 10, MANY_TASKS.format(count), ["mini_done"] * count, long)
        tell(
            "bytes_per_case_of_long_tasks", database=database, tasks=count, text_bytes=LONG_BYTES, bytes=many
        )


def bytes_per_case(database: str, cases: int, drawn: str, forms: Sequence[str], word: str) -> int:
    """Bytes per case of so many that were played to their close."""
    with database_for(database) as store, tempfile.TemporaryDirectory() as folder:
        house = Mini(drawn, store, Path(folder)).world.house
        person = one_who_holds(ROLE, house)
        empty = bytes_of_cases(store)
        for _ in range(cases):
            play(house, person, forms, word)
        with house.store.begin(reading=True) as uow:
            assert all(case.closed_at for case in every_case(uow))
        return (bytes_of_cases(store) - empty) // cases


def play(house: House, person: Person, forms: Sequence[str], word: str) -> None:
    """Open a case and do its tasks."""
    case_id = None
    for n, form in enumerate(["mini", *forms]):
        values = {"word": f"{n} {word}"}
        case_id = submit_form(house, SubmitForm(form, values, person, house.new_id(), case_id)).case_id


def one_who_holds(role: str, house: House) -> Person:
    """Somebody who holds a role."""
    now = house.clock.now()
    with house.store.begin(reading=True) as uow:
        return next(person for person in uow.directory(now).people.values() if person.holds(role))


if __name__ == "__main__":
    measure(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200)
