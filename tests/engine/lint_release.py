"""A small sound release beside the tests, and the same with one thing changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.content import lint as content_lint
from service.content import read_folder
from service.domain.errors import Finding
from service.engine import guard
from service.engine import lint as engine_lint
from service.usecases.check_content import check_content

FOLDER = Path(__file__).parent / "lint"
SOUND = read_folder(FOLDER)
MAIN, STAGE, SIDE = "bpmn/answering.bpmn", "bpmn/working.bpmn", "bpmn/side.bpmn"
FACTS, POLICY, TABLE, ROWS, LISTED = (
    "bpmn/facts.yaml",
    "bpmn/policy.yaml",
    "bpmn/deadlines.dmn",
    "bpmn/regulation.yaml",
    "bpmn/regulation_rows.yaml",
)


@dataclass(frozen=True)
class Defect:
    """One thing wrong: the rule that says so, the check that finds it, the element, and the changes that make it."""

    rule: str
    check: Callable[..., Any]
    element: str | None
    changes: tuple[tuple[str, str, str], ...]
    cure: str = ""  # a part of what is to be drawn or written instead

    @property
    def name(self) -> str:
        return f"{self.rule} at {self.element}"

    def files(self) -> dict[str, bytes]:
        return changed(*self.changes)


def defect(
    rule: str, check: Callable[..., Any], element: str | None, *changes: tuple[str, str, str], cure: str = ""
):
    return Defect(rule, check, element, changes, cure)


def changed(*changes: tuple[str, str, str]) -> dict[str, bytes]:
    """The sound release with texts replaced; each must be there exactly once."""
    files = dict(SOUND)
    for name, old, new in changes:
        text = files[name].decode()
        assert text.count(old) == 1, (name, old, text.count(old))
        files[name] = text.replace(old, new).encode()
    return files


def found(files: dict[str, bytes]) -> list[Finding]:
    return check_content(files)


def told(defective: Defect, findings: list[Finding]) -> list[Finding]:
    return [f for f in findings if (f.rule, f.element) == (defective.rule, defective.element)]


def switch_off(monkeypatch: Any, check: Callable[..., Any]) -> None:
    """The linter without one of its checks."""
    for owner in (engine_lint, content_lint, guard):
        if check in owner.CHECKS:
            monkeypatch.setattr(owner, "CHECKS", tuple(c for c in owner.CHECKS if c is not check))
            return
    raise AssertionError(f"{check.__name__} is no check of the linter")


def assert_refused(defective: Defect) -> None:
    """It is found where it is, in words for people, with a cure."""
    findings = told(defective, found(defective.files()))
    assert findings, [(f.rule, f.element, f.message) for f in found(defective.files())]
    for finding in findings:
        assert finding.file in SOUND
        assert finding.message
        assert finding.cure
        assert any("\u4e00" <= sign <= "\u9fff" for sign in finding.message)
        assert defective.cure in finding.cure


def assert_found_by_its_check_alone(defective: Defect, monkeypatch: Any) -> None:
    switch_off(monkeypatch, defective.check)
    assert told(defective, found(defective.files())) == []
