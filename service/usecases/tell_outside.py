"""Notices beyond the pages: who is told what by mail and by message, each person once by each way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from service.domain.errors import JsjbError
from service.domain.names import CLOCK_NAMES, NOTICE_NAMES
from service.domain.outside import (
    EMAIL,
    NEVER_OUTSIDE,
    SMS,
    Addressed,
    AddressRefused,
    Deliveries,
    Message,
    NotTaken,
    Recipient,
    Transport,
    WayDown,
)
from service.domain.people import DISCIPLINE
from service.usecases.house import House, Release
from timers import faults
from timers.shown import show_due

RESTS_FOR = timedelta(seconds=30)  # a way that is down is not tried for every notice that waits
SIGNED = "【诉求件办理】"


class Outside:
    """The ways beyond the pages as one channel of the relay. What a way does not take, comes again with its notice."""

    def __init__(
        self,
        house: House,
        deliveries: Deliveries,
        transports: Mapping[str, Transport],
        report: Callable[[str, JsjbError], None],
        public_url: str | None = None,
    ) -> None:
        self._house = house
        self._deliveries = deliveries
        self._transports = transports
        self._report = report
        self._public_url = public_url
        self._rests_until: dict[str, datetime] = {}

    def deliver(self, notice_id: str) -> None:
        """Tell each person whom the notice reaches, by each way its kind goes, unless they were told.

        Article: A4-4, A15-1. Safe to repeat: who was told is not told again, whatever the others' ways did.
        Raises: NotTaken, once everybody was tried.
        """
        addressed = self._deliveries.addressed(notice_id)
        if addressed is None:
            return
        release = self._house.catalogue.release(addressed.release_no)
        by = release.content.policy.ways_of(addressed.notice.kind, is_urgent=addressed.is_urgent)
        ways = sorted(by & self._transports.keys())
        if not ways or stays_inside(addressed, release):
            return
        told = self._deliveries.delivered(notice_id)
        recipients = self._deliveries.recipients(addressed.notice)
        failed = [error for way in ways if (error := self._all_by(way, addressed, recipients, told))]
        if failed:
            raise failed[0]

    def _all_by(
        self,
        way: str,
        addressed: Addressed,
        recipients: Iterable[Recipient],
        told: frozenset[tuple[str, str]],
    ) -> NotTaken | None:
        """Tell all by one way; the first failure, where there was any."""
        first: NotTaken | None = None
        for one in recipients:
            address = one.addresses.email if way == EMAIL else one.addresses.mobile
            if not address or (one.person, way) in told:
                continue
            try:
                self._send(way, addressed, one.person, address)
            except WayDown as down:
                return down  # the others would only wait in vain
            except NotTaken as error:
                first = first or error
        return first

    def _send(self, way: str, addressed: Addressed, person: str, address: str) -> None:
        notice, now = addressed.notice, self._house.clock.now()
        if now < self._rests_until.get(way, now):
            raise WayDown
        try:
            self._transports[way].send(message(way, addressed, person, address, self._public_url))
        except AddressRefused as refused:
            self._report(notice.id, refused)
            self._deliveries.note(notice.id, person, way, now, accepted=False)
        except WayDown:
            self._rests_until[way] = now + RESTS_FOR
            raise
        else:
            faults.here(faults.AFTER_SEND)
            self._deliveries.note(notice.id, person, way, now, accepted=True)


def stays_inside(addressed: Addressed, release: Release) -> bool:
    """Whether a notice is the discipline office's: to it, of a process of its own, or of a kind that only it is told.

    Article: A15-1.
    """
    notice = addressed.notice
    return (
        addressed.is_apart
        or DISCIPLINE in (notice.to, notice.role)
        or notice.item is not None
        or notice.kind in NEVER_OUTSIDE
        or notice.kind in told_apart(release)
    )


def told_apart(release: Release) -> frozenset[str]:
    """The kinds of notice that are drawn nowhere but in processes of the discipline office, or for it alone."""
    drawn = [element for element in release.definition.elements.values() if element.notice]
    open_to_others = {
        e.notice for e in drawn if e.process not in release.kept_apart and e.to != (DISCIPLINE,)
    }
    return frozenset(e.notice for e in drawn if e.notice and e.notice not in open_to_others)


def message(way: str, addressed: Addressed, person: str, address: str, public_url: str | None) -> Message:
    """What somebody is told: which notice, which case, by when. Never what the complaint says, or of whom.

    Article: A15-6.
    """
    notice = addressed.notice
    name = NOTICE_NAMES.get(notice.kind, "新通知")
    subject = f"{SIGNED}{name}：{addressed.case_no}"
    clock = CLOCK_NAMES.get(notice.clock or "", "办理")
    due = f"{clock}期限 {show_due(notice.due_at)}（北京时间）" if notice.due_at else ""
    link = f"{public_url}/cases/{addressed.case_no}" if public_url else ""
    if way == SMS:
        text = "，".join(part for part in (subject, due) if part) + "。请登录系统查看。" + link
    else:
        lines = (f"{name}：诉求件 {addressed.case_no}", due, f"请登录系统查看。{link}")
        text = "\n".join(line for line in lines if line) + "\n\n本邮件由系统自动发出，请勿回复。\n"
    return Message(address, subject, text, key_of(notice.id, person, way))


def key_of(notice_id: str, person: str, way: str) -> str:
    """The same for the same notice, person and way: what was sent just before a crash can be told when it comes again."""
    return hashlib.blake2s(f"{notice_id}\n{person}\n{way}".encode(), digest_size=16).hexdigest()
