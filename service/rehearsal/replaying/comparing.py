"""What one step of a replay did, held against what the record says of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.domain.changes import CaseChange, LoadedCase
from service.domain.clocks import BREACHED, MET_LATE, ClockRecord
from service.domain.errors import JsjbError, Refused
from service.domain.names import CLOCK_NAMES, CLOCK_STATE_NAMES, NOTICE_NAMES, STATUS_NAMES
from service.domain.replayed import Difference
from service.rehearsal.replaying.course import (
    Apart,
    Key,
    Recorded,
    keys_of,
    kinds_told,
    open_tasks,
    standings,
)
from service.rehearsal.replaying.live import DUE_PASSED, REMINDED, SUBMITTED
from service.rehearsal.replaying.telling import NOTHING, Telling
from service.usecases.authorize import NOT_AUTHORIZED, NOT_OPEN
from service.usecases.house import Release
from timers.shown import show_due

MISSED = frozenset({BREACHED, MET_LATE})
NOT_DONE = frozenset({NOT_OPEN, NOT_AUTHORIZED, "form.missing", "case.missing"})


@dataclass
class Comparison:
    """Holds the replay of a case against its record, step by step, and keeps what differs, each thing once."""

    recorded: Recorded
    release: Release  # the draft's
    own: Release  # that of the case
    telling: Telling
    found: list[Difference] = field(default_factory=list)
    _told: set[tuple[Any, ...]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.apart = Apart(self.release)
        self.own_apart = Apart(self.own)
        self._statuses = {e.status: e.name for e in self.release.definition.elements.values() if e.status}

    # -- what is told ------------------------------------------------------------------------------------
    def take(self, one: Difference, *key: Any) -> None:
        """Keep a difference unless the same was kept before."""
        known = (one.what, one.element, *(key or (one.title, one.was, one.now)))
        if known not in self._told:
            self._told.add(known)
            self.found.append(one)

    def refused(self, at: datetime, form: str, error: JsjbError) -> None:
        """A submission that was taken then is refused."""
        title = self.form_title(form)
        article = error.article if isinstance(error, Refused) else None
        message = self.telling.refusal(form, error)
        what = "window" if error.code in NOT_DONE else "refused"
        told = f"表单“{title}”不能提交" if what == "refused" else f"表单“{title}”当时不能办"
        element = f"{form}:{error.code}"
        one = Difference(
            what,
            element,
            f"{told}：{message}",
            at,
            f"提交“{title}”",
            "已提交",
            f"被拒（{error.code}）",
            article,
        )
        self.take(one, at)

    def stuck(self, at: datetime, doing: str, error: JsjbError, element: str) -> None:
        """The draft does not go on."""
        title = f"走不下去：{self.telling.failure(error)}"
        self.take(Difference("stuck", element, title, at, doing, "走到结尾", error.code))

    # -- one step ----------------------------------------------------------------------------------------
    def step(
        self,
        at: datetime,
        doing: str,
        told: Mapping[str, Any],
        done: CaseChange | None,
        now: LoadedCase | None,
    ) -> None:
        """Compare what a step of the record tells with what the same step did; None: it was none on the draft."""
        if done is not None:
            payload = done.audit[0].payload
            self.way(at, doing, told.get("trail", ()), done)
            self.status(at, doing, list(told.get("status", ())), list(payload.get("status", ())))
        self.clocks(at, doing, now)
        if done is not None:
            self.notices(at, doing, told, done)

    def way(self, at: datetime, doing: str, was: Sequence[str], done: CaseChange) -> None:
        """Another way taken in the diagrams."""
        before = self.own_apart.trail(was)
        passed = [one for one in done.trail if one.node not in self.apart.nodes]
        after = [one.node for one in passed]
        if before == after:
            return
        place = next(
            (n for n, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), None
        )
        place = min(len(before), len(after)) if place is None else place
        common = passed[:place]
        gateway = next((one.node for one in reversed(common) if one.ways), common[-1].node if common else "")
        taken = self.node_name(after[place]) if place < len(after) else NOTHING
        left = self.node_name(before[place]) if place < len(before) else NOTHING
        begin = f"“{self.node_name(gateway)}”之后" if gateway else "开头"
        title = f"{begin}走“{taken}”，原来走“{left}”"
        self.take(Difference("way", gateway, title, at, doing, left, taken, self.article_of(gateway)))

    def status(self, at: datetime, doing: str, was: list[str], now: list[str]) -> None:
        """Other milestones."""
        if was != now:
            before, after = self.statuses(was), self.statuses(now)
            element = next(iter(now or was), "")
            self.take(
                Difference(
                    "status", element, f"状态变为“{after}”，原来是“{before}”", at, doing, before, after
                )
            )

    def clocks(self, at: datetime, doing: str, now: LoadedCase | None) -> None:
        """Clocks that stand otherwise than after the same step of the record."""
        was, known = self.recorded.standing, standings(now)
        records = dict(keys_of(now).values()) if now else {}
        for key in [*known, *(one for one in was if one not in known)]:
            before, after = was.get(key), known.get(key)
            if before == after:
                continue
            if before is None or after is None:
                self.take(self.only_one(key, records.get(key), at, doing), key, after is None)
                continue
            # that it is due at another time is told once, however its state goes on; that it is missed by it, as well
            if before[0] != after[0]:
                self.take(self.due_difference(key, records[key], at, doing), key, before[0], after[0])
            missed = before[1] in MISSED, after[1] in MISSED
            if missed[0] != missed[1]:
                self.take(self.state_difference(key, records[key], at, doing), key, missed)
            elif before[0] == after[0]:
                self.take(self.state_difference(key, records[key], at, doing), key, before[1], after[1])

    def only_one(self, key: Key, record: ClockRecord | None, at: datetime, doing: str) -> Difference:
        """A clock that is there only on the draft, or no more."""
        was, name = self.recorded.standing.get(key), self.clock_name(key, record)
        article = self.article_of_clock(key, record)
        if record is not None and was is None:
            told = f"{show_due(record.due)} 到期"
            return Difference("clock", key[0], f"多了时钟“{name}”", at, doing, NOTHING, told, article)
        told = f"{show_due(was[0])} 到期" if was else NOTHING
        return Difference("clock", key[0], f"没有时钟“{name}”", at, doing, told, NOTHING, article)

    def due_difference(self, key: Key, record: ClockRecord, at: datetime, doing: str) -> Difference:
        """A clock that is due at another time."""
        due, past = self.recorded.standing[key][0], self.recorded.clock(key)
        return Difference(
            "due",
            key[0],
            f"时钟“{self.clock_name(key, record)}”到期{'提前' if record.due < due else '推后'}",
            at,
            doing,
            show_due(due),
            show_due(record.due),
            self.article_of_clock(key, record),
            self.telling.reckoning(past) if past is not None and past.due == due else (),
            self.telling.reckoning(record),
        )

    def state_difference(self, key: Key, record: ClockRecord, at: datetime, doing: str) -> Difference:
        """A clock that stands otherwise."""
        state, name = self.recorded.standing[key][1], self.clock_name(key, record)
        before, after = (CLOCK_STATE_NAMES.get(one, one) for one in (state, record.state))
        if (state in MISSED) != (record.state in MISSED):
            title = f"时钟“{name}”{'变为逾期' if record.state in MISSED else '不再逾期'}"
        else:
            title = f"时钟“{name}”变为“{after}”，原来是“{before}”"
        return Difference(
            "state", key[0], title, at, doing, before, after, self.article_of_clock(key, record)
        )

    def notices(self, at: datetime, doing: str, told: Mapping[str, Any], done: CaseChange) -> None:
        """Other notices."""
        was = set(told.get("notices", ())) - self.recorded.secret_kinds
        now = {kind for kind, _ in kinds_told(done.notices, self.apart.nodes)}
        for title, element in told_of_kinds(was, now):
            self.take(
                Difference("notice", element, title, at, doing, named(sorted(was)), named(sorted(now))),
                element,
                at,
            )

    # -- the end -----------------------------------------------------------------------------------------
    def ending(self, at: datetime, now: LoadedCase | None, sent: Counter[tuple[str, str]]) -> None:
        """What is otherwise in the end and did not show at any step."""
        past = self.recorded.past
        self.clocks(at, "到重演截止时", now)
        was, is_now = ended(past.now), ended(now)
        if was != is_now:
            before, after = self.end_told(past.now), self.end_told(now)
            one = Difference(
                "ending", "end", f"结果是“{after}”，原来是“{before}”", at, "到重演截止时", before, after
            )
            self.take(one)
        tasks_was, tasks_now = open_tasks(past.now), open_tasks(now) if now else Counter[str]()
        if tasks_was != tasks_now:
            before, after = (self.waiting(one) for one in (tasks_was, tasks_now))
            title = f"等待办理的是“{after}”，原来是“{before}”"
            self.take(Difference("ending", "tasks", title, at, "到重演截止时", before, after))
        told, known = self.recorded.sent, {one.element for one in self.found if one.what == "notice"}
        for kind in sorted({kind for kind, _ in (told - sent) + (sent - told)} - known):
            title = f"通知“{NOTICE_NAMES.get(kind, kind)}”的件数或收件人不同"
            was_to, now_to = (self.telling.addressees(one, kind) for one in (told, sent))
            self.take(Difference("notice", kind, title, at, "到重演截止时", was_to, now_to))

    def end_told(self, loaded: LoadedCase | None) -> str:
        """How a case stands in the end, in words."""
        if loaded is None:
            return "没有受理"
        parts = [self.statuses([loaded.case.status] if loaded.case.status else [])]
        if loaded.case.closed_at is not None:
            parts.append("已了结")
        missed = Counter(key[0] for key, (_, state) in standings(loaded).items() if state in MISSED)
        names = (self.clock_name((kind, 0), None) + (f"×{n}" if n > 1 else "") for kind, n in missed.items())
        late = "、".join(names)
        return "，".join([*parts, f"逾期：{late}" if late else "没有逾期"])

    # -- names -------------------------------------------------------------------------------------------
    def doing(self, kind: str, payload: Mapping[str, Any]) -> str:
        """What a step was, in words."""
        if kind == SUBMITTED:
            return f"提交“{self.form_title(payload['form'])}”"
        if kind in (DUE_PASSED, REMINDED):
            clock = payload.get("clock")
            name = CLOCK_NAMES.get(clock or "", "") or self.node_name(payload["node"])
            return f"“{name}”{'提醒' if kind == REMINDED else '到期'}"
        return f"自行开始“{self.node_name(payload.get('node', ''))}”"

    def form_title(self, form: str) -> str:
        """What people call a form."""
        found = self.release.content.forms.get(form) or self.own.content.forms.get(form)
        return found.title if found else form

    def node_name(self, node: str) -> str:
        """What people call an element."""
        drawn = (release.definition.elements.get(node) for release in (self.release, self.own))
        return next((one.name for one in drawn if one is not None and one.name), node)

    def article_of(self, node: str) -> str | None:
        """The row that an element carries out."""
        drawn = self.release.definition.elements.get(node)
        return drawn.article if drawn else None

    def article_of_clock(self, key: Key, record: ClockRecord | None) -> str | None:
        """The row that a clock carries out."""
        record = record or self.recorded.clock(key)
        return record.article if record is not None else None

    def clock_name(self, key: Key, record: ClockRecord | None) -> str:
        """What people call a kind of clock."""
        record = record or self.recorded.clock(key)
        return CLOCK_NAMES.get(key[0]) or (self.node_name(record.node) if record else key[0])

    def statuses(self, reached: Sequence[str]) -> str:
        """Milestones in words."""
        names = (STATUS_NAMES.get(one) or self._statuses.get(one) or one for one in reached)
        return "、".join(names) or NOTHING

    def waiting(self, nodes: Counter[str]) -> str:
        """Open tasks in words."""
        return "、".join(self.node_name(node) for node in sorted(nodes.elements())) or NOTHING


def ended(loaded: LoadedCase | None) -> tuple[Any, ...]:
    """What is compared in the end."""
    if loaded is None:
        return ()
    return loaded.case.status, loaded.case.lead_department, loaded.case.closed_at is not None


def told_of_kinds(was: set[str], now: set[str]) -> Iterator[tuple[str, str]]:
    """What is said of notices that go out only on one side, with their kind."""
    for kind in sorted(was - now):
        yield f"不再发通知“{NOTICE_NAMES.get(kind, kind)}”", kind
    for kind in sorted(now - was):
        yield f"多发通知“{NOTICE_NAMES.get(kind, kind)}”", kind


def named(kinds: Sequence[str]) -> str:
    """Kinds of notices in words."""
    return "、".join(NOTICE_NAMES.get(kind, kind) for kind in kinds) or NOTHING
