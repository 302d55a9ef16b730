"""The case document: what expressions of diagrams, forms and tables see of a case."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from service.domain.case import CaseFile, Instance, Submission
from service.domain.changes import RelatedFile
from service.domain.civil import civil
from service.domain.clocks import ClockRecord
from service.domain.errors import Broken

Told = Submission | ClockRecord
CASE = "case"
FIXED = frozenset({"now", "policy", "actor"})


class CaseDocument:
    """A case with its submissions and clocks, as expressions ask for them.

    `contexts` are what submissions and clocks looked like to the document before, where there was one.
    In a side process (`instance`), a form that belongs to the process itself is the latest of that
    instance, what started it being the first; any other form is the latest of the case.
    """

    def __init__(
        self,
        case: CaseFile,
        submissions: Sequence[Submission],
        clocks: Sequence[ClockRecord],
        policy: Mapping[str, Any],
        policy_version: str,
        contexts: dict[str, tuple[Told, dict[str, Any]]] | None = None,
        *,
        related: Sequence[RelatedFile] = (),
    ) -> None:
        self.case = case
        self.submissions = list(submissions)
        self.clocks = list(clocks)
        self.policy = policy
        self.policy_version = policy_version
        self._contexts = {} if contexts is None else contexts
        self._related = related

    def context_of(self, told: Told) -> dict[str, Any]:
        """A submission or a clock as expressions see it, made once."""
        found = self._contexts.get(told.id)
        if found is None or found[0] is not told:
            found = self._contexts[told.id] = (told, told.as_context())
        return found[1]

    def every(self, form: str) -> list[dict[str, Any]]:
        """Every submission of a form in this case, in order: `all("form")`."""
        return [self.context_of(s) for s in self.submissions if s.form == form]

    def of_attempt(self, form: str) -> list[dict[str, Any]]:
        """The submissions of a form since the last dispatch: `mine("form")`."""
        now = self.case.dispatch_no
        return [self.context_of(s) for s in self.submissions if s.form == form and s.dispatch_no == now]

    def related_files(self, form: str, closed: bool | None = None) -> list[str]:
        """The numbers of the files of their own that a form opened about this case: `related_files("form")`; with
        true those that are closed, with false those that are not."""
        return [
            one.case_no
            for one in self._related
            if one.opened_by_form == form and closed in (None, one.closed)
        ]

    def latest(
        self, form: str, instance: Instance | None, own_forms: frozenset[str]
    ) -> dict[str, Any] | None:
        """What the form's key stands for; None before its first submission."""
        own = instance is not None and form in own_forms
        for submission in reversed(self.submissions):
            if submission.form != form:
                continue
            if not own or belongs(submission, instance):
                return self.context_of(submission)
        return None

    def clock(
        self,
        kind: str,
        department: str | None = None,
        seq: int | None = None,
        instance: str | None = None,
    ) -> ClockRecord | None:
        """The latest clock of a kind, closed ones too; of a department, a dispatch, an instance, where named."""
        found = self.clocks_of(kind, department, seq, instance)
        return found[-1] if found else None

    def clocks_of(
        self,
        kind: str | None = None,
        department: str | None = None,
        seq: int | None = None,
        instance: str | None = None,
    ) -> list[ClockRecord]:
        """The clocks of the case in the order of their opening, closed ones too; those meant, where named."""
        return [
            record
            for record in self.clocks
            if kind in (None, record.kind)
            and department in (None, record.department)
            and seq in (None, record.seq)
            and instance in (None, record.instance_id)
        ]

    def case_context(self, status: str | None) -> dict[str, Any]:
        """What `case` stands for."""
        case = self.case
        return {
            "case_no": case.case_no,
            "status": status,
            "lead_department": case.lead_department,
            "received_at": civil(case.received_at),
            "release_no": case.release_no,
            "policy_version": self.policy_version,
            "dispatch_no": case.dispatch_no,
            "restricted": case.restricted,
            "process": case.process,
            "opened_for": case.opened_for,
            "about": case.about,
            "period": case.period,
        }


def belongs(submission: Submission, instance: Instance | None) -> bool:
    """Whether a submission is of this instance, or is what started it."""
    return instance is not None and (
        submission.instance == instance.id or submission.id == instance.started_by
    )


class Facts(Protocol):
    """The facts of the content, each worked out when it is asked for."""

    def __contains__(self, name: object, /) -> bool: ...

    def __iter__(self) -> Iterator[str]: ...

    def value(self, name: str, names: Names) -> Any:
        """The value of a fact over these names."""


class Names(dict[str, Any]):
    """The names an expression may use, each worked out when it is first asked for, and kept as an item from then on.

    In order: the fields of a form under judgement, what is fixed (`now`, `actor`, `case`, `policy`),
    the facts of the content, the form keys. A fact sees all of these but the fields under judgement.
    `passing` are facts that are another value for each activity: they are not kept.
    """

    __slots__ = ("_under_way", "document", "facts", "forms", "instance", "own_forms", "passing", "status")

    def __init__(  # noqa: PLR0913 - all that an expression may ask for
        self,
        document: CaseDocument,
        *,
        now: datetime,
        facts: Facts,
        forms: frozenset[str],
        instance: Instance | None = None,
        own_forms: frozenset[str] = frozenset(),
        actor: Mapping[str, Any] | None = None,
        passing: frozenset[str] = frozenset(),
    ) -> None:
        self.document = document
        self.facts = facts
        self.passing = passing
        self.forms = forms
        self.instance = instance
        self.own_forms = own_forms
        self.status = document.case.status
        self._under_way: list[str] = []
        super().__init__(now=civil(now), policy=document.policy, actor=actor)

    def reached(self, status: str, standing: Collection[str] = ()) -> None:
        """A milestone was passed within the step: `case.status` and what is built on it are worked out anew.

        The facts that are `standing` read nothing of it.
        """
        self.status = status
        for name in [one for one in self if one not in FIXED and one not in standing]:
            del self[name]

    def worked_out(self, names: Collection[str]) -> dict[str, Any]:
        """Those of some names that were asked for, with their values."""
        return {name: value for name, value in self.items() if name in names}

    def __missing__(self, name: str) -> Any:
        value = self._work_out(name)
        if name not in self.passing:
            self[name] = value
        return value

    def _work_out(self, name: str) -> Any:
        if name == CASE:
            return self.document.case_context(self.status)
        if name in self.facts:
            return self._fact(name)
        if name in self.forms:
            return self.document.latest(name, self.instance, self.own_forms)
        raise KeyError(name)

    def _fact(self, name: str) -> Any:
        if name in self._under_way:
            raise Broken(
                f"事实 {name} 的定义绕回了自己：{' → '.join(self._under_way)}", code="content.fact_cycle"
            )
        self._under_way.append(name)
        try:
            return self.facts.value(name, self)
        finally:
            self._under_way.pop()

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a name; the default for one that nobody knows."""
        if name not in self:
            return default
        return self[name]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name == CASE or name in self.facts or name in self.forms


class Judged(dict[str, Any]):
    """The names a rule sees: the fields of the form being submitted before everything else."""

    __slots__ = ("names",)

    def __init__(self, fields: Mapping[str, Any], names: Names) -> None:
        super().__init__(fields)
        self.names = names

    def __missing__(self, name: str) -> Any:
        return self.names[name]

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a field or a name; the default for one that nobody knows."""
        if name not in self:
            return default
        return self[name]

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self.names
