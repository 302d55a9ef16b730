"""Replay cases on a draft, one after the other, each by itself: all others are as they really were."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from service.content import load
from service.domain.errors import Missing, Unavailable
from service.domain.releases import ReleaseRow
from service.domain.replayed import OTHERWISE, Replayed, unplayable
from service.engine import parse
from service.rehearsal.exploring.surroundings import Surroundings
from service.rehearsal.replaying.case_player import CasePlayer, Ground
from service.rehearsal.replaying.live import BEGAN, RECOMPUTED, SUBMITTED, Live, PastCase
from service.usecases.house import Release
from timers.calendar import Calendar

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
NO_RECORD = "没有留下从头办理的记录（例如由旧系统导入）"
RECOUNTED = "放假安排公布后重算过期限，当时用的节假日表没有留存"
OWN_DIFFERS = "在它自己的版本上重演也与当时不同，当时的情形没有全部留存"
BROKE = "重演时出现意外，已记入运行日志"
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Replaying:
    """Replays cases of a database on one content."""

    live: Live
    draft: Release
    calendar: Calendar
    _grounds: dict[str, Ground] = field(default_factory=dict)

    @classmethod
    def on(cls, live: Live, files: Mapping[str, bytes], calendar: Calendar) -> Replaying:
        """On the content of a draft. Raises: ContentInvalid where it cannot be run."""
        content = load(files)
        row = ReleaseRow(
            no=1,
            hash=content.hash,
            label=content.policy.label,
            by="replay",
            at=BEGINNING,
            reason="replay",
            effective_from=BEGINNING,
            stand_ins=content.policy.stand_ins,
        )
        return cls(live, Release(row, content, parse(content.diagrams)), calendar)

    def case(self, case_id: str, until: datetime) -> Replayed:
        """One case, up to an instant. Never raises for what is wrong with the case: it is told.

        What goes otherwise is replayed on the case's own release as well: what differs there too is no doing of the
        draft, and such a case cannot be replayed. Raises: Missing where the case is gone; Unavailable.
        """
        past = self.live.case(case_id)
        head = past.now.case
        if reason := why_not(past):
            return unplayable(head.id, head.case_no, reason)
        try:
            own = self.live.catalogue.release(head.release_no)
            found = self.play(past, self.draft, own, until)
            if found.outcome != OTHERWISE or own.row.hash == self.draft.row.hash:
                return found
            control = self.play(past, own, own, until)
        except (Unavailable, Missing):
            raise
        except Exception as error:  # noqa: BLE001 - one case must not end the others
            # where it broke, without the message: that may quote what the draft made out of the case
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("a replay broke: %s: %s\n%s", head.case_no, type(error).__name__, where)  # noqa: TRY400
            return unplayable(head.id, head.case_no, BROKE)
        return unplayable(head.id, head.case_no, OWN_DIFFERS) if control.outcome == OTHERWISE else found

    def play(self, past: PastCase, on: Release, own: Release, until: datetime) -> Replayed:
        """One case on one content, which is in force from the beginning."""
        return CasePlayer(self.live, past, self.ground(on), own).play(until)

    def ground(self, on: Release) -> Ground:
        """One content, in force from the beginning, among the people and the outages as they really were."""
        known = self._grounds.get(on.row.hash)
        if known is None:
            roster = self.live.roster
            around = Surroundings(
                departments=list(roster.departments.values()),
                members=dict(roster.members),
                absences={one.id: one for one in roster.absences},
                releases=[replace(on.row, effective_from=BEGINNING, cancelled=None)],
                outages=list(self.live.outages),
            )
            around.roster()  # once for all cases
            known = self._grounds[on.row.hash] = Ground(on, around, self.calendar, {})
        return known


def why_not(past: PastCase) -> str:
    """Why a case cannot be replayed from its record; empty where it can."""
    if not past.steps or past.steps[0].kind not in (SUBMITTED, BEGAN):
        return NO_RECORD
    return RECOUNTED if any(step.kind == RECOMPUTED for step in past.steps) else ""
