"""Who was given which role, from when to when, who stands in, who is away; and what follows of it on a day.

Days are civil days in Beijing, both ends included.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from service.domain.people import LIAISON, Grant, Person
from timers.clock import BEIJING

# role → to whom it falls: deputies, or those of other roles of the department
Order = Mapping[str, Sequence[str]]

DEPUTY = "deputy"  # in such an order: whoever was named to stand in for the holders


@dataclass(frozen=True, slots=True)
class Department:
    """A department of the institute."""

    key: str
    name: str
    is_office: bool = False


@dataclass(frozen=True, slots=True)
class Appointment:
    """A role given to somebody: for a term, as its holder or as the deputy who stands in; `post` is what they are called.

    `ended_at`: it was ended within its last day, and does not hold on it from then on.
    """

    role: str
    department: str | None = None
    since: date | None = None
    until: date | None = None
    is_deputy: bool = False
    post: str = ""
    ended_at: datetime | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it holds on a day, as far as that is known now."""
        return within(day, self.since, self.last_day)

    def is_over(self, day: date) -> bool:
        """Whether it no longer holds on a day."""
        return self.last_day is not None and self.last_day < day

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds to the end; None: until further notice."""
        return self.until if self.ended_at is None else civil_day(self.ended_at) - timedelta(days=1)

    @property
    def grant(self) -> Grant:
        """What it gives while it holds."""
        return Grant(self.role, self.department)


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away; `until` is None where nobody knows for how long."""

    id: str
    person: str
    since: date
    until: date | None = None
    reason: str = ""

    def covers(self, day: date) -> bool:
        return within(day, self.since, self.until)


@dataclass(frozen=True, slots=True)
class StandIns:
    """To whom roles fall while their holders are away, as a release says from an instant on: the first of these who
    is there. For all cases, whichever release each is pinned to, since people hold their roles for all. Article: A4-4.
    """

    since: datetime
    order: Order


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where somebody is reached beyond the pages of the house."""

    email: str | None = None
    mobile: str | None = None


NOWHERE = Addresses()


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may log in, with everything they were given, whether it holds today or not."""

    id: str
    account: str
    name: str
    appointments: tuple[Appointment, ...] = ()
    addresses: Addresses = field(default=NOWHERE, repr=False)  # told to few: no log may hold them


@dataclass(slots=True)
class Roster:
    """Everybody, with terms, deputies and absences."""

    departments: dict[str, Department]
    members: dict[str, Member]
    absences: Sequence[Absence] = ()
    stand_ins: Sequence[StandIns] = ()  # of all releases, by when they come into force
    _days: dict[tuple[date, int], Directory] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        departments: Iterable[Department],
        members: Iterable[Member],
        absences: Sequence[Absence] = (),
        stand_ins: Sequence[StandIns] = (),
    ) -> Roster:
        """By their keys and ids."""
        return cls({d.key: d for d in departments}, {m.id: m for m in members}, absences, stand_ins)

    def at(self, instant: datetime) -> Directory:
        """Who holds what at an instant: what holds on its day in Beijing, by the release then in force."""
        day, in_force = civil_day(instant), self._in_force(instant)
        known = self._days.get((day, in_force))
        if known is None:
            people = self._people(day, self.order_at(instant))
            known = Directory(self.departments.values(), people, self.away(day))
            self._days = {(day, in_force): known}  # days are asked for in turn
        return known

    def order_at(self, instant: datetime) -> Order:
        """To whom roles fall at an instant; to nobody before the first release."""
        in_force = self._in_force(instant)
        return self.stand_ins[in_force - 1].order if in_force else {}

    def _in_force(self, instant: datetime) -> int:
        return sum(1 for one in self.stand_ins if one.since <= instant)

    def away(self, day: date) -> frozenset[str]:
        """Who is not there on a day: away, or without any role that holds, since every term is over or to come."""
        noted = (one.person for one in self.absences if one.covers(day))
        without = (
            m.id for m in self.members.values() if not any(one.holds_on(day) for one in m.appointments)
        )
        return frozenset((*noted, *without))

    def _people(self, day: date, order: Order) -> list[Person]:
        held = held_on(self.members.values(), self.away(day), day, order)
        return [Person(m.id, m.account, m.name, tuple(held[m.id])) for m in self.members.values()]


