"""The shared table of FEEL cases, on the server and in feelin, which evaluates conditions in the browser."""

import json
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.feel import BUILTIN_NAMES, Limits, compile, evaluate, nodes
from service.feel.parse import parse
from service.feel.text import scalar_text
from service.feel.values import kind_of

HERE = Path(__file__).parent
FRONTEND = HERE.parents[1] / "service" / "web" / "frontend"
TEMPORAL = ("date", "time", "date and time", "days and time duration", "years and months duration")


class _Exact(yaml.SafeLoader):
    """Numbers as they are written, not as the nearest float."""


_Exact.add_constructor("tag:yaml.org,2002:float", lambda _, node: Decimal(node.value))


def _rows() -> list[dict[str, Any]]:
    with (HERE / "feel_cases.yaml").open(encoding="utf-8") as file:
        return list(yaml.load(file, Loader=_Exact))


ROWS = _rows()
IN_BROWSER = [row for row in ROWS if row.get("browser")]


def written(value: Any) -> Any:
    """A value as the table writes it."""
    if isinstance(value, (list, tuple)):
        return [written(item) for item in value]
    if isinstance(value, dict):
        return {key: written(item) for key, item in value.items()}
    return {"@": scalar_text(value)} if kind_of(value) in TEMPORAL else value


def alike(found: Any, wanted: Any, digits: str) -> bool:
    """Equal, but true is not 1, and the last of 34 digits (or of a float's 15) may differ."""
    if isinstance(found, bool) or isinstance(wanted, bool) or found is None or wanted is None:
        return found is wanted
    if isinstance(wanted, (int, Decimal)) and isinstance(found, (int, Decimal)):
        return abs(Decimal(found) - wanted) <= Decimal(digits) * max(1, abs(Decimal(wanted)))
    if isinstance(wanted, list) and isinstance(found, list):
        return len(found) == len(wanted) and all(map(alike, found, wanted, [digits] * len(wanted)))
    if isinstance(wanted, dict) and isinstance(found, dict):
        return found.keys() == wanted.keys() and all(alike(found[key], wanted[key], digits) for key in wanted)
    return type(found) is type(wanted) and found == wanted


@pytest.mark.parametrize("row", ROWS, ids=[row["expression"] for row in ROWS])
def test_the_answer_is_the_standards(row):
    found = evaluate(row["expression"], row.get("context") or {})

    assert alike(written(found), row["result"], "1e-30"), (found, row["result"])


def test_every_built_in_function_has_a_case():
    called = {
        node.target.name
        for row in ROWS
        for node, _ in nodes.within(parse(row["expression"], Limits()))
        if isinstance(node, nodes.Call) and isinstance(node.target, nodes.Name)
    }
    called |= {"not"} if any("not(" in row["expression"] for row in ROWS) else set()

    assert len(ROWS) >= 250
    assert sorted(BUILTIN_NAMES - called) == []


def _node() -> str:
    beside = Path(sys.executable).with_name("node")
    found = str(beside) if beside.exists() else shutil.which("node")
    assert found, "Node is missing: the set-up puts it beside Python"
    return found


def test_the_browser_answers_the_marked_cases_alike():
    cases = [{"expression": row["expression"], "context": row.get("context") or {}} for row in IN_BROWSER]

    ran = subprocess.run(
        [_node(), str(HERE / "feelin_runner.mjs"), str(FRONTEND)],
        input=json.dumps(cases, default=float),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert ran.returncode == 0, ran.stderr
    answers = json.loads(ran.stdout, parse_float=Decimal)
    assert len(answers) == len(IN_BROWSER) >= 250
    different = {
        row["expression"]: answer
        for row, answer in zip(IN_BROWSER, answers, strict=True)
        if "error" in answer or not alike(answer["value"], row["result"], "1e-12")
    }
    assert different == {}


def test_a_wrong_expectation_would_be_seen():
    assert not alike(True, 1, "1e-30")
    assert not alike(Decimal("0.33"), Decimal("0.34"), "1e-30")
    assert not alike(written(compile('@"2024-02-13"')({})), {"@": "2024-02-14"}, "1e-30")
