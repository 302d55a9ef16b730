"""Which names stand for what while an expression is compiled, and which of them come from outside.

At run time a frame is a list: the variables, the host's functions, the budget, then one place for each name
that the expression itself binds.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from service.feel.values import Value

Frame = list[Any]
Code = Callable[[Frame], Value]

VARIABLES, FUNCTIONS, RUN, FIRST_PLACE = 0, 1, 2, 3


@dataclass(slots=True)
class Free:
    """What an expression takes from outside.

    Names inside the brackets of a filter may be properties of the items or variables: nobody can tell before
    the run, so they are kept apart. `whole_names` are those that are not only reached into by a path.
    """

    names: set[str] = field(default_factory=set)
    whole_names: set[str] = field(default_factory=set)
    paths: set[tuple[str, ...]] = field(default_factory=set)
    item_names: set[str] = field(default_factory=set)
    item_paths: set[tuple[str, ...]] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    literal_calls: set[tuple[str, str]] = field(default_factory=set)
    open_calls: set[str] = field(default_factory=set)
    doubts: set[str] = field(default_factory=set)
    places: int = FIRST_PLACE

    def place(self) -> int:
        self.places += 1
        return self.places - 1


@dataclass(frozen=True, slots=True)
class Scope:
    """The bindings around a node, innermost first; `name` is None for the item of a filter."""

    free: Free
    name: str | None = None
    place: int = 0
    outer: "Scope | None" = None

    def bind(self, name: str) -> "Scope":
        return Scope(self.free, name, self.free.place(), self)

    def filtered(self) -> "Scope":
        return Scope(self.free, None, self.free.place(), self)

    def bindings(self, name: str) -> tuple[list[int], int | None]:
        """The places of the filter items that may hold `name`, innermost first, then its own place if bound."""
        items: list[int] = []
        scope: Scope | None = self
        while scope is not None and scope.outer is not None:
            if scope.name is None:
                items.append(scope.place)
            elif scope.name == name:
                return items, scope.place
            scope = scope.outer
        return items, None

    def binds(self, name: str) -> bool:
        return self.bindings(name)[1] is not None
