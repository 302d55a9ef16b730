"""The search itself: from state to state, the nearest first, until nothing new is found."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from service.domain.errors import Missing
from service.rehearsal.exploring.case_store import Kept
from service.rehearsal.exploring.doing import Doing, Outcome
from service.rehearsal.exploring.moves import Board, Handing, Move, Moves, Waiting
from service.rehearsal.exploring.novelty import Novelty
from service.rehearsal.exploring.recall import Key, Recall
from service.rehearsal.exploring.states import Picture, States
from service.rehearsal.exploring.values import NotShownError


@dataclass(slots=True, eq=False)
class State:
    """A state and how it was come to. `kept` is None before there is a case.

    Once every move from it was looked at, only the way to it is still of use.
    """

    kept: Kept | None
    now: datetime
    picture: Picture | None = None
    mask: int = 0
    before: State | None = None
    move: Move | None = None

    def path(self) -> list[State]:
        """The states on the way here, each with the move that led to it; without the first, which none did."""
        found: list[State] = []
        state: State | None = self
        while state is not None and state.move is not None:
            found.append(state)
            state = state.before
        return found[::-1]


class Watcher(Protocol):
    """Who is told what the search comes across."""

    def made(self, state: State, move: Move, outcome: Outcome) -> None:
        """A move was made in a state."""
        ...

    def seen(self, state: State, picture: Picture) -> None:
        """A state was seen for the first time."""
        ...

    def left(self, state: State) -> None:
        """Every move from a state was looked at."""
        ...

    def joined(self, state: State, mask: int) -> None:
        """A move led from a state to one with these bits."""
        ...


Progress = Callable[["Search"], None]
Come = tuple[Outcome | None, State | None]  # what came of a move


def one_handing(move: Handing, values: Mapping[str, Any]) -> Hashable:
    """What is handed in where, and by whom: however it was come to be filled in so."""
    place = move.task.id if move.task else move.element.id
    return (place, move.role, move.person.id, frozen(values))


def frozen(value: Any) -> Hashable:
    """Values as they can be compared; what is not filled in is not there."""
    if isinstance(value, Mapping):
        return tuple(sorted((key, frozen(inner)) for key, inner in value.items() if inner is not None))
    return tuple(frozen(one) for one in value) if isinstance(value, list | tuple) else value


@dataclass(slots=True)
class Search:
    """A breadth-first search: the first way found to anything is a shortest one."""

    moves: Moves
    doing: Doing
    states: States
    novelty: Novelty
    watcher: Watcher
    recall: Recall | None = None
    steps: int = 0
    recalled: int = 0  # moves not made, because they led to nothing new where all they depend on was the same
    gone_on: int = 0  # states from which every move was looked at
    waiting: deque[State] = field(default_factory=deque)

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to go on from."""
        return not self.waiting

    def run(
        self,
        first: Iterable[State],
        *,
        most: int,
        most_steps: int | None,
        progress: Progress,
        until: Callable[[], bool] = lambda: False,
    ) -> None:
        """Search from these states until nothing is left, or `most` are gone on from, or so many steps made."""
        for state in first:
            self.waiting.append(self.begun(state))
        while self.waiting and self.gone_on < most and (most_steps is None or self.steps < most_steps):
            if until():
                return
            state = self.waiting.popleft()
            self.gone_on += 1
            self.waiting.extend(self._after(state))
            self.watcher.left(state)
            progress(self)

    def begun(self, state: State) -> State:
        """A first state, looked at."""
        if state.kept is None:
            return state
        picture = self.states.picture(state.kept, state.now)
        mask = self.novelty.mask(picture)
        looked_at = State(state.kept, state.now, picture, mask, state.before, state.move)
        if self.novelty.see(mask):
            self.novelty.leads_on(mask)
            self.watcher.seen(looked_at, picture)
        return looked_at

    def _after(self, state: State) -> Iterator[State]:
        board = self.moves.on(state.kept, state.now)
        made: dict[Hashable, Come] = {}
        for move in board:
            key = self._key(state, move)
            if key is not None and self._is_recalled(state, key):
                self.recalled += 1
                continue
            try:
                values = None if isinstance(move, Waiting) else board.values(move)
            except NotShownError:
                self._learn_not_shown(state, key)
                continue
            same = None if values is None or isinstance(move, Waiting) else one_handing(move, values)
            if same in made:  # filled in another way, to the same values
                self._learn(state, key, *made[same])
                continue
            outcome = self._made(state, move, values)
            if outcome is not None:
                self.steps += 1
                self.watcher.made(state, move, outcome)
            after = self._come_to(state, move, outcome) if outcome else None
            self._learn(state, key, outcome, after)
            if same is not None:
                made[same] = outcome, after
            if after is not None and isinstance(move, Waiting):
                self._come_late(board, after)
            if after is not None and self._leads_on(state, after):
                yield after

    def _come_late(self, board: Board, after: State) -> None:
        """Whoever was still filling in a form when its time came is answered too: refused, and nothing breaks."""
        tasks = after.kept.loaded.tasks if after.kept else ()
        for late in board.overtaken(tasks):
            outcome = self.doing.hand_in(late, board.values(late) or {}, after.kept, after.now)
            if not isinstance(outcome.broken, Missing):  # to some the case is not there any more
                self.steps += 1
                self.watcher.made(after, late, outcome)

    # -- what is remembered -------------------------------------------------------------------------------
    def _key(self, state: State, move: Move) -> Key | None:
        if self.recall is None or state.picture is None or isinstance(move, Waiting):
            return None
        return self.recall.key(state.picture, move)

    def _is_recalled(self, state: State, key: Key) -> bool:
        """Whether a move would only lead to what was seen before."""
        if self.recall is None or state.picture is None:
            return False
        changed = self.recall.expected(state.picture, key)
        return changed is not None and not self.novelty.would_lead_on(state.mask, state.picture, changed)

    def _learn(self, state: State, key: Key | None, outcome: Outcome | None, after: State | None) -> None:
        if key is None or self.recall is None or state.picture is None:
            return
        self.recall.learn(key, state.picture, after.picture if after else None, outcome)

    def _learn_not_shown(self, state: State, key: Key | None) -> None:
        if key is not None and self.recall is not None and state.picture is not None:
            self.recall.learn_not_shown(key, state.picture)

    # -- what is made -----------------------------------------------------------------------------------
    def _made(self, state: State, move: Move, values: Mapping[str, Any] | None) -> Outcome | None:
        """What came of a move; nothing where it makes no difference here."""
        if isinstance(move, Waiting):
            return self.doing.wait(move, state.kept, state.now) if state.kept else None
        return None if values is None else self.doing.hand_in(move, values, state.kept, state.now)

    def _come_to(self, state: State, move: Move, outcome: Outcome) -> State | None:
        if outcome.is_refused or outcome.kept is None or outcome.broken is not None:
            return None
        picture = self.states.picture(outcome.kept, outcome.now, state.picture)
        return State(outcome.kept, outcome.now, picture, self.novelty.mask(picture), state, move)

    def _leads_on(self, state: State, after: State) -> bool:
        """Whether to go on from a state. One that is seen for the first time is shown to the watcher."""
        self.watcher.joined(state, after.mask)
        if after.picture is None or not self.novelty.see(after.mask):
            return False
        self.watcher.seen(after, after.picture)
        return self.novelty.leads_on(after.mask)
