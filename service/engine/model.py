"""What a diagram says, read once: the types that describe a parsed set of diagrams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway"})  # the gateways whose ways have conditions


@dataclass(frozen=True, slots=True)
class Rule:
    """Refuses a submission unless `check` (FEEL) is true. `article` names the row it carries out.

    `after` are codes of earlier rules without which this one makes no sense: beside them it is not told.
    """

    code: str
    article: str | None
    check: str
    message: str
    after: tuple[str, ...] = ()
    line: int | None = None
    element: str = ""  # where it is drawn, which is not where it is asked by a `rules=` of another element


@dataclass(frozen=True, slots=True)
class Element:
    """One flow node with all that its `jsjb` attributes say. `kind` is the BPMN tag, `userTask` and so on.

    `event` is what an event waits for or does: timer, error, message, escalation, terminate; None for a
    plain one. `due` is the text of a timer; on a start event it says when the process next begins by itself,
    `for_whom` for which departments and `about` for which subjects (a file each), `period` which period that is
    (a file for each only once). `parent` is the sub-process around it. `assign` is its own or
    that of its lane. `to` are the parts between commas as they stand, braces included. `documentation` is what
    its drawer wrote about it.
    """

    id: str
    kind: str
    name: str
    process: str
    file: str
    line: int | None = None
    parent: str | None = None
    event: str | None = None
    event_code: str | None = None
    article: str | None = None
    lane: str | None = None
    assign: tuple[str, ...] = ()
    form: str | None = None
    optional: bool = False
    rules: tuple[Rule, ...] = ()
    clock: str | None = None
    due: str | None = None
    remind: tuple[str, ...] = ()
    met_by: tuple[str, ...] = ()
    closes: str | None = None
    outcome: str | None = None
    status: str | None = None
    notice: str | None = None
    item: str | None = None
    to: tuple[str, ...] = ()
    starts: str | None = None
    with_form: str | None = None
    stops: str | None = None
    subject: str | None = None
    for_whom: str | None = None
    about: str | None = None
    period: str | None = None
    attached_to: str | None = None
    interrupting: bool = True
    calls: str | None = None
    documentation: str = ""

    @property
    def is_never_accepted(self) -> bool:
        """Whether it is drawn only so that an attempt is answered and kept: a rule refuses whatever is submitted."""
        return any(rule.check.strip() == "false" for rule in self.rules)


@dataclass(frozen=True, slots=True)
class SequenceFlow:
    """An arrow between two elements. `condition` is FEEL."""

    id: str
    source: str
    target: str
    condition: str | None
    is_default: bool
    name: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane of a process and the roles that stand beside it."""

    id: str
    name: str
    assign: tuple[str, ...]
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Process:
    """One process of a file. `is_stage` tells that another process calls it."""

    id: str
    name: str
    file: str
    line: int | None = None
    article: str | None = None
    department: str | None = None
    is_stage: bool = False
    elements: Mapping[str, Element] = field(default_factory=dict)
    flows: tuple[SequenceFlow, ...] = ()
    lanes: tuple[Lane, ...] = ()

    @property
    def is_called(self) -> bool:
        """The same as `is_stage`."""
        return self.is_stage

    @property
    def start_events(self) -> tuple[Element, ...]:
        """The start events of the process itself, not those of its sub-processes."""
        return tuple(e for e in self.elements.values() if e.kind == "startEvent" and e.parent is None)

    @property
    def start_forms(self) -> tuple[str, ...]:
        """The forms with which the process can be started."""
        return tuple(e.form for e in self.start_events if e.form)

    @property
    def timed_start(self) -> Element | None:
        """The start event on which the process begins by itself, if it does."""
        return next((e for e in self.start_events if e.event == "timer"), None)

    @property
    def forms(self) -> tuple[str, ...]:
        """The forms of its start events and user tasks, each once, in the order of the file."""
        return tuple(dict.fromkeys(e.form for e in self.elements.values() if e.form))


@dataclass(frozen=True, slots=True)
class Definition:
    """A parsed set of diagrams: immutable, shared by all instances and threads.

    `specs` belongs to the engine; nobody else looks at it.
    """

    processes: Mapping[str, Process]
    elements: Mapping[str, Element]
    specs: Mapping[str, Any] = field(repr=False)

    def stages_of(self, process: str) -> tuple[str, ...]:
        """The process and all it calls, directly or through others, outermost first."""
        found: dict[str, None] = {}
        waiting = [process]
        while waiting:
            current = waiting.pop(0)
            if current not in found:
                found[current] = None
                waiting += [e.calls for e in self.processes[current].elements.values() if e.calls]
        return tuple(found)
