"""The journey that is measured: worked case S02, from receipt to close, as often as wanted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from service.rehearsal.case_file_format import WorkedCase
from service.rehearsal.case_file_source import read_worked_cases

PROJECT = Path(__file__).parents[2]
ACCEPTANCE = PROJECT / "bpmn" / "cases" / "acceptance.yaml"
APART = timedelta(days=10)


def journey() -> WorkedCase:
    """S02 without its refusals and ticks: the eleven submissions that carry a complaint to its close."""
    cases = read_worked_cases(ACCEPTANCE.read_bytes(), ACCEPTANCE.name)
    case = next(c for c in cases if c.id == "S02")
    steps = tuple(s for s in case.steps if s.actor != "system" and s.expect.get("ok") is not False)
    return replace(case, steps=steps)


def journeys(count: int) -> Iterator[WorkedCase]:
    """The journey again and again, each a case of its own, one after the other."""
    case = journey()
    given = next(iter(case.cases.values()))
    for number in range(count):
        key = f"K{number}"
        steps = tuple(
            replace(
                s,
                case=key,
                at=s.at + APART * number,
                values={**s.values, "upstream_order_no": key} if s.do == "register_case" else s.values,
            )
            for s in case.steps
        )
        yield replace(case, id=f"J{number}", cases={key: given}, steps=steps)