class Directory:
    """Who holds which role where, on one day: who was given it, and who stands in for those who are away."""

    def __init__(
        self, departments: Iterable[Department], people: Sequence[Person], away: frozenset[str] = frozenset()
    ) -> None:
        self.departments = {d.key: d for d in departments}
        self.people = {p.id: p for p in people}
        self._held = {(g.role, g.department) for p in people for g in p.grants if not g.fallen}
        self._roles = {role for role, _ in self._held}
        self._there = {(g.role, g.department) for p in people if p.id not in away for g in p.grants}
        self._roles_there = {role for role, _ in self._there}

    def on_duty(self, department: str | None, role: str) -> bool:
        """Whether somebody was given this role, or stands in for them (in this department, where one is named)."""
        return role in self._roles if department is None else (role, department) in self._held

    def is_there(self, department: str | None, role: str) -> bool:
        """Whether somebody who holds this role, also one to whom it fell, is there to act in it."""
        return role in self._roles_there if department is None else (role, department) in self._there

    def unattended(self) -> list[Department]:
        """The departments in which nobody can take up today what comes. Article: A4-4."""
        return [d for d in self.departments.values() if not d.is_office and not self.is_there(d.key, LIAISON)]

    def holders(self, role: str, department: str | None = None) -> list[Person]:
        """The people who hold this role themselves, in order of account."""
        found = [p for p in self.people.values() if p.holds(role, department)]
        return sorted(found, key=lambda p: p.account)


def held_on(
    members: Iterable[Member], away: frozenset[str], day: date, order: Order
) -> dict[str, list[Grant]]:
    """What each person holds on a day.

    Whoever was given a role holds it, also while away: nobody is locked out of their work. Where all its holders are
    away (or there are none), the first in the order who are there hold it too: also where nobody was given it at all,
    as an urgent case reaches a department that has named no liaison. Article: A4-4.
    """
    given = [(m.id, one) for m in members for one in m.appointments if one.holds_on(day)]
    held: dict[str, list[Grant]] = defaultdict(list)
    for person, one in given:
        if not one.is_deputy:
            add(held[person], one.grant)
    seats = [one.grant for _, one in given]
    seats += [Grant(role, seat.department) for seat in seats for role in order if seat.role in order[role]]
    named = held_by(given)
    for seat in dict.fromkeys(seats):
        for person in standing_in(seat, given, away, order.get(seat.role, ())):
            add(held[person], seat if seat in named else replace(seat, fallen=True))
    return held


def held_by(given: Sequence[tuple[str, Appointment]]) -> frozenset[Grant]:
    """What somebody was given, as its holder or its deputy."""
    return frozenset(one.grant for _, one in given)


def standing_in(
    seat: Grant, given: Sequence[tuple[str, Appointment]], away: frozenset[str], order: Sequence[str]
) -> Iterator[str]:
    """Who holds a role because those to whom it was given are away; of another role, its deputies after its holders."""
    holders, deputies = given_it(seat, given)
    if any(person not in away for person in holders):
        return
    for one in order:
        turns = [deputies] if one == DEPUTY else given_it(Grant(one, seat.department), given)
        for named in turns:
            if there := [person for person in named if person not in away]:
                yield from there
                return


def given_it(seat: Grant, given: Sequence[tuple[str, Appointment]]) -> Sequence[list[str]]:
    """Who was given a role: its holders, and their deputies."""
    holders = [person for person, one in given if one.grant == seat and not one.is_deputy]
    deputies = [person for person, one in given if one.grant == seat and one.is_deputy]
    return [holders, deputies]


def add(grants: list[Grant], grant: Grant) -> None:
    """Once."""
    if grant not in grants:
        grants.append(grant)


def within(day: date, since: date | None, until: date | None) -> bool:
    """Whether a day lies between two, both included; None: open on that side."""
    return (since is None or since <= day) and (until is None or day <= until)


def civil_day(instant: datetime) -> date:
    """The day of an instant in Beijing."""
    return instant.astimezone(BEIJING).date()
