"""Every deadline vector: rule + start + policy switches -> due, whatever zone the machine believes to be in."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from timers.calendar import shipped_calendar
from timers.clock import BEIJING
from timers.deadlines import Approval, DeadlineRule, Due, due, extend, show_due

HERE = Path(__file__).parent
VECTORS = yaml.safe_load((HERE / "time_vectors.yaml").read_text(encoding="utf-8"))["vectors"]
FIGURES: dict[str, dict[str, Any]] = {
    "dispatch": {"amount": 1, "unit": "natural_day"},
    "handling_feedback": {"amount": 3, "unit": "natural_day"},
    "urgent_feedback": {"amount": 1, "unit": "hour"},
    "return_window": {"amount": 1, "unit": "hour"},
    "same_day_response": {"amount": 0, "unit": "end_of_day"},
    "redispatch": {"amount": 2, "unit": "hour", "not_before": ("dispatch_due",)},
}


def instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=BEIJING)


def reckoned(vector: dict[str, Any]) -> Due:
    start, policy = instant(vector["start_at"]), vector["policy"]
    if vector["rule"] == "extension":
        old = Due(
            start,
            start,
            "handling_feedback",
            due(DeadlineRule("x", 0, "minute"), start, shipped_calendar()).explanation,
            False,
        )
        return extend(old, [Approval(policy["n"])], shipped_calendar())
    figures = dict(FIGURES[vector["rule"]])
    if policy.get("day_unit") == "workday":
        figures["unit"] = "workday"
    for switch, cell in (("day_count", "day_count"), ("rollover", "rollover"), ("same_day_cutoff", "cutoff")):
        if switch in policy:
            figures[cell] = policy[switch]
    inputs = {name: instant(policy[name]) for name in figures.get("not_before", ())}
    return due(DeadlineRule(vector["rule"], **figures), start, shipped_calendar(), inputs)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_due_time_of_a_vector(vector: dict[str, Any]) -> None:
    found = reckoned(vector)

    assert found.at == instant(vector["due_at"])
    assert show_due(found.at) == vector["due_display"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York"])
def test_due_time_of_a_vector_on_a_machine_elsewhere(vector: dict[str, Any], zone: str) -> None:
    code = f"from tests.rules.test_time_vectors import told; print(told({vector['id']!r}))"

    told_there = subprocess.run(
        [sys.executable, "-c", code],
        cwd=HERE.parents[1],
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("|")

    assert told_there[0] == zone
    assert instant(told_there[1]) == instant(vector["due_at"])
    assert told_there[2].strip() == vector["due_display"]


def told(name: str) -> str:
    """What another process prints for one vector: its machine's zone, the due time, and how people see it."""
    found = reckoned(next(vector for vector in VECTORS if vector["id"] == name))
    machine_offset = datetime.fromtimestamp(0).astimezone().utcoffset()
    zone = {0: "UTC", 28800: "Asia/Shanghai", -18000: "America/New_York"}[int(machine_offset.total_seconds())]
    return f"{zone}|{found.at.isoformat()}|{show_due(found.at)}"
