"""Replays as a job: asked for, done turn by turn by whichever worker is given one, given up."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime

from service.content.release import hash_of
from service.domain.downloads import Superseded
from service.domain.errors import Conflict, Invalid, JsjbError, Missing, Refused, Stale, Unavailable
from service.domain.people import Person
from service.domain.replay_sight import ReplaySight
from service.domain.replays import MOST_BARREN, MOST_CASES, MOST_TURNS, CaseReplayed, Replay, Replays
from service.rehearsal.replaying.live import Live
from service.rehearsal.replaying.replay import Replaying
from service.store.drafts import SqlDrafts
from service.store.reads.as_it_was import Received, cases_to_replay, count_to_replay
from service.store.reads.replays import numbers_replayed
from service.store.store import SqlStore
from service.usecases.audit_record import append_without_case
from service.usecases.drafts import view_draft
from service.usecases.house import House
from timers import faults
from timers.clock import steady_s

TURN_S = 60.0  # under what a worker may take for one entry (`service/jobs/queue.py`)
KEEP_EVERY_S = 0.5
CHANGED = "重演途中草稿改动了。请再重演一次。"
NOT_DONE = "重演时一再出现意外，已记入运行日志。请稍后再试；还不行的，请联系系统管理员。"
GONE = "草稿已经发布或被删除。"
REPLAYED = "replayed"  # the kind of its record
TOO_EARLY = "起始日期须早于今天。"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReplayDesk:
    """What replays are done with. `counts_others`: cases that who asks may not read count as well (`ReplaySight`)."""

    house: House
    store: SqlStore
    rows: Replays
    counts_others: bool = False
    most: int = MOST_CASES
    turn_s: float = TURN_S


def ask_replay(desk: ReplayDesk, draft_id: str, since: datetime, person: Person) -> Replay:
    """Have the cases received since an instant replayed on a draft as it is now. Safe to repeat while it is not done.

    Raises: Missing; Refused E_NOT_AUTHORIZED, replay.too_many; Conflict where the draft changes nothing; Invalid.
    """
    view = view_draft(desk.house, SqlDrafts(desk.store), draft_id, person)
    now = desk.house.clock.now()
    if not view.is_changed:
        raise Conflict("草稿还没有改动，重演不会有不同。", code="replay.unchanged")
    if since >= now:
        raise Invalid(TOO_EARLY, code="replay.since")
    one = Replay(
        id=desk.house.new_id(),
        draft_id=draft_id,
        hash=hash_of(view.files),
        person_id=person.id,
        asked_at=now,
        since=since,
        changed_at=now,
    )
    return desk.rows.ask(one)


def play_turn(desk: ReplayDesk, replay_id: str) -> None:
    """Go on with a replay for a while, unless it is done or not wanted any more.

    Safe to repeat: the latest turn wins, others stop; a case that was replayed is not replayed again. What cannot be
    done is told to whom asked for it; what may be later is raised, and tried again.
    """
    held = desk.rows.begin(replay_id)
    if held is None:
        return
    now = desk.house.clock.now()
    try:
        if held.barren > MOST_BARREN:
            desk.rows.failed(held, NOT_DONE, now)
            return
        play(desk, held)
    except Superseded:
        return
    except Unavailable:
        raise
    except JsjbError as error:
        give_up(desk, held, GONE if isinstance(error, Missing | Refused) else error.message)
    except Exception:
        log.exception("a replay broke: %s", replay_id)
        raise


def give_up(desk: ReplayDesk, held: Replay, problem: str) -> None:
    """Tell why it cannot be done; nothing where it is another's by now."""
    try:
        desk.rows.failed(held, problem, desk.house.clock.now())
    except Superseded:
        return


def play(desk: ReplayDesk, held: Replay) -> None:
    """One turn. Raises: Superseded, Conflict, Missing, Refused, ContentInvalid, Unavailable."""
    person = asked_by(desk, held)
    sight = ReplaySight(person, desk.counts_others)
    live = Live(desk.store, desk.house.catalogue, sight)
    replaying = Replaying.on(live, content_of(desk, held, person), desk.house.calendar)
    chosen, received = chosen_cases(desk, held, sight)
    known = desk.rows.replayed(held.id)
    left = [one for one in chosen if one.id not in known]
    turn = Turn(desk, held, len(chosen) - len(left), len(chosen))
    turn.keep()
    for one in left:
        if turn.is_over:
            break
        try:
            found = replaying.case(one.id, held.asked_at)
        except Missing:
            continue
        turn.take(CaseReplayed(found.case_id, found.outcome, found.as_data()))
    else:
        turn.keep()
        ready(desk, held, received - len(chosen))
        return
    turn.keep()
    if held.tries >= MOST_TURNS:
        ready(desk, held, received - turn.done)
    else:
        desk.rows.go_on(held, desk.house.clock.now())


def ready(desk: ReplayDesk, held: Replay, left_out: int) -> None:
    """All is done: which cases were replayed for whom, and on which content, stands in that person's chain before
    anything of it is shown. Raises: Superseded; Unavailable."""
    with desk.store.reading() as connection:
        cases = numbers_replayed(connection, held.id)
    told = {"replay": held.id, "draft": held.draft_id, "hash": held.hash, "since": held.since, "cases": cases}
    try:
        append_without_case(desk.house, held.person_id, REPLAYED, told)
    except Stale as error:  # the same person does something all the time: another turn ends it
        raise Unavailable from error
    faults.here(faults.BEFORE_READY)
    desk.rows.ready(held, left_out, desk.house.clock.now())


def chosen_cases(desk: ReplayDesk, held: Replay, sight: ReplaySight) -> tuple[list[Received], int]:
    """The cases that are replayed with these eyes, and how many there are to be."""
    with desk.store.reading() as connection:
        chosen = cases_to_replay(connection, held.since, held.asked_at, desk.most, sight)
        return chosen, count_to_replay(connection, held.since, held.asked_at, sight)


def asked_by(desk: ReplayDesk, held: Replay) -> Person:
    """Who asked for it, with the roles that they hold now. Raises: Missing."""
    with desk.house.store.begin(reading=True) as uow:
        person = uow.directory(desk.house.clock.now()).people.get(held.person_id)
    if person is None:
        raise Missing("您的账号已停用。", code="person.missing")
    return person


def content_of(desk: ReplayDesk, held: Replay, person: Person) -> dict[str, bytes]:
    """The content of the draft. Raises: Conflict where it is another by now; Missing; Refused."""
    files = dict(view_draft(desk.house, SqlDrafts(desk.store), held.draft_id, person).files)
    if hash_of(files) != held.hash:
        raise Conflict(CHANGED, code="replay.changed")
    return files


@dataclass(slots=True)
class Turn:
    """What one turn has found and not kept yet; it is kept now and then, so that little is done twice."""

    desk: ReplayDesk
    held: Replay
    done: int
    total: int
    began_s: float = field(default_factory=steady_s)
    kept_s: float = field(default_factory=steady_s)
    found: list[CaseReplayed] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether it has taken as long as it may."""
        return steady_s() - self.began_s > self.desk.turn_s

    def take(self, one: CaseReplayed) -> None:
        """One more case. Raises: Superseded."""
        self.found.append(one)
        self.done += 1
        if steady_s() - self.kept_s > KEEP_EVERY_S:
            self.keep()

    def keep(self) -> None:
        """Keep what was found. Raises: Superseded."""
        self.desk.rows.keep(self.held, self.found, self.done, self.total, self.desk.house.clock.now())
        self.found = []
        self.kept_s = steady_s()
