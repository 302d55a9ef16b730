"""Snapshots as earlier versions wrote them: they load, say the same, and go on the same way.

A golden file holds the diagram, the snapshot and what was seen when it was written, so that nothing
of it moves when the diagrams beside the tests do. For a new format, write a new folder with
`python -m tests.engine.test_golden`; never touch an old one.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from service.domain.errors import Broken
from service.domain.steps import Step
from service.engine import Definition, complete, fire, parse, snapshot, tokens
from tests.engine.runs import Answers, OurRun
from tests.engine.worlds import DIAGRAMS

GOLDEN = Path(__file__).parent / "golden"
FILES = sorted(GOLDEN.glob("format_*/*.json"))
PLAYED = {
    "handling": ("handling", ["respond", "request_return"]),
    "case_in_stages": ("complaint", ["dispatch", "contact", "ask"]),
    "and_in_a_loop": ("p", ["a"]),
    "or_uneven": ("p", ["a"]),
    "clocks_on_three_levels": ("p", ["!cu", "!ca"]),
    "errors_same_code_in_parallel": ("p", ["a"]),
    "wait_beside_people": ("p", ["a"]),
}


def _said(definition: Definition, step: Step) -> dict[str, Any]:
    said = {
        "finished": step.finished,
        "tasks": [asdict(t) for t in step.tasks],
        "timers": [asdict(t) for t in step.timers],
        "tokens": [asdict(t) for t in tokens(definition, step.snapshot)],
    }
    return json.loads(json.dumps(said, default=str))


def _goes_on(definition: Definition, content: bytes, said: dict[str, Any]) -> dict[str, Any]:
    """What the next step gives, for every open task and timer."""
    after = {}
    for verb, open_now in ((complete, said["tasks"]), (fire, said["timers"])):
        for one in open_now:
            step = verb(definition, content, one["id"], Answers(7, {"x": True, "y": False}))
            after[f"{verb.__name__} {one['node']}"] = {
                **_said(definition, step),
                "closed": [asdict(c) for c in step.closed],
                "trail": [p.node for p in step.trail],
            }
    return json.loads(json.dumps(after, default=str))


def test_there_are_golden_snapshots_of_every_format():
    formats = {path.parent.name for path in FILES}
    assert formats == {f"format_{n}" for n in range(1, snapshot.FORMAT + 1)}


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_golden_snapshot_loads_and_goes_on(path):
    golden = json.loads(path.read_text())
    definition = parse({golden["file"]: golden["diagram"].encode()})
    content = base64.b64decode(golden["snapshot"])

    assert _goes_on(definition, content, golden["said"]) == golden["after"]
    again = snapshot.dump(snapshot.load(definition, content))
    assert _goes_on(definition, again, golden["said"]) == golden["after"]


@pytest.mark.parametrize("content", [b"", b"no snapshot", b"x\x9cK\x04\x00\x00b\x00b"])
def test_bytes_that_are_no_snapshot_are_broken(content):
    definition = parse({"a.bpmn": (DIAGRAMS / "straight.bpmn").read_bytes()})

    with pytest.raises(Broken) as caught:
        snapshot.load(definition, content)
    assert caught.value.code == "instance.snapshot"


def test_snapshot_of_another_definition_is_broken():
    golden = json.loads(FILES[0].read_text())
    definition = parse({"a.bpmn": (DIAGRAMS / "straight.bpmn").read_bytes()})

    with pytest.raises(Broken):
        snapshot.load(definition, base64.b64decode(golden["snapshot"]))


def _write() -> None:
    folder = GOLDEN / f"format_{snapshot.FORMAT}"
    folder.mkdir(parents=True, exist_ok=False)
    for name, (process, acts) in PLAYED.items():
        diagram = (DIAGRAMS / f"{name}.bpmn").read_bytes()
        definition = parse({f"{name}.bpmn": diagram})
        run = OurRun(definition, process, Answers(3, {"x": True, "y": True}), stored=True)
        for act in acts:
            run.answers.step += 1
            run.fire(act[1:]) if act.startswith("!") else run.complete(act)
        said = _said(definition, run.step)
        golden = {
            "file": f"{name}.bpmn",
            "diagram": diagram.decode(),
            "snapshot": base64.b64encode(run.step.snapshot).decode(),
            "said": said,
            "after": _goes_on(definition, run.step.snapshot, said),
        }
        (folder / f"{name}.json").write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    _write()
