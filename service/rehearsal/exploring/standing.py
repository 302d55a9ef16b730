"""What the deciding facts of a state were in the one before it: each stands until something it reads has moved."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.domain.changes import LoadedCase
from service.feel import Expression
from service.rehearsal.exploring.terms import Term
from service.usecases.house import Release
from service.usecases.readings import BY_ANOTHER_COMMAND, Moved, moved_in, moved_of_case, stands

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
        self._readings = release.readings
        self._reads: dict[Expression, Moved] = {}
        self._stand: dict[tuple[int, Moved], Collection[int]] = {}

    def since(self, before: Shown, after: Shown) -> Moved:
        """What has moved between two states, the second of which a step led to from the first."""
        moved = frozenset(moved_in(before.loaded, after.loaded)) | moved_of_case(before.case, after.case)
        return moved | BY_ANOTHER_COMMAND

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
        return stands(self._reads[expression], moved)
