"""The functions that the linter knows are those that a case is given, with the same arguments."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime

from service.content.lint.vocabulary import (
    CASE_FIELDS,
    CLOCK_FIELDS,
    CLOCK_STATES,
    FUNCTIONS,
    SUBMISSION_FIELDS,
)
from service.domain.case import CaseFile, Submission
from service.domain.clocks import FINAL_STATES, OPEN_STATES, ClockRecord
from service.domain.document import CaseDocument
from service.usecases.scope import Scope
from tests.web.office import shipped_release

AT = datetime(2024, 3, 8, 8, 50, tzinfo=UTC)
A_CASE = CaseFile("c", "JS-1", 1, "registered", AT)
A_SUBMISSION = Submission("s", "c", "note", {}, AT, "p", "某", "dept_head", None, 1, "i", "node", "k")
A_CLOCK = ClockRecord("k", "c", "i", "answer", "node", "t", 1, None, AT, AT)


def functions() -> dict:
    """The functions of a scope over an empty document."""
    scope = object.__new__(Scope)
    scope.document = CaseDocument(None, [], [], {}, "v1")  # type: ignore[arg-type]
    scope.uow = None  # type: ignore[assignment]
    scope.release = shipped_release()
    return dict(scope.functions)


def test_the_linter_knows_every_function_and_no_other():
    assert set(functions()) == set(FUNCTIONS)


def test_the_linter_knows_how_many_arguments_each_takes():
    for name, work in functions().items():
        parameters = inspect.signature(work).parameters.values()
        needed = [p for p in parameters if p.default is inspect.Parameter.empty]

        assert (len(needed), len(parameters)) == (FUNCTIONS[name].fewest, FUNCTIONS[name].most), name


def test_the_linter_knows_what_a_submission_a_clock_and_a_case_hold():
    assert set(A_SUBMISSION.as_context()) == set(SUBMISSION_FIELDS)
    assert set(A_CLOCK.as_context()) == set(CLOCK_FIELDS)
    assert set(CaseDocument(A_CASE, [], [], {}, "v1").case_context("registered")) == set(CASE_FIELDS)


def test_the_linter_knows_the_states_of_a_clock():
    assert set(CLOCK_STATES) == OPEN_STATES | FINAL_STATES
