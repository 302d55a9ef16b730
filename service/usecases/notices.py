"""Whom a notice reaches: roles, departments, and the fallback where nobody holds the role."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from service.domain.changes import Notice
from service.domain.clocks import ClockRecord
from service.domain.people import CO_ROLES, DEPARTMENT_ROLES, LIAISON
from service.domain.roster import Directory

IN_ABSENCE = ":in_absence"  # marks the cause of a notice that went on because nobody it was for was there


@dataclass(frozen=True, slots=True)
class Reached:
    """Who an addressee stands for at this moment: a role, in a department where it is a department's."""

    role: str
    department: str | None


def reached(
    to: str,
    directory: Directory,
    fallback: Mapping[str, str],
    lead: str | None,
    own: str | None,
    *,
    there: bool = False,
) -> Reached:
    """The role (and department) that `to` reaches, along `policy: fallback` where nobody holds it; `there`: where
    nobody who holds it is there.

    `to` is a role or a department's key; a department is reached through its liaison. `lead` is the
    department now handling the case, `own` that of the process instance.
    """
    department = to if to in directory.departments else None
    role = LIAISON if department else to
    place = department or (own if role in CO_ROLES else lead if role in DEPARTMENT_ROLES else None)
    has_somebody = directory.is_there if there else directory.on_duty
    seen: set[str] = set()
    while role not in seen:
        seen.add(role)
        local = place if role in DEPARTMENT_ROLES else None
        probe = LIAISON if role in CO_ROLES else role
        if has_somebody(place if role in CO_ROLES else local, probe) or role not in fallback:
            return Reached(role, place if role in DEPARTMENT_ROLES | CO_ROLES else None)
        role = fallback[role]
    return Reached(role, None)


def identity(cause: str, to: str) -> str:
    """The id of a notice: the same for the same cause and addressee, so that it goes out once, whatever restarts."""
    return hashlib.blake2s(f"{cause}\n{to}".encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Sending:
    """The circumstances in which notices of a case go out."""

    case_id: str
    at: datetime
    directory: Directory
    fallback: Mapping[str, str]
    lead: str | None  # the department now handling the case
    own: str | None  # that of the process instance

    def notices(
        self,
        kind: str,
        to: tuple[str, ...],
        cause: str,
        *,
        clock: ClockRecord | None = None,
        item: str | None = None,
    ) -> list[Notice]:
        """One notice to each addressee, each once; where nobody of them is there, one more to whoever is told then,
        so that someone knows what falls to nobody. Article: A4-4."""
        sent = [self._to(one, self._reached(one), kind, cause, clock, item) for one in dict.fromkeys(to)]
        if any(self._is_there(one) for one in sent):
            return sent
        told = {(one.role, one.department) for one in sent}
        for addressee in dict.fromkeys(to):
            who = self._reached(addressee, there=True)
            if (who.role, who.department) not in told:
                told.add((who.role, who.department))
                sent.append(self._to(addressee, who, kind, cause, clock, item, also=IN_ABSENCE))
        return sent

    def _is_there(self, one: Notice) -> bool:
        role = LIAISON if one.role in CO_ROLES else one.role
        return self.directory.is_there(one.department, role)

    def _reached(self, to: str, *, there: bool = False) -> Reached:
        return reached(to, self.directory, self.fallback, self.lead, self.own, there=there)

    def _to(
        self,
        to: str,
        who: Reached,
        kind: str,
        cause: str,
        clock: ClockRecord | None,
        item: str | None,
        *,
        also: str = "",
    ) -> Notice:
        return Notice(
            id=identity(f"{cause}:{kind}{also}", to),
            case_id=self.case_id,
            kind=kind,
            to=to,
            role=who.role,
            department=who.department,
            at=self.at,
            cause=f"{cause}:{kind}{also}",
            clock=clock.kind if clock else None,
            clock_id=clock.id if clock else None,
            item=item,
            due_at=clock.due if clock else None,
        )
