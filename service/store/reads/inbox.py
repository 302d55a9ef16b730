"""待办: the open tasks that wait for a person, by due time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy import case as whether

from service.domain.case import Ending, ending_of
from service.domain.people import Person, acting_role
from service.domain.permissions import Sight, directs, sees_every_case
from service.store.reads.open_tasks import audiences, beside, open_to, together
from service.store.reads.sight import (
    KEY_COLUMNS,
    as_seen_by,
    sights_of,
    title_of,
    title_shown_to,
)
from service.store.tables import case_file, instance, task
from service.store.tables import person as people
from service.store.words import may_hold

PAGE = 50
STATEMENTS = 64  # of so many lists at most: one takes some 100 KB
# the times before which is counted, in hours from now
PRESSING = {"overdue_at": 0, "hour_at": 1, "day_at": 24}

MINE = "mine"
DEPARTMENT = "department"
ALL = "all"


@dataclass(frozen=True, slots=True)
class ToDo:
    """One task that waits. `title` is None where this person may not see what the case is about.

    `due_at` is None where the task has no deadline of its own; `case_due` is that of the case as a whole, None once
    nobody has to keep it any more: then `ending` says how it was kept.
    """

    task_id: str
    case_id: str
    case_no: str
    name: str
    form: str
    title: str | None
    status: str | None
    urgency: str | None
    department: str | None
    due_at: datetime | None
    case_due: datetime | None
    ending: Ending | None
    opened_at: datetime
    claimed_by: str | None
    claimed_name: str | None
    may_act: bool
    may_take: bool
    may_release: bool
    restricted: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """How many tasks wait, on all pages: those that are late, that are due within the hour, within the day after."""

    total: int
    overdue: int
    hour: int
    day: int


# the columns of a row of the list
LISTED = (
    task,
    *KEY_COLUMNS,
    case_file.c.case_no,
    case_file.c.status,
    case_file.c.urgency,
    case_file.c.effective_due,
    instance.c.department.label("side_department"),
    people.c.name.label("claimed_name"),
)


def todos(
    connection: Connection,
    person: Person,
    *,
    scope: str = ALL,
    query: str = "",
    away: Collection[str] = (),
    waiting: Sequence[str] | None = None,
    page: int = 1,
) -> list[ToDo]:
    """One page of what waits for this person (`all`), of what they have taken (`mine`), or of all that waits
    in their departments or in the office (`department`).

    What somebody took who is `away` waits for the others again. Optional actions are no to-dos.
    Ordered by due time, those without one last.
    """
    asked = rows_of(listing_of(connection, person, scope, away, waiting), query)
    rows = connection.execute(asked, {"most": PAGE, "before": (page - 1) * PAGE}).all()
    seen = sights_of(connection, person, rows)
    return [told(person, row, seen[row.case_id], away) for row in rows if not seen[row.case_id].nothing]


def tally(
    connection: Connection,
    person: Person,
    now: datetime,
    *,
    scope: str = ALL,
    query: str = "",
    away: Collection[str] = (),
    waiting: Sequence[str] | None = None,
) -> Tally:
    """How many of them there are, however many a page holds."""

    asked = counts_of(listing_of(connection, person, scope, away, waiting), query)
    times = {name: now + timedelta(hours=ahead) for name, ahead in PRESSING.items()}
    total, overdue, within_hour, within_day = connection.execute(asked, times).one()
    return Tally(total, overdue, within_hour - overdue, within_day - within_hour)


def waiting_in(connection: Connection, departments: Collection[str]) -> dict[str, int]:
    """How much waits in each of these departments; none where nothing does."""
    asked = (
        select(task.c.department, func.count())
        .where(task.c.state == "open", ~task.c.optional, task.c.department.in_(departments))
        .group_by(task.c.department)
    )
    return {row[0]: row[1] for row in connection.execute(asked)} if departments else {}


@dataclass(frozen=True, slots=True)
class Listing:
    """What decides which tasks are on a list, but for the words looked for. A statement is made once for each."""

    person: Person
    scope: str
    away: frozenset[str]
    waiting: tuple[str, ...]  # the audiences of what waits


def listing_of(
    connection: Connection, person: Person, scope: str, away: Collection[str], waiting: Sequence[str] | None
) -> Listing:
    """`waiting`: the audiences of what waits, where they were read before."""
    found = audiences(connection) if waiting is None else waiting
    return Listing(person, scope, frozenset(away), tuple(found))


def rows_of(listing: Listing, query: str) -> Select[Any]:
    """A page of the rows of a list, in its order; `most` and `before` are given when it is asked."""
    if not query:
        return _rows_of(listing)
    return page_of(looked_for(of_list(listing, [task.c.id], query), listing, query))


def counts_of(listing: Listing, query: str) -> Select[Any]:
    """How many there are in all, and before each of the times of `PRESSING`, which are given when it is asked."""
    if not query:
        return _counts_of(listing)
    return looked_for(of_list(listing, counted(), query), listing, query)


@lru_cache(maxsize=STATEMENTS)
def _rows_of(listing: Listing) -> Select[Any]:
    return page_of(of_list(listing, [task.c.id]))


@lru_cache(maxsize=STATEMENTS)
def _counts_of(listing: Listing) -> Select[Any]:
    return of_list(listing, counted())


def counted() -> Sequence[ColumnElement[int]]:
    """What `counts_of` asks for."""
    before = [
        whether((task.c.due_at < bindparam(name, type_=task.c.due_at.type), 1), else_=0) for name in PRESSING
    ]
    return [func.count(), *(func.coalesce(func.sum(one), 0) for one in before)]


def page_of(tasks: Select[Any]) -> Select[Any]:
    """The rows of one page of these tasks, by their ids: only to those anything is joined, however many wait."""
    order = task.c.due_at.is_(None), task.c.due_at, task.c.opened_at, task.c.id
    most, before = bindparam("most", type_=Integer), bindparam("before", type_=Integer)
    page = tasks.order_by(*order).limit(most).offset(before).subquery()
    joined = (
        task.join(case_file, case_file.c.id == task.c.case_id)
        .join(instance, instance.c.id == task.c.instance_id)
        .outerjoin(people, people.c.id == task.c.claimed_by)
    )
    return select(*LISTED).select_from(joined).where(task.c.id.in_(select(page.c.id))).order_by(*order)


def of_list(listing: Listing, columns: Iterable[Any], query: str = "") -> Select[Any]:
    """These columns of the tasks of a list, with their cases where those decide whether a task is on it."""
    concerned = concerning(listing)
    joined = concerned.join(task, task.c.id == concerned.c.id)
    if sees_every_case(listing.person) and not query:
        return select(*columns).select_from(joined)
    joined = joined.join(case_file, case_file.c.id == task.c.case_id)
    return select(*columns).select_from(joined).where(as_seen_by(listing.person))


def looked_for(asked: Select[Any], listing: Listing, query: str) -> Select[Any]:
    """The same, but for those that have the words in their number or title only."""
    in_title = and_(title_shown_to(listing.person), case_file.c.title.contains(query, autoescape=True))
    in_number = case_file.c.case_no.contains(query.upper(), autoescape=True)
    return asked.where(may_hold(query), or_(in_number, in_title))


def concerning(listing: Listing) -> CTE:
    """The open tasks of a list. What somebody else has taken, and is there to do, is only in the department's."""
    if listing.scope == DEPARTMENT:
        return together(beside(listing.person, listing.waiting))
    mine = task.c.claimed_by == listing.person.id
    free = or_(task.c.claimed_by.is_(None), task.c.claimed_by.in_(sorted(listing.away)), mine)
    return together(open_to(listing.person, listing.waiting), mine if listing.scope == MINE else free)


def told(person: Person, row: Row[Any], seen: Sight, away: Collection[str]) -> ToDo:
    may_act = acts(person, row) and seen.may_take
    taken_by = None if row.claimed_by in away else row.claimed_by
    return ToDo(
        task_id=row.id,
        case_id=row.case_id,
        case_no=row.case_no,
        name=row.name,
        form=row.form,
        title=title_of(row, seen),
        status=row.status,
        urgency=row.urgency,
        department=row.department or row.lead_department,
        due_at=row.due_at,
        case_due=row.effective_due,
        ending=ending_of(row.other_columns),
        opened_at=row.opened_at,
        claimed_by=taken_by,
        claimed_name=row.claimed_name if taken_by else None,
        may_act=may_act,
        may_take=may_act,
        may_release=row.claimed_by == person.id or directs(person, row.audience.split(","), row.department),
        restricted=row.restricted,
    )


def acts(person: Person, row: Row[Any]) -> bool:
    """Whether this person may do the task."""
    audience = row.audience.split(",")
    lead, side = row.lead_department, row.side_department
    return acting_role(person, audience, lead_department=lead, department=side) is not None
