"""What a search did not come to is searched for once more, aimed: only what can bring it about is tried, in each way.

The search by pairs goes on from a state only where that shows something new, so that what needs many things at once
may be missed. An aimed search looks for one thing. It begins where the task is open at which that is decided, in
each of the situations kept of it, then anew from the beginning; it hands in what the condition reads in every way,
all else plainly; and it tells states apart by what the condition reads and by where the tokens stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from service.domain.errors import Finding
from service.engine import Element
from service.rehearsal.exploring.dependence import Dependence, Part, placed
from service.rehearsal.exploring.interest import Interest, Text
from service.rehearsal.exploring.moves import Aim, Moves
from service.rehearsal.exploring.novelty import Novelty
from service.rehearsal.exploring.reached import Reached
from service.rehearsal.exploring.search import Search, State
from service.rehearsal.exploring.states import Picture

MOST_KEPT = 40  # situations of one task
MOST_STEPS = 2_000  # of one aimed search


class Sought(Enum):
    """What came of searching for one thing."""

    FOUND = auto()
    NOWHERE = auto()  # nothing is left that could bring it about
    CUT_SHORT = auto()  # the limit came first


@dataclass(frozen=True, slots=True)
class Missed:
    """Something that was not reached: what is told of it, and by which sign it would be known.

    `texts` decide about it, at the element `at`; without any there is nothing to aim at.
    """

    finding: Finding
    at: Element
    sign: tuple[str, object]
    texts: tuple[Text, ...] = ()

    def is_reached(self, reached: Reached) -> bool:
        """Whether it was come to after all."""
        kind, what = self.sign
        return what in getattr(reached, kind)


@dataclass
class Nearest:
    """Keeps states from which an aimed search may begin: of each task a few in which it is open, each in another
    situation as far as what is decided there goes."""

    dependence: Dependence
    kept: dict[str, dict[tuple[object, ...], State]] = field(default_factory=dict)

    def take(self, state: State, picture: Picture) -> None:
        """Keep a state where it is the first in which some open task is in such a situation."""
        definition = self.dependence.downstream.definition
        for node in dict.fromkeys(row.node for row in picture.work.tasks.values()):
            known = self.kept.setdefault(node, {})
            if len(known) >= MOST_KEPT:
                continue
            asked = self.dependence.crossing(definition.elements[node])
            situation = tuple(picture.parts.get(part) for part in asked)
            if situation not in known:
                known[situation] = replace(state, picture=None)

    def at(self, tasks: Iterable[str]) -> list[State]:
        """The states kept of these tasks, each once."""
        return list({id(s): s for node in tasks for s in self.kept.get(node, {}).values()}.values())

    def before(self, element: Element) -> list[State]:
        """The states from which a step may come to an element; those of every task where none can be told."""
        downstream, elements = self.dependence.downstream, self.dependence.downstream.definition.elements
        tasks = [n for n in self.kept if n == element.id or element.id in downstream.reach(elements[n])]
        return self.at(tasks or self.kept)


@dataclass
class Aimed:
    """Searches for single things on the ground that a first search covered."""

    search: Search  # the first search, which is over
    dependence: Dependence
    nearest: Nearest
    reached: Reached
    beginnings: Sequence[State]
    interest_in: Callable[[Sequence[Text]], Interest]
    steps: int = 0
    searched: int = 0  # for so many things
    found: int = 0
    sought: dict[tuple[str, object], Sought] = field(default_factory=dict)  # by its sign

    def rest(self, missing: Callable[[], Iterable[Missed]]) -> Iterator[Missed]:
        """What stays unreached when each thing that is missing was searched for; what is come to on the way may show
        others, which are searched for too. Where only the limit stopped a search, that is told."""
        while fresh := [one for one in missing() if one.sign not in self.sought]:
            for one in fresh:
                self.sought[one.sign] = self.seek(one)
        for one in missing():
            cut_short = self.sought[one.sign] is Sought.CUT_SHORT
            yield replace(one, finding=doubtful(one.finding)) if cut_short else one

    def told(self) -> str:
        """How much was searched for once more, and what came of it."""
        return f"有 {self.searched} 处起初没有走到，逐处又专门找了一遍（{self.steps} 步），找到 {self.found} 处。"

    def seek(self, missed: Missed) -> Sought:
        """Search for what was not reached; what is come to on the way is noted as in any search."""
        if missed.is_reached(self.reached):
            return Sought.FOUND
        if not missed.texts:
            return Sought.NOWHERE
        again = self._search(missed)
        again.run(
            self._from(missed),
            most=MOST_STEPS,
            most_steps=MOST_STEPS,
            progress=lambda search: None,
            until=lambda: missed.is_reached(self.reached),
        )
        self.steps += again.steps
        self.searched += 1
        if missed.is_reached(self.reached):
            self.found += 1
            return Sought.FOUND
        is_whole = again.is_complete and not any(ways.left_out for ways in again.moves.ways.values())
        return Sought.NOWHERE if is_whole else Sought.CUT_SHORT

    def _from(self, missed: Missed) -> Iterator[State]:
        seen: set[int] = set()
        for state in (*self.nearest.before(missed.at), *self.beginnings):
            if id(state) not in seen:
                seen.add(id(state))
                yield state

    def _search(self, missed: Missed) -> Search:
        first, moves = self.search, self.search.moves
        forms = self.dependence.forms_of(missed.texts) | {missed.at.form or ""}
        aim = Aim(forms, self.interest_in(missed.texts))
        return Search(
            moves=Moves(moves.setting, moves.interest, moves.processes, moves.starts, aim),
            doing=first.doing,
            states=first.states,
            novelty=Novelty(None, only=Asked(frozenset(self.dependence.facts_of(missed.texts)))),
            watcher=first.watcher,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """Tells by which parts an aimed search tells states apart."""

    facts: frozenset[tuple[str, Part]]

    def __call__(self, part: Part) -> bool:
        """Whether a part is one of them: a token, a window that has closed, or a fact that is asked for."""
        own, inner = placed(part)
        if inner[0] == "fact":
            return (own.partition("#")[0], inner) in self.facts
        return inner[0] in {"token", "shut"}


def doubtful(finding: Finding) -> Finding:
    """The finding, with the limit of what is known of it."""
    doubt = "（专门又找过，到了上限还没有找完：只是没有找到，不能断定走不到。）"
    return replace(finding, message=f"{finding.message}{doubt}")
