"""One case to which random things are done, and what is looked at after each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from service.content import load, read_folder
from service.domain import audit
from service.domain.changes import OF_CASE, LoadedCase
from service.domain.errors import FormInvalid, Refused
from service.domain.people import Person
from service.domain.ports import Store
from service.rehearsal.exploring.case_store import Kept
from service.rehearsal.exploring.ground import Ground
from service.rehearsal.exploring.interest import Interest
from service.rehearsal.exploring.moves import Board, Handing, Moves
from service.rehearsal.exploring.setting import Setting, settle
from service.rehearsal.exploring.values import PLAINLY, NotShownError
from service.usecases.fire_due import fire_due
from service.usecases.submission import SubmitForm
from service.usecases.submit_form import submit_form
from service.usecases.verify_records import departures
from tests.properties.case_laws import require_laws, require_over

PROJECT = Path(__file__).parents[2]
GAPS: Mapping[str, timedelta] = {
    "none": timedelta(0),
    "minutes": timedelta(minutes=40),
    "hours": timedelta(hours=5),
    "day": timedelta(days=1, minutes=3),
    "days": timedelta(days=4),
    "due": timedelta(0),  # to the very instant that is due next
    "late": timedelta(seconds=1),  # to just after it
}
EXTENDING = "decide_extension"  # the one form that may move a due time
OPENING, CLOSING = "register_case", "withdraw_order"
SELDOM = 8  # one in so many cases may be withdrawn at any one moment
TASK, ACTION, START = "task", "action", "start"  # what is asked for, what may be done, what begins a process
RATHER = (TASK, TASK, TASK, TASK, ACTION, ACTION, ACTION, ACTION, ACTION, START)  # of ten deeds
# What is done in turn to bring a case to its end, and what it takes beside the plain filling.
TO_THE_END: Mapping[str, Mapping[str, Any]] = {
    "dispatch": {},
    "decide_return": {"decision": "reject"},
    "designate_lead": {},
    "respond": {},
    "feedback_caller": {"stage": "result", "channel": "visit"},
    "record_subcenter_confirmation": {},
    "submit_co_report": {},
    "accept_co_report": {},
    "submit_report": {},
    "review": {},
    "upload_upstream": {},
    "upstream_result": {},
}
NOBODYS = 1  # of ten deeds, how many are tried by anybody at all
KEYS = count(1)


@dataclass(frozen=True, slots=True)
class Deed:
    """Something somebody tries, by numbers that choose among what there is at that moment."""

    what: int
    way: int
    who: int
    gap: str
    outsider: int


@dataclass(slots=True)
class RandomHouse:
    """A house on a database, and what decides the course of its processes."""

    setting: Setting
    interest: Interest
    moves: Moves
    store: Store
    states: Counter[str] = field(default_factory=Counter)  # of clocks, over all runs
    done: Counter[str] = field(default_factory=Counter)  # forms that were taken, over all runs
    refused: int = 0
    closed: int = 0


def random_house(store: Store) -> RandomHouse:
    """The shipped content in a fresh house on this database."""
    content = load(read_folder(PROJECT))
    interest = Ground(content).everything
    setting = settle(store, content)
    processes = frozenset(setting.release.definition.processes)
    starts = tuple(setting.release.start_forms)
    return RandomHouse(setting, interest, Moves(setting, interest, processes, starts), store)


@dataclass(slots=True)
class RandomCase:
    """One case on its way, with the due times of its clocks as they were when it was looked at last."""

    house: RandomHouse
    case_id: str
    due: dict[str, datetime] = field(default_factory=dict)
    tried: Counter[str] = field(default_factory=Counter)  # forms

    # -- what is done ------------------------------------------------------------------------------------
    @classmethod
    def opened(cls, house: RandomHouse, start: datetime, opening: int) -> RandomCase | None:
        """A case opened at an instant in one of the ways in which its form can be filled; None where refused."""
        clock = house.setting.clock
        clock.move_to(start, back=True)
        house.setting.forget_uploads()
        board = house.moves.on(None, clock.now())
        handings = [m for m in board if isinstance(m, Handing) and m.form == OPENING]
        move = handings[opening % len(handings)]
        values = values_of(board, move) or board.values(replace(move, way=PLAINLY))
        assert values is not None
        orders = {path.partition(".")[2] for path in house.interest.orders if path.startswith(f"{OPENING}.")}
        values.update(dict.fromkeys(orders, f"R-{next(KEYS)}"))
        try:
            receipt = submit_form(house.setting.house, command(move, values, None))
        except (Refused, FormInvalid):
            return None
        fire_due(house.setting.house, worker="random", case_id=receipt.case_id)  # it may be entered late
        case = cls(house, receipt.case_id)
        case.require_laws(after=OPENING)
        return case

    def wait(self, gap: str) -> None:
        """Let time pass, everything due being fired on the way in its turn."""
        clock, store = self.house.setting.clock, self.house.store
        target = clock.now() + timedelta(seconds=1) + GAPS[gap]
        if gap in {"due", "late"}:
            next_at = store.next_due_at(self.case_id)
            due = next_at - timedelta(microseconds=1) if next_at else clock.now()
            target = max(clock.now(), due + GAPS[gap])
        self._pass_to(target)

    def wait_for_the_last(self) -> None:
        """Let time pass until nothing is due any more."""
        while (at := self.house.store.next_due_at(self.case_id)) is not None:
            self._pass_to(max(at, self.house.setting.clock.now()))

    def _pass_to(self, target: datetime) -> None:
        clock, house = self.house.setting.clock, self.house.setting.house
        while (at := self.house.store.next_due_at(self.case_id)) is not None and at <= target:
            clock.move_to(max(at, clock.now()))
            assert fire_due(house, worker="random", case_id=self.case_id), "what is due was not fired"
        clock.move_to(max(target, clock.now()))

    def do(self, deed: Deed) -> str:
        """Try one thing that is open, in one of its ways, by one of those who may, or by somebody who has nothing
        to do with it; the form that was handed in."""
        board = self.board()
        handings = [m for m in board if isinstance(m, Handing)]
        rather = RATHER[deed.what % len(RATHER)]
        places = self._places([m for m in handings if m.form != CLOSING or not deed.way % SELDOM], rather)
        place = places[deed.what // len(RATHER) % len(places)]
        ways = [m for m in handings if place_of(m) == place]
        move = ways[0] if deed.way % 2 else ways[deed.way // 2 % len(ways)]
        self.tried[move.form] += 1
        return self._hand_in(board, replace(move, person=self._who(move, deed)))

    def _places(self, handings: Sequence[Handing], rather: str) -> list[tuple[str, str]]:
        """The places of a kind where something can be handed in, all where there are none; what was tried least."""
        some = [m for m in handings if kind_of(m) == rather] or handings
        least = min(self.tried[m.form] for m in some)
        return sorted({place_of(m) for m in some if self.tried[m.form] == least})

    def see_through(self) -> None:
        """What is asked for is done in its turn, again and again, until the case is closed or nothing is taken."""
        while self.loaded().case.closed_at is None:
            if not sum(self._taken(form) for form in TO_THE_END):
                return

    def withdraw(self) -> None:
        """The sub-center takes the order back, where it still can: what runs is cancelled."""
        board = self.board()
        plain = next(
            (m for m in board if isinstance(m, Handing) and m.form == CLOSING and m.way == PLAINLY), None
        )
        if plain is None:
            return
        with suppress(Refused, FormInvalid):
            self._hand_in(board, plain)
            self.require_laws(after=CLOSING)

    def _taken(self, form: str) -> bool:
        """Whether a form was open and was taken, filled in plainly."""
        board = self.board()
        plain = next(
            (m for m in board if isinstance(m, Handing) and m.form == form and m.way == PLAINLY), None
        )
        if plain is None or plain.task is None:
            return False
        try:
            self._hand_in(board, plain, TO_THE_END[form])
        except (Refused, FormInvalid):
            return False
        self.require_laws(after=form)
        return True

    def _hand_in(self, board: Board, move: Handing, said: Mapping[str, Any] | None = None) -> str:
        values = values_of(board, move) or board.values(replace(move, way=PLAINLY))
        assert values is not None
        submit_form(self.house.setting.house, command(move, {**values, **(said or {})}, self.case_id))
        self.house.done[move.form] += 1
        fire_due(self.house.setting.house, worker="random", case_id=self.case_id)
        return move.form

    def _who(self, move: Handing, deed: Deed) -> Person:
        people: Sequence[Person] = sorted(self.house.setting.directory.people.values(), key=lambda p: p.id)
        if deed.outsider < NOBODYS:
            return people[deed.who % len(people)]
        own = move.instance.department if move.instance else None
        able = self.house.setting.able(self.board().work, move.role, own)
        return able[deed.who % len(able)] if able else move.person

    # -- what is looked at -------------------------------------------------------------------------------
    def loaded(self) -> LoadedCase:
        """The case as the database has it."""
        with self.house.store.begin(reading=True) as uow:
            return uow.load(self.case_id)

    def board(self) -> Board:
        """What is open now."""
        return self.house.moves.on(Kept(self.loaded()), self.house.setting.clock.now())

    def everything(self) -> dict[str, Any]:
        """All that a refusal must leave as it was: it is recorded, and nothing else."""
        found = self.loaded()
        with self.house.store.begin(reading=True) as uow:
            notices = uow.notices(self.case_id)
            _, records = uow.chain(OF_CASE, self.case_id)
        case = found.case
        return {
            "case": (case.version, case.status, case.lead_department, case.dispatch_no, dict(case.columns)),
            "instances": [(i.id, i.version, i.state, i.snapshot) for i in found.instances],
            "submissions": [s.id for s in found.submissions],
            "clocks": found.clocks,
            "tasks": found.tasks,
            "timers": found.timers,
            "notices": notices,
            "records": [r.seal for r in records if r.kind != "refused"],
        }

    # -- the laws ----------------------------------------------------------------------------------------
    def require_laws(self, after: str | None = None) -> None:
        """What must hold at every moment; `after` is the form just handed in."""
        found = self.loaded()
        require_laws(found, self.house.setting.clock.now())
        if found.case.closed_at is not None:
            require_over(found)
        self.house.states.update(clock.state for clock in found.clocks)
        self._require_due_times_stand(found, after)

    def _require_due_times_stand(self, found: LoadedCase, after: str | None) -> None:
        moved = [c.kind for c in found.clocks if c.id in self.due and self.due[c.id] != c.due]
        granted = after == EXTENDING and found.submissions[-1].values.get("decision") != "rejected"
        assert granted or not moved, f"due times moved without an extension, after {after}: {moved}"
        self.due = {clock.id: clock.due for clock in found.clocks}

    def require_sealed(self) -> None:
        """The audit chain holds, and what is stored of the case agrees with it."""
        with self.house.store.begin(reading=True) as uow:
            chain, records = uow.chain(OF_CASE, self.case_id)
            audit.verify(self.house.setting.house.audit_key, records, chain.head)
            assert list(departures(uow.load(self.case_id), records)) == []


def place_of(move: Handing) -> tuple[str, str]:
    """Where a form is handed in: at a task, or at a start event."""
    return (move.element.id, move.task.id if move.task else "")


def kind_of(move: Handing) -> str:
    """Whether a form is asked for, may be handed in, or begins a process of its own."""
    if move.task is None:
        return START
    return ACTION if move.task.optional else TASK


def command(move: Handing, values: Mapping[str, Any], case_id: str | None) -> SubmitForm:
    """A submission of what was filled in."""
    return SubmitForm(
        form=move.form,
        values=values,
        person=move.person,
        key=f"random-{next(KEYS)}",
        case_id=case_id,
        task_id=move.task.id if move.task else None,
    )


def values_of(board: Board, move: Handing) -> dict[str, Any] | None:
    """What is handed in; nothing where the way makes no difference here, or fills in what the form does not ask for."""
    try:
        return board.values(move)
    except NotShownError:
        return None
