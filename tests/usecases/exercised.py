"""What the worked cases that lie beside the content assert, and what there is in the content to be asserted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.content import Content
from service.domain.people import GRANTED_ROLES
from service.engine import Definition
from service.engine.model import Element
from service.rehearsal.case_file_format import WorkedCase

Counted = dict[str, set[Any]]

# Refusals that no diagram draws: the house gives them before any rule is asked.
OF_THE_HOUSE = frozenset({"E_NOT_AUTHORIZED", "E_NOT_OPEN", "E_FORM_INVALID"})
WAITS = ("running", "met", "met_late", "breached")
# What the drawing would allow and the course of things never brings about.
NEVER = {
    (
        "return_window",
        "superseded",
    ): "a return can be accepted only after it was asked for, which met the window",
    ("redispatch", "superseded"): "where a return is accepted the next dispatch takes the clock over",
}
# Clues that follow from looking, which is no action of the format of worked cases: tests/usecases/test_access_clues.py
BY_LOOKING = frozenset({("supervision_clue", "m4")})


# -- what is asserted --------------------------------------------------------------------------------------
def asserted(cases: Iterable[WorkedCase]) -> Counted:
    """Everything that the expectations of these cases name."""
    found: Counted = {part: set() for part in PARTS}
    for case in cases:
        found["rows"] |= set(case.covers)
        found["roles looked through"] |= {line["role"] for line in case.visibility}
        found["readings"] |= set(readings(case))
        for step in case.steps:
            note(found, step.do, step.expect)
    return found


def readings(case: WorkedCase) -> Iterator[tuple[str, str]]:
    """Every switch that a case sets otherwise."""
    versions = [version.values for version in case.policy_versions]
    for values in [*versions, *(one.policy for one in case.alternatives)]:
        yield from ((key, str(value)) for key, value in values.items())


def note(found: Counted, action: str, expect: Mapping[str, Any]) -> None:
    """What one step expects."""
    if expect.get("ok") is True:
        found["actions"].add(action)
    if expect.get("error"):
        found["refusals"].add(expect["error"])
    if expect.get("status"):
        found["statuses"].add(expect["status"])
    found["facts"] |= set(expect.get("facts") or {})
    for clock in expect.get("clocks") or []:
        if "state" in clock:
            found["clocks"].add((clock["kind"], clock["state"]))
    for notice in expect.get("notices") or []:
        kind, clock = notice["kind"], notice.get("clock")
        found["notices"].add((kind, notice.get("item")))
        if clock:
            found["notices of clocks"].add((kind, clock))


# -- what there is -----------------------------------------------------------------------------------------
def countable(content: Content, definition: Definition) -> Counted:
    """Everything in the content that a worked case can assert."""
    elements = definition.elements.values()
    never_accepted = {e.form for e in elements if any(rule.check == "false" for rule in e.rules)}
    return {
        "rows": {row.id for row in content.regulation.values() if row.binding in ("E", "M")},
        "actions": set(content.forms) - never_accepted,
        "refusals": set(OF_THE_HOUSE)
        | {rule.code for e in elements for rule in e.rules}
        | {e.closes for e in elements if e.closes},
        "statuses": {e.status for e in elements if e.status},
        "facts": set(content.facts),
        "clocks": clock_states(definition) - set(NEVER),
        "notices": {(e.notice, e.item) for e in elements if e.notice} - BY_LOOKING,
        "notices of clocks": clock_notices(content, definition),
        "readings": {
            (key, str(choice))
            for key, entry in content.policy.entries.items()
            for choice in entry.choices
            if choice != entry.default
        },
        "roles looked through": set(GRANTED_ROLES),
    }


PARTS = (
    "rows", "actions", "refusals", "statuses", "facts", "clocks", "notices", "notices of clocks", "readings",
    "roles looked through",
)  # fmt: skip


def clock_states(definition: Definition) -> set[tuple[str, str]]:
    """Each kind of clock with each state that the drawing lets it come to."""
    leavings = list(ways_out(definition))
    found: set[tuple[str, str]] = set()
    for e in definition.elements.values():
        if not e.clock:
            continue
        if e.kind == "startEvent":
            states = {"met", "met_late"}  # by the submission itself
        else:
            states = {"running", "met", "expired"} if e.closes else set(WAITS)
            states |= {way.outcome for way in leavings if e.attached_to in way.leaves}
        found |= {(e.clock, state) for state in states}
    return found


@dataclass(frozen=True)
class WayOut:
    """A way to leave activities that are not done, and what becomes of their clocks."""

    outcome: str
    leaves: set[str] = field(default_factory=set)


def ways_out(definition: Definition) -> Iterator[WayOut]:
    """Every end event that ends others beside it, and every stop of another process."""
    elements = definition.elements
    for e in elements.values():
        if e.kind == "endEvent" and e.event == "error":
            around = [inside(definition, c.attached_to) for c in catching(definition, e)]
            if around:
                yield WayOut(e.outcome or "cancelled", min(around, key=len))
        elif e.stops:
            yield WayOut(e.outcome or "cancelled", within(definition, definition.processes[e.stops].elements))


def catching(definition: Definition, end: Element) -> list[Element]:
    """The border events that may catch an error."""
    return [
        c
        for c in definition.elements.values()
        if c.kind == "boundaryEvent"
        and c.event == "error"
        and c.event_code == end.event_code
        and end.id in inside(definition, c.attached_to)
    ]


def inside(definition: Definition, activity: str | None) -> set[str]:
    """An activity with all that lies in it: its own elements, and those of what it calls."""
    e = definition.elements[activity or ""]
    own = {c.id for c in definition.elements.values() if c.parent == e.id}
    called = set(definition.processes[e.calls].elements) if e.calls else set()
    return {e.id} | within(definition, own | called)


def within(definition: Definition, ids: Iterable[str]) -> set[str]:
    """These elements with all that lies in them."""
    found: set[str] = set()
    for one in ids:
        e = definition.elements[one]
        found |= inside(definition, one) if e.calls or e.kind == "subProcess" else {one}
    return found


def clock_notices(content: Content, definition: Definition) -> set[tuple[str, str]]:
    """What is sent of a clock: the reminder ahead, and what is drawn to follow its breach."""
    found: set[tuple[str, str]] = set()
    for process in definition.processes.values():
        after = {flow.source: flow.target for flow in process.flows}
        for e in process.elements.values():
            if not e.clock or e.kind == "startEvent":
                continue
            if e.remind and content.deadlines.lead(e.clock):
                found.add(("due_soon", e.clock))
            following = process.elements.get(after.get(e.id, ""))
            if following is not None and following.notice == "overdue":
                found.add(("overdue", e.clock))
    return found


def missing(there: Counted, asked: Counted) -> dict[str, list[str]]:
    """What is there and nobody asserts, by part, as people read it."""
    left = {part: sorted(map(told, there[part] - asked[part])) for part in PARTS}
    return {part: names for part, names in left.items() if names}


def told(one: Any) -> str:
    return " ".join(str(part) for part in one if part) if isinstance(one, tuple) else str(one)
