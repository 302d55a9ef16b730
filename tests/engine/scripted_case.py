"""A case played through the engine's door alone: the shipped facts over a real case document, clocks as told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from service.content import Content
from service.domain.case import CaseFile, Submission
from service.domain.document import CaseDocument, Names
from service.domain.steps import (
    NoticeRaised,
    ProcessStarted,
    ProcessStopped,
    StatusReached,
    Step,
    tasks_named,
)
from service.engine import Definition, complete, fire, start
from service.feel import compile as compile_feel

MORNING = datetime(2024, 3, 4, 1, tzinfo=UTC)


class ScriptedFacts(dict[str, str]):
    """The shipped facts, by their texts."""

    def __init__(self, texts: Mapping[str, str], functions: Mapping[str, Any]) -> None:
        super().__init__(texts)
        self.functions = functions

    def value(self, name: str, names: Names) -> Any:
        return compile_feel(self[name])(names, self.functions)


class ScriptedCase:
    """Hands forms in and lets timers go off; keeps what each step said.

    `late` puts every department clock in the past; `window_open` is whether the hour of return runs.
    Rules are not asked: that is the use case's part.
    """

    def __init__(self, definition: Definition, content: Content) -> None:
        self.definition = definition
        self.content = content
        self.now = MORNING
        self.late = False
        self.window_open = True
        self.submissions: list[Submission] = []
        self.statuses: list[str] = []
        self.raised: list[NoticeRaised] = []
        self.started: list[tuple[str, str | None]] = []
        self.stopped: list[tuple[str, str]] = []
        self.closed: dict[str, str] = {}
        self.step: Step

    # -- playing ---------------------------------------------------------------------------------------
    def open(self, process: str, form: str, values: Mapping[str, Any]) -> None:
        """Begin a process with the form that opens it."""
        self._take(form, values)
        self._after(start(self.definition, process, self))

    def hand_in(self, form: str, values: Mapping[str, Any]) -> None:
        """Hand a form in where it is open; where it is open twice, the earlier one."""
        task = tasks_named(self.step.tasks, form)[0]
        self._complete(task.id, form, values)

    def hand_in_at(self, node: str, values: Mapping[str, Any]) -> None:
        """Hand the form of one element in."""
        task = next(t for t in self.step.tasks if t.node == node)
        self._complete(task.id, task.form, values)

    def fire(self, node: str) -> None:
        """Let a timer go off."""
        timer = next(t for t in self.step.timers if t.node == node)
        self._after(fire(self.definition, self.step.snapshot, timer.id, self))

    def _complete(self, task_id: str, form: str, values: Mapping[str, Any]) -> None:
        self.now += timedelta(minutes=5)
        self._take(form, values)
        self._after(complete(self.definition, self.step.snapshot, task_id, self))

    def _take(self, form: str, values: Mapping[str, Any]) -> None:
        count = sum(s.form == "dispatch" for s in self.submissions) + (form == "dispatch")
        number = f"s{len(self.submissions)}"
        self.submissions.append(
            Submission(
                id=number,
                case_id="c",
                form=form,
                values=dict(values),
                at=self.now,
                by="p",
                by_name="某人",
                by_role="r",
                department=None,
                dispatch_no=count,
                instance="i",
                node=form,
                key=number,
            )
        )

    def _after(self, step: Step) -> None:
        self.step = step
        for effect in step.effects:
            match effect:
                case StatusReached():
                    self.statuses.append(effect.status)
                case NoticeRaised():
                    self.raised.append(effect)
                case ProcessStarted():
                    self.started.append((effect.process, effect.with_form))
                case ProcessStopped():
                    self.stopped.append((effect.process, effect.outcome))
        self.closed.update({c.clock: c.outcome for c in step.closed if c.clock})

    # -- what is there ---------------------------------------------------------------------------------
    @property
    def forms(self) -> set[str]:
        return {t.form for t in self.step.tasks}

    @property
    def clocks(self) -> set[str]:
        return {t.clock for t in self.step.timers if t.clock}

    @property
    def notices(self) -> list[str]:
        return [n.kind for n in self.raised]

    def count(self, form: str) -> int:
        return len(tasks_named(self.step.tasks, form))

    def addressed(self, notice: str) -> tuple[str, ...]:
        return next(n.to for n in self.raised if n.kind == notice)

    # -- the engine's context --------------------------------------------------------------------------
    def reached(self, status: str) -> None:
        self._names.reached(status)

    def evaluate(self, expression: str) -> Any:
        return compile_feel(expression)(self._names, self._functions)

    @property
    def _names(self) -> Names:
        dispatches = [s for s in self.submissions if s.form == "dispatch"]
        case = CaseFile(
            id="c", case_no="JSJB-2024-00001", release_no=1, status=self.statuses[-1] if self.statuses else None,
            received_at=MORNING, dispatch_no=len(dispatches),
        )  # fmt: skip
        document = CaseDocument(case, self.submissions, [], self.content.policy.values, "v1")
        facts = ScriptedFacts(self.content.facts, self._functions_of(document))
        return Names(document, now=self.now, facts=facts, forms=frozenset(self.content.forms))

    @property
    def _functions(self) -> Mapping[str, Any]:
        return self._functions_of(self._names.document)

    def _functions_of(self, document: CaseDocument) -> Mapping[str, Any]:
        return {
            "all": document.every,
            "mine": document.of_attempt,
            "clock": self._clock,
            "assigned": self._assigned,
        }

    def _assigned(self, form: str) -> list[str]:
        drawn = [e for e in self.definition.elements.values() if e.form == form]
        return list(dict.fromkeys(role for e in drawn for role in e.assign))

    def _clock(self, kind: str, which: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        if kind == "return_window":
            left = timedelta(minutes=30 if self.window_open else -30)
            return {"state": "running" if self.window_open else "expired", "due": self.now + left}
        if kind in {"handling_feedback", "urgent_final", "co_handling_report"}:
            return {"state": "running", "due": self.now + timedelta(days=-1 if self.late else 1)}
        return None
