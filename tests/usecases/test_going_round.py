"""What would go round for ever by itself is stopped where it runs, and told with its element."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from sqlalchemy import select

from service.domain.errors import DeadlineFailed, GoesRound
from service.rehearsal.check_cases import check_files
from service.store import SqlStore
from service.store.tables import incident, timer
from service.usecases.fire_due import fire_due
from service.usecases.going_round import ROUNDS
from tests.every_case import every_case
from tests.usecases.mini import BEGIN, Mini, files_with

LOOP = """
process mini
  s start form=mini assign=office_dispatcher subject=any -> ways
  ways and -> back, more
  more user form=mini_more assign=office_dispatcher optional=true -> more
  back xor -> work
  work user form=mini_done assign=office_dispatcher -> done
  late xtimer on=work due={} -> back
  done terminate
"""


def parked(mini: Mini) -> list[str]:
    with mini.world.house.store.begin() as unit:
        asked = select(timer.c.node).where(timer.c.state == "parked")
        return list(unit.transaction.execute(asked).scalars())


@pytest.mark.parametrize("due", ["hours(0)", "hours(0,mini.at)", "now"])
def test_a_timer_that_goes_round_is_parked_with_an_incident(
    due: str, store: SqlStore, tmp_path: Path
) -> None:
    mini = Mini(LOOP.format(due), store, tmp_path)
    assert mini.submit("mini") is None

    for _ in range(3 * ROUNDS):
        mini.later(milliseconds=20)
        fire_due(mini.world.house, worker="test")

    assert mini.kinds().count("due_passed") == ROUNDS
    assert parked(mini) == ["late"]
    with mini.world.house.store.begin() as unit:
        told = unit.transaction.execute(select(incident.c.message)).scalars().all()
    assert len(told) == 1
    assert "计时 late 到时" in told[0]
    assert isinstance(mini.submit("mini_done", 1), DeadlineFailed)


def test_one_with_people_at_work_in_between_goes_on(store: SqlStore, tmp_path: Path) -> None:
    mini = Mini(LOOP.format("hours(0)"), store, tmp_path)
    assert mini.submit("mini") is None

    for number in range(1, 2 * ROUNDS):
        mini.later(milliseconds=20)
        fire_due(mini.world.house, worker="test")
        assert mini.submit("mini_more", number) is None

    assert mini.kinds().count("due_passed") == 2 * ROUNDS - 1
    assert parked(mini) == []


def test_one_that_counts_from_its_entry_goes_on(store: SqlStore, tmp_path: Path) -> None:
    mini = Mini(LOOP.format("hours(1)"), store, tmp_path)
    assert mini.submit("mini") is None

    for _ in range(2 * ROUNDS):
        mini.later(hours=1, seconds=1)
        fire_due(mini.world.house, worker="test")

    assert mini.kinds().count("due_passed") == 2 * ROUNDS
    assert parked(mini) == []
    assert mini.submit("mini_done", 1) is None


@pytest.mark.parametrize("due", ["hours(0)", "hours(0,mini.at)", "now"])
def test_the_check_of_worked_cases_ends_with_a_mismatch_that_names_the_element(
    due: str, tmp_path: Path
) -> None:
    line = {"actor": "office_dispatcher", "with": {}, "expect": {"ok": True}}
    later = "2024-03-06T09:00:00"
    case = {
        "id": "M",
        "title": "迷你",
        "timeline": [{"at": BEGIN, "do": "mini", **line}, {"at": later, "do": "mini_done", **line}],
    }
    file = tmp_path / "mini.yaml"
    file.write_text(yaml.safe_dump({"meta": {"departments": {"dept_it": "x"}}, "scenarios": [case]}))

    [played] = check_files([file], files_with(LOOP.format(due)))

    assert [(m.step, m.what) for m in played.mismatches] == [(2, "走不下去")]
    assert "late" in str(played.mismatches[0].actual)


@pytest.mark.parametrize("other", ["mini", "other"])
def test_processes_that_start_each_other_are_refused_in_plain_words(
    other: str, store: SqlStore, tmp_path: Path
) -> None:
    mini = Mini(
        f"""
process mini
  s start form=mini assign=office_dispatcher subject=any -> again
  again send starts={other} -> e
  e end
process other
  os start -> back
  back send starts=mini -> oe
  oe end
""",
        store,
        tmp_path,
    )

    error = mini.submit("mini")

    assert isinstance(error, GoesRound)
    assert "已停止" in error.message
    with store.begin(reading=True) as uow:
        assert every_case(uow) == []
