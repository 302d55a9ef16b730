"""What belongs to the discipline office alone: its processes, what was handed in and runs in them, the clues to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from service.domain.changes import LoadedCase
from service.domain.people import DISCIPLINE, Person
from service.usecases.house import Release


@dataclass(frozen=True, slots=True)
class Apart:
    """What is kept from a person; nothing of it for whoever is of the discipline office."""

    processes: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()
    nodes: frozenset[str] = frozenset()
    instances: frozenset[str] = frozenset()
    submissions: frozenset[str] = frozenset()

    def hides(self, form: str | None, trail: Iterable[str]) -> bool:
        """Whether something that was recorded tells of it: its form, or the elements that were passed."""
        passed = frozenset(trail)
        return form in self.forms or (bool(passed) and passed <= self.nodes)

    def without(self, loaded: LoadedCase) -> LoadedCase:
        """The case as it is without that."""
        if not self.instances:
            return loaded
        return replace(
            loaded,
            instances=tuple(i for i in loaded.instances if i.id not in self.instances),
            submissions=tuple(s for s in loaded.submissions if s.id not in self.submissions),
            clocks=tuple(c for c in loaded.clocks if c.instance_id not in self.instances),
            timers=tuple(t for t in loaded.timers if t.instance_id not in self.instances),
            tasks=tuple(t for t in loaded.tasks if t.instance_id not in self.instances),
        )


NOTHING = Apart()


def kept_apart(release: Release, loaded: LoadedCase, person: Person) -> Apart:
    """What of this case is kept from this person. Article: A15-1 (a supervision is seen by the discipline office)."""
    return NOTHING if person.holds(DISCIPLINE) else apart_from_all(release, loaded)


def apart_from_all(release: Release, loaded: LoadedCase) -> Apart:
    """What of this case is kept from everybody but the discipline office. Article: A15-1."""
    drawn = drawn_apart(release)
    instances = frozenset(i.id for i in loaded.instances if i.is_apart)
    return replace(
        drawn,
        instances=instances,
        submissions=frozenset(
            s.id for s in loaded.submissions if s.instance in instances or s.started in instances
        ),
    )


@lru_cache(maxsize=8)  # a release never changes, and few are asked for at a time
def drawn_apart(release: Release) -> Apart:
    """What of a release is the discipline office's, whatever the case: processes, forms, elements. Article: A15-1."""
    definition = release.definition
    processes = release.kept_apart
    own = frozenset(e.id for e in definition.elements.values() if e.process in processes)
    return Apart(
        processes=processes,
        forms=frozenset(
            form for form, places in release.carriers.items() if all(name in processes for name, _ in places)
        ),
        nodes=own | clues_drawn(release),
    )


def nodes_apart(release: Release) -> frozenset[str]:
    """The elements of its processes and of the stages they call, and the clues to it that are drawn elsewhere."""
    drawn = release.definition
    stages = {stage for process in release.kept_apart for stage in drawn.stages_of(process)}
    own = (node for stage in stages for node in drawn.processes[stage].elements)
    return frozenset(own) | clues_drawn(release)


def clues_drawn(release: Release) -> frozenset[str]:
    """The elements that tell the discipline office alone something, and the ends that nothing else leads to."""
    elements = release.definition.elements
    clues = {e.id for e in elements.values() if e.notice and e.to == (DISCIPLINE,)}
    sources: dict[str, set[str]] = {}
    for drawn in release.definition.processes.values():
        for flow in drawn.flows:
            sources.setdefault(flow.target, set()).add(flow.source)
    ends = {to for to, before in sources.items() if elements[to].kind == "endEvent" and before <= clues}
    return frozenset(clues | ends)
