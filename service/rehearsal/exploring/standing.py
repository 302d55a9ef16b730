"""What the deciding facts of a state were in the one before it: each stands until something it reads has moved."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.domain.changes import LoadedCase
from service.feel import Expression
from service.rehearsal.exploring.terms import Term
from service.usecases.house import Release
from service.usecases.readings import (
    ANYTHING,
    ATTEMPT,
    CASE,
    CLOCKS,
    NOW,
    Moved,
    Readings,
    forms_between,
    handed_in,
    latest,
    same_objects,
)

Known = Sequence[Any]  # the values of terms, in their order
NOTHING_KNOWN: Known = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What expressions saw of a case, and what they came to: by instance, None for the case itself."""

    loaded: LoadedCase
    case: Mapping[str, Any]  # what `case` stands for
    values: dict[str | None, Known] = field(default_factory=dict)


class Standing:
    """Which terms need not be worked out anew after a step."""

    def __init__(self, release: Release) -> None:
        # what a function asks of the house may have another answer in each state
        self._readings = Readings(release.facts, release.forms, lasting=())
        self._reads: dict[Expression, Moved] = {}
        self._stand: dict[tuple[int, Moved], Collection[int]] = {}

    def since(self, before: Shown, after: Shown) -> Moved:
        """What has moved between two states, the second of which a step led to from the first."""
        moved = {NOW}
        for form in forms_between(before.loaded.submissions, after.loaded.submissions):
            moved |= {handed_in(form), latest(form)}
        if before.loaded.case.dispatch_no != after.loaded.case.dispatch_no:
            moved.add(ATTEMPT)
        if not same_objects(before.loaded.clocks, after.loaded.clocks):
            moved.add(CLOCKS)
        if before.case != after.case:
            moved.add(CASE)
        return frozenset(moved)

    def of(self, terms: Sequence[Term], moved: Moved) -> Collection[int]:
        """The places of the terms whose values stand although this has moved."""
        key = (id(terms), moved)
        if key not in self._stand:
            self._stand[key] = frozenset(
                place for place, term in enumerate(terms) if self._stands(term.value, moved)
            )
        return self._stand[key]

    def _stands(self, expression: Expression, moved: Moved) -> bool:
        if expression not in self._reads:
            self._reads[expression] = self._readings.of(expression)
        reads = self._reads[expression]
        return ANYTHING not in reads and reads.isdisjoint(moved)
