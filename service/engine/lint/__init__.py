"""The linter of diagrams: everything that is wrong with them, at once, with what to draw instead.

What keeps a diagram from being run is found by the guard of the engine; here it is gathered together with what
would run but not as meant, with what does not agree with the rest of the content, and with what people cannot read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from service.content.lint.vocabulary import Vocabulary
from service.domain.errors import DiagramRefused, Finding
from service.engine import expressions, guard, reading, whole
from service.engine.lint import (
    clocks,
    drawing,
    gateways,
    lines,
    loops,
    references,
    starts,
    texts,
    thrown,
    ways,
    words,
)
from service.engine.lint.plan import Plan
from service.engine.parsing import parse
from service.engine.source import Source, read

Check = Callable[[Plan], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    words.attributes,
    words.extensions,
    words.identifiers,
    ways.unreached,
    ways.endless,
    ways.busy_loops,
    loops.timer_loops,
    loops.start_cycles,
    ways.repeated_tasks,
    ways.never_started,
    gateways.defaults,
    gateways.needless,
    gateways.deadlocks,
    gateways.waiting_for_themselves,
    gateways.doubled,
    gateways.old_values,
    thrown.uncaught,
    thrown.never_thrown,
    thrown.shared_codes,
    references.tasks,
    references.forms,
    references.unused_forms,
    references.roles,
    references.articles,
    references.kinds,
    references.co_departments,
    references.partial_rules,
    references.rules_before,
    references.sends,
    references.borrowed_rules,
    clocks.periods,
    clocks.literal_times,
    clocks.clocks,
    clocks.bare_timers,
    clocks.reminders,
    clocks.codes_of_windows,
    clocks.tasks_without_clock,
    starts.starts,
    starts.beginnings,
    texts.expressions,
    texts.register_in_due_times,
    texts.rules,
    texts.constant_rules,
    texts.actor_outside_rules,
    texts.fights,
    drawing.undrawn,
    drawing.overlaps,
    drawing.borders,
    drawing.lanes,
    drawing.entries,
    lines.through_shapes,
    lines.through_labels,
    lines.crossings,
    lines.on_lines,
    lines.backwards,
)
# what only all diagrams together can tell
OF_THE_WHOLE = frozenset(
    {
        "form.unused", "engine.call_unresolved", "process.missing", "process.never_started", "process.no_department",
        "error.uncaught", "error.never_thrown", "task.no_clock", "jsjb.rules", "clock.unknown",
    }
)  # fmt: skip
# what is said more precisely by another rule
SAID_BETTER = {
    "engine.time_duration": "timer.duration",
    "engine.time_cycle": "timer.cycle",
    "clock.other_row": "kind.clock",
}


def lint_diagrams(files: Mapping[str, bytes], vocabulary: Vocabulary | None = None) -> list[Finding]:
    """Every finding about a set of diagrams; nothing is executed and nothing is raised for what is in them.

    Without a vocabulary what the diagrams name outside of themselves (forms, rows, facts) is not looked at.
    """
    plan, found = read_plan(files, vocabulary)
    for check in CHECKS:
        found += check(plan)
    if not any(finding.severity == "error" for finding in found):
        found += _unreadable(files)
    return _once(certain(found, plan))


def read_plan(files: Mapping[str, bytes], vocabulary: Vocabulary | None = None) -> tuple[Plan, list[Finding]]:
    """The diagrams as the checks see them, and what the engine itself refuses about them."""
    sources: list[Source] = []
    unread: list[str] = []
    found: list[Finding] = []
    for name in sorted(files):
        source, refused = read(name, files[name])
        found += refused
        if source is None:
            unread.append(name)
        else:
            sources.append(source)
            guarded = guard.examine(source)
            found += guarded or whole.schema(source)
    found += whole.ids(sources)
    processes, unresolved = reading.processes(sources)
    found += unresolved + whole.calls(processes) + whole.codes(sources)
    if vocabulary is None:
        found += expressions.examine(processes)
    drawn = Plan(tuple(sources), processes, None, tuple(unread))
    known = vocabulary.with_diagrams(**drawn_words(drawn)) if vocabulary is not None else None
    return replace(drawn, vocabulary=known), found


def certain(found: Iterable[Finding], plan: Plan) -> list[Finding]:
    """The findings without those that a diagram nobody could read may well answer."""
    return [finding for finding in found if not (plan.unread and finding.rule in OF_THE_WHOLE)]


def drawn_words(plan: Plan) -> dict[str, Any]:
    """What diagrams add to the vocabulary: kinds of clock, statuses (None where some may be missing), processes."""
    elements = [e for p in plan.processes.values() for e in p.elements.values()]
    return {
        "clocks": {e.clock for e in elements if e.clock},
        "statuses": None if plan.unread else {e.status for e in elements if e.status},
        "processes": set(plan.processes),
    }


def _unreadable(files: Mapping[str, bytes]) -> list[Finding]:
    try:
        parse(files)
    except DiagramRefused as refused:
        return list(refused.findings)
    return []


def _once(found: list[Finding]) -> list[Finding]:
    """Each finding once, and not in two wordings."""
    told = {(f.rule, f.file, f.element) for f in found}

    def repeated(finding: Finding) -> bool:
        better = SAID_BETTER.get(finding.rule)
        better_told = [
            (rule, finding.file, finding.element) in told for rule in (better, f"{better}_interrupting")
        ]
        return better is not None and any(better_told)

    return [f for f in dict.fromkeys(found) if not repeated(f)]


__all__ = ["CHECKS", "Plan", "Vocabulary", "certain", "drawn_words", "lint_diagrams", "read_plan"]
