"""What the expressions of a case are given: its names, and the functions of the house."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from service.domain.case import CaseFile, Instance
from service.domain.civil import civil
from service.domain.clocks import ClockRecord
from service.domain.document import CaseDocument, Judged, Names
from service.domain.errors import Missing
from service.domain.likeness import same_matter
from service.domain.made_often import made_often
from service.domain.people import Actor
from service.domain.ports import UnitOfWork
from service.domain.recurring import recurring
from service.feel import Expression, compile
from service.usecases.expression_failures import FAILURES, failed
from service.usecases.figures import Counted, Figures, filed_function, period_functions
from service.usecases.house import Release
from service.usecases.listed_parts import ListedPart
from service.usecases.readings import CASE, Moved, moved_between, of_case
from timers.calendar import Calendar
from timers.clock import BEIJING
from timers.deadlines import Approval, DeadlineRule, Due, due, extend
from timers.reckoning import reckoning
from timers.recurrence import Recurrence

MOST_SUGGESTED = 5
STATUS_MOVED: Moved = frozenset({CASE, of_case("status")})
_OF_PERIODS = period_functions()


@dataclass(frozen=True, slots=True)
class Found:
    """A due time that an expression gave, and how: the arithmetic of the house, a recurrence, or as it stood."""

    at: datetime
    start: datetime
    by: Due | None
    by_recurrence: Recurrence | None = None

    @property
    def reckoning(self) -> Mapping[str, Any]:
        """What a clock keeps of how it came about."""
        if self.by_recurrence is not None:
            return {"told": self.by_recurrence.explained(self.start)}
        return reckoning(self.by) if self.by else {}


@made_often
class Place:
    """Where and when expressions are worked out: the release, the transaction, the calendar, the instant."""

    release: Release
    uow: UnitOfWork
    calendar: Calendar
    now: datetime
    elsewhere: dict[str, CaseFile] = field(
        default_factory=dict
    )  # other cases that the same command read or moves


class FactsOf:
    """The facts of a release as a scope works them out."""

    __slots__ = ("_expressions", "_scope")

    def __init__(self, scope: Scope) -> None:
        self._expressions = scope.release.facts
        self._scope = scope

    def value(self, name: str, names: Names) -> Any:
        """The value of a fact over these names. Raises: ExpressionFailed."""
        expression = self._expressions[name]
        try:
            return expression(names, self._scope.functions)
        except FAILURES as err:
            raise failed(f"事实 {name} ", expression.text, err) from err

    def __contains__(self, name: object) -> bool:
        return name in self._expressions

    def __iter__(self) -> Iterator[str]:
        return iter(self._expressions)


class Scope:
    """One instance's view of its case within a command; the `StepContext` of the engine.

    Made anew whenever the case document changes; what the one `before` it has worked out and what stands is taken over.
    """

    def __init__(
        self,
        place: Place,
        document: CaseDocument,
        *,
        instance: Instance | None = None,
        is_side: bool = False,
        actor: Actor | None = None,
        before: Scope | None = None,
    ) -> None:
        release, now = place.release, place.now
        self.release = release
        self.document = document
        self.uow = place.uow
        self.elsewhere = place.elsewhere
        self.calendar = place.calendar
        self._now = now
        own = release.own_forms(instance.process) if instance is not None and is_side else frozenset()
        if instance is not None and instance.started_form:
            own |= {instance.started_form}
        self.names = Names(
            document,
            now=now,
            facts=FactsOf(self),
            forms=release.forms,
            instance=instance,
            own_forms=own,
            actor=actor.as_data() if actor else None,
            passing=release.readings.of_activity,
        )
        if before is not None:
            self._take_over(before)
        self._entered_at = now
        self._traced: dict[datetime, Found] = {}

    @property
    def now(self) -> datetime:
        return self._now

    def evaluate(self, expression: str) -> Any:
        """The value of a FEEL expression over the case document, for the engine, which knows where it stands."""
        return compile(expression)(self.names, self.functions)

    def value(self, expression: str, place: str) -> Any:
        """The same where `place` says where the expression stands. Raises: ExpressionFailed."""
        try:
            return self.evaluate(expression)
        except FAILURES as err:
            raise failed(place, expression, err) from err

    def reached(self, status: str) -> None:
        """A milestone was passed within the step."""
        self.names.reached(status, self.release.readings.standing(STATUS_MOVED))

    def _take_over(self, before: Scope) -> None:
        moved = moved_between(before.names, self.names)
        if moved is not None:
            self.names.update(before.names.worked_out(self.release.readings.standing(moved)))

    def judge(self, expression: str, fields: Mapping[str, Any], place: str = "表单") -> Any:
        """The value of an expression in which the fields of a form being submitted are names.

        Raises: ExpressionFailed.
        """
        try:
            return compile(expression)(Judged(civil(fields), self.names), self.functions)
        except FAILURES as err:
            raise failed(place, expression, err) from err

    def fact(self, name: str) -> Any:
        """The value of a fact of the content; None where the content names none such."""
        return self.names[name] if name in self.release.facts else None

    def column(self, name: str) -> Any:
        """The value of a column by which lists find the case; None where the content names none such."""
        expression = self.release.columns.get(name)
        return None if expression is None else self._of_column(name, expression)

    def lists(self, name: str, part: ListedPart) -> bool:
        """Whether a text belongs into a column that lists such."""
        if part.bars is not None and self._of_column(name, part.bars) is True:
            return False
        return self._of_column(name, part.holds) is True

    def _of_column(self, name: str, expression: Expression) -> Any:
        try:
            return expression(self.names, self.functions)
        except FAILURES as err:
            raise failed(f"列 {name} ", expression.text, err) from err

    def due(self, expression: str, entered_at: datetime, node: str) -> Found | None:
        """The due time an expression gives for an activity that began at `entered_at`; None: not armed.

        Raises: ExpressionFailed with the element.
        """
        self._entered_at = entered_at
        self._traced.clear()
        value = self.value(expression, f"元素 {node} ")
        if not isinstance(value, datetime):
            return None
        return self._traced.get(value) or Found(value.astimezone(UTC), entered_at, None)

    def lead(self, kind: str) -> timedelta | None:
        """How long before its due time a clock of this kind sends its reminder; None: it sends none."""
        try:
            return self.release.content.deadlines.lead(kind, self.names, self.functions)
        except FAILURES as err:
            raise failed(f"时钟 {kind} ", f'due("{kind}")', err) from err

    @cached_property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """The functions of the house, by the name under which content calls them."""
        document = self.document
        return {
            "all": document.every,
            "mine": document.of_attempt,
            "clock": self._clock,
            "clocks": self._clocks,
            "due": self._due,
            "extended": self._extended,
            "minutes": lambda n, start=None: self._direct("minute", n, start),
            "hours": lambda n, start=None: self._direct("hour", n, start),
            "natural_days": lambda n, start=None: self._direct("natural_day", n, start),
            "workdays": lambda n, start=None: self._direct("workday", n, start),
            "end_of_day": lambda start=None: self._direct("end_of_day", 0, start),
            **recurring(lambda: self._entered_at, self._recurring),
            **_OF_PERIODS,
            "figures": Figures(self.uow, Counted(self.release, document.policy)),
            "filed": filed_function(self.uow),
            "awaited": self._awaited,
            "order_exists": self._order_exists,
            "is_restricted": self._is_restricted,
            "earlier_cases": self._earlier_cases,
            "file_cases": self._file_cases,
            "related_files": document.related_files,
            "looks": self._looks,
            "access_clues": self._access_clues,
            "on_duty": lambda department, role: self.uow.directory(self._now).on_duty(department, role),
            "assigned": self._assigned,
            "in_outage": self._in_outage,
        }

    def _assigned(self, form: str) -> list[str]:
        """The roles that the tasks with this form are drawn for, in order, each once."""
        places = self.release.carriers.get(form, ())
        return list(dict.fromkeys(role for _, element in places for role in element.assign))

    def _clock(self, kind: str, which: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        which = which or {}
        record: ClockRecord | None = self.document.clock(
            kind, which.get("dept"), which.get("seq"), which.get("instance")
        )
        return self.document.context_of(record) if record else None

    def _clocks(
        self, kind: str | None = None, which: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        which = which or {}
        found = self.document.clocks_of(kind, which.get("dept"), which.get("seq"), which.get("instance"))
        return [self.document.context_of(record) for record in found]

    def _due(self, kind: str, start: Any = None, inputs: Any = None) -> datetime | None:
        rule = self.release.content.deadlines.rule(kind, self.names, self.functions)
        begin = start if isinstance(start, datetime) else self._entered_at
        given = {k: v for k, v in (inputs or {}).items() if isinstance(v, datetime)}
        return self._keep(due(rule, begin, self.calendar, given))

    def _extended(self, base: Any, approvals: Any) -> datetime | None:
        found = self._traced.get(base) if isinstance(base, datetime) else None
        granted = [Approval(int(a["days"]), a.get("at")) for a in approvals or [] if a and a.get("days")]
        if found is None or found.by is None or not granted:
            return base if isinstance(base, datetime) else None
        base_of = self.document.policy.get("extension_base", "original_due")
        return self._keep(extend(found.by, granted, self.calendar, base=base_of))

    def _direct(self, unit: Any, amount: Any, start: Any) -> datetime:
        begin = start if isinstance(start, datetime) else self._entered_at
        rule = DeadlineRule(kind="direct", amount=int(amount), unit=unit)
        return self._keep(due(rule, begin, self.calendar))

    def _keep(self, found: Due) -> datetime:
        self._traced[found.at] = Found(found.at, found.start, found)
        return found.at.astimezone(BEIJING)

    def _recurring(self, recurrence: Recurrence, after: datetime) -> datetime:
        at = recurrence.next(after)
        self._traced[at] = Found(at, after.astimezone(UTC), None, recurrence)
        return at

    def _awaited(self, process: Any, period: Any, department: Any) -> bool:
        return bool(period and department) and self.uow.is_awaited(str(process), str(period), str(department))

    def _order_exists(self, order_no: Any, order_round: Any) -> bool:
        return bool(order_no) and self.uow.order_exists(str(order_no), int(order_round or 1))

    def _is_restricted(self, case_no: Any) -> bool:
        """Whether the case of a number is restricted; no where there is none."""
        if not isinstance(case_no, str) or case_no == self.document.case.case_no:
            return False
        try:
            if case_no not in self.elsewhere:
                self.elsewhere[case_no] = self.uow.case_of_no(case_no)
        except Missing:
            return False
        return self.elsewhere[case_no].restricted

    def _earlier_cases(self, order_no: Any, contact: Any, category: Any, title: Any, alike: Any) -> list[str]:
        case = self.document.case
        found = self.uow.earlier_cases(order_no, contact, category, before=case) if case.id else []
        return list(same_matter(found, order_no, contact, title, float(alike or 100) / 100))[:MOST_SUGGESTED]

    def _file_cases(self, files: Any) -> list[str]:
        found = [file.get("sha256") for file in files or [] if isinstance(file, Mapping)]
        hashes = [one for one in found if one]
        return self.uow.cases_with_files(hashes, besides=self.document.case.id) if hashes else []

    def _looks(self, person: Any, span: Any) -> int:
        if not isinstance(span, timedelta) or not person:
            return 0
        return self.uow.looks(str(person), since=self._now - span)

    def _access_clues(self, person: Any, span: Any) -> int:
        if not isinstance(span, timedelta) or not person:
            return 0
        return self.uow.access_clues(str(person), since=self._now - span)

    def _in_outage(self, instant: Any) -> bool:
        """Whether nothing ran just after an instant: a breach is the first instant after the due one."""
        if not isinstance(instant, datetime):
            return False
        return any(began_at <= instant < ended_at for began_at, ended_at in self.uow.outages())
