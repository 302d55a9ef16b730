"""What stood in the other cases at an instant that is past, as far as it is kept: for whoever replays one of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select, true

from service.domain.changes import RelatedFile
from service.domain.replay_sight import OF_HOUSE, ReplaySight
from service.store.filed import about, asked_for, handed_in
from service.store.reads.sight import read_whole_by
from service.store.tables import attachment, case_file, instance, planned_start, submission


@dataclass(frozen=True, slots=True)
class Received:
    """A case that may be replayed."""

    id: str
    case_no: str
    received_at: datetime


def cases_to_replay(
    connection: Connection, since: datetime, until: datetime, most: int, sight: ReplaySight = OF_HOUSE
) -> list[Received]:
    """The latest cases that were received in an interval and may be replayed, the earliest of them first."""
    asked = (
        select(case_file.c.id, case_file.c.case_no, case_file.c.received_at)
        .where(*_received(since, until), is_replayed(sight))
        .order_by(case_file.c.received_at.desc(), case_file.c.id.desc())
        .limit(most)
    )
    return [Received(*row) for row in reversed(connection.execute(asked).all())]


def count_to_replay(
    connection: Connection, since: datetime, until: datetime, sight: ReplaySight = OF_HOUSE
) -> int:
    """How many cases were received in an interval and may be replayed. The others are in no number."""
    asked = select(func.count()).select_from(case_file).where(*_received(since, until), is_replayed(sight))
    return connection.execute(asked).scalar() or 0


def _received(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (case_file.c.received_at >= since, case_file.c.received_at < until)


def is_replayed(sight: ReplaySight) -> ColumnElement[bool]:
    """The cases that are replayed with these eyes."""
    return may_be_told() if sight.person is None or sight.counts_others else is_named(sight)


def is_named(sight: ReplaySight) -> ColumnElement[bool]:
    """The cases of which is told by their numbers what comes of them."""
    return and_(may_be_told(), read_whole_by(sight.person)) if sight.person is not None else may_be_told()


def may_be_asked(sight: ReplaySight) -> ColumnElement[bool]:
    """The other cases that an expression is answered about; the rest of them is not there for it."""
    return true() if sight.is_of_house else is_replayed(sight)


def asked_about(connection: Connection, case_ids: Collection[str], sight: ReplaySight) -> frozenset[str]:
    """Those of some cases that an expression is answered about."""
    if sight.is_of_house or not case_ids:
        return frozenset(case_ids)
    asked = select(case_file.c.id).where(case_file.c.id.in_(case_ids), may_be_asked(sight))
    return frozenset(connection.execute(asked).scalars())


def may_be_told() -> ColumnElement[bool]:
    """The cases of which a replay may tell anybody: neither restricted, nor a file of the discipline office's own.

    Article: A8-3, A15-1.
    """
    apart = select(instance.c.id).where(
        instance.c.case_id == case_file.c.id, instance.c.place == 0, instance.c.is_apart
    )
    return ~case_file.c.restricted & ~exists(apart)


def is_order_taken(
    connection: Connection,
    order_no: str,
    order_round: int,
    *,
    at: datetime,
    besides: str,
    sight: ReplaySight = OF_HOUSE,
) -> bool:
    """Whether another case with this upstream order and round was here."""
    found = select(case_file.c.id).where(
        case_file.c.order_no == order_no, case_file.c.order_round == order_round, *_others(at, besides, sight)
    )
    return connection.execute(found).first() is not None


def cases_with_files(
    connection: Connection,
    hashes: Sequence[str],
    *,
    at: datetime,
    besides: str,
    sight: ReplaySight = OF_HOUSE,
) -> list[str]:
    """The numbers of the other cases that held a file with one of these hashes, in order."""
    asked = (
        select(case_file.c.case_no)
        .join(attachment, attachment.c.case_id == case_file.c.id)
        .where(attachment.c.sha256.in_(hashes), attachment.c.at <= at, *_others(at, besides, sight))
        .distinct()
        .order_by(case_file.c.case_no)
    )
    return list(connection.execute(asked).scalars())


def departments_filed(
    connection: Connection,
    form: str,
    period: str,
    *,
    since: datetime,
    at: datetime,
    besides: str,
    sight: ReplaySight = OF_HOUSE,
) -> set[str]:
    """The departments that had handed in a form about a period on another file received since an instant."""
    then = handed_in(form, since).where(submission.c.at <= at, case_file.c.id != besides, may_be_asked(sight))
    return about(period, connection.execute(then))


def is_awaited(
    connection: Connection,
    process: str,
    period: str,
    department: str,
    *,
    at: datetime,
    closed: str | None,
    sight: ReplaySight = OF_HOUSE,
) -> bool:
    """Whether a file that a process had opened, or was about to open, for a department and a period was not closed yet.

    `closed` is a case that counts as closed: that which is replayed, and is.
    """
    still_open = or_(
        planned_start.c.case_id.is_(None), case_file.c.closed_at.is_(None), case_file.c.closed_at > at
    )
    among = or_(planned_start.c.case_id.is_(None), may_be_asked(sight))
    found = asked_for(process, period, department).where(planned_start.c.fires_at <= at, still_open, among)
    if closed is not None:
        found = found.where(or_(planned_start.c.case_id.is_(None), planned_start.c.case_id != closed))
    return bool(connection.execute(select(exists(found))).scalar())


@dataclass(frozen=True, slots=True)
class FiledAbout:
    """A file of its own that names a case as related now; since when it is here, and since when it is closed."""

    case_no: str
    opened_by_form: str
    created_at: datetime | None
    closed_at: datetime | None

    def at(self, instant: datetime) -> RelatedFile | None:
        """The file as it was at an instant; None where it was not here yet."""
        if self.created_at is not None and self.created_at > instant:
            return None
        closed = self.closed_at is not None and self.closed_at <= instant
        return RelatedFile(self.case_no, self.opened_by_form, closed)


def filed_about(connection: Connection, case_no: str, sight: ReplaySight = OF_HOUSE) -> list[FiledAbout]:
    """The files that name a case as related, in order of their numbers."""
    asked = (
        select(case_file.c.case_no, case_file.c.opened_by_form, case_file.c.created_at, case_file.c.closed_at)
        .where(case_file.c.related_case == case_no, may_be_asked(sight))
        .order_by(case_file.c.case_no)
    )
    return [FiledAbout(*row) for row in connection.execute(asked)]


def _others(at: datetime, besides: str, sight: ReplaySight) -> tuple[ColumnElement[bool], ...]:
    return (case_file.c.created_at <= at, case_file.c.id != besides, may_be_asked(sight))
