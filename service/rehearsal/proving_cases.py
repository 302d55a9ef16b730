"""The worked cases of a release that prove something: read without a finding, with something that somebody does."""

from __future__ import annotations

from dataclasses import dataclass

from service.content import Content
from service.domain.errors import ContentInvalid, Finding
from service.engine import Definition
from service.rehearsal.case_file_check import unknown_words
from service.rehearsal.case_file_format import WorkedCase
from service.rehearsal.case_file_source import read_worked_cases
from service.rehearsal.case_file_words import PASSING_TIME, Words

CASES = "bpmn/cases/"
NOTHING_HAPPENS = "情景里没有一步是交一张表单，也没有一步让时间走到：它什么都没有走到"


@dataclass(frozen=True, slots=True)
class ProvingCases:
    """The worked cases whose rows count as played through, and why the others do not."""

    cases: tuple[WorkedCase, ...]
    findings: tuple[Finding, ...]


def proving_cases(content: Content, definition: Definition) -> ProvingCases:
    """The worked cases that lie with the content, read as `jsjb check scenarios` reads them.

    Whether they pass is told by playing them. Article: A16-1.
    """
    words = Words.of(content, definition)
    proving, findings = list[WorkedCase](), list[Finding]()
    for file in sorted(name for name in content.files if name.startswith(CASES)):
        try:
            cases = read_worked_cases(content.files[file], file)
        except ContentInvalid as refused:
            findings.extend(refused.findings)
            continue
        for case in cases:
            wrong = [*case.findings, *unknown_words(case, content, words)]
            if not wrong and case.covers and not does_something(case, content):
                cure = "在 timeline 里写上走到这些条款的步骤"
                wrong = [Finding("case.empty", NOTHING_HAPPENS, cure, file, case.line, case.id)]
            findings.extend(wrong)
            if not wrong:
                proving.append(case)
    return ProvingCases(tuple(proving), tuple(findings))


def does_something(case: WorkedCase, content: Content) -> bool:
    """Whether a form of this content is handed in, or time passes."""
    return any(step.do in content.forms or step.do in PASSING_TIME for step in case.steps)
