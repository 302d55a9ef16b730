"""What goes beyond the pages: the ways, a message, who carries it, and what is kept of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from service.domain.changes import Notice
from service.domain.errors import Invalid, Unavailable
from service.domain.roster import Addresses
from service.domain.telephone import digits_of

EMAIL, SMS = "email", "sms"
WAYS = {EMAIL: "电子邮件", SMS: "短信"}
# how a table names them, and what people call it
BY = {EMAIL: frozenset({EMAIL}), SMS: frozenset({SMS}), "both": frozenset({EMAIL, SMS})}
BY_NAMES = {EMAIL: "电子邮件", SMS: "短信", "both": "电子邮件和短信"}
# what no reading of the policy may send outside. Article: A15-1 (clues are for the discipline office alone)
NEVER_OUTSIDE = frozenset({"supervision_clue"})
URGENT = "urgent"  # the urgency of a case whose notices go by more ways

LONGEST_EMAIL = 254
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_EMAIL = re.compile(
    rf"{_LOCAL}(?:\.{_LOCAL})*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?\.)+[A-Za-z]{{2,63}}"
)
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_WRITTEN = re.compile(r"[+\d\s()-]*", re.ASCII)


class AddressRefused(Invalid):
    """对方拒收：地址不存在或已停用。"""

    code = "outside.address_refused"


class NotTaken(Unavailable):
    """这一次没有送出，稍后再试。"""

    code = "outside.not_taken"


class WayDown(NotTaken):
    """邮件服务器或短信网关没有应答，稍后再试。"""

    code = "outside.way_down"


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address. `key` is the same however often it is sent, so that whoever gets it can tell."""

    to: str
    subject: str
    text: str
    key: str


class Transport(Protocol):
    """Carries messages one way."""

    def send(self, message: Message) -> None:
        """Hand a message over; it is taken once this returns.

        Raises: AddressRefused where this address will never be taken; NotTaken where it did not work this time,
        WayDown where nothing else would work now.
        """
        ...


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody whom a notice reaches, and where."""

    person: str
    addresses: Addresses


@dataclass(frozen=True, slots=True)
class Addressed:
    """A notice with what a message needs beside it."""

    notice: Notice
    case_no: str
    release_no: int
    is_urgent: bool  # the case, as it stands now
    is_apart: bool  # of a clock of a process that is the discipline office's


class Deliveries(Protocol):
    """Who is to be told what, and who was; each call is a transaction of its own."""

    def addressed(self, notice_id: str) -> Addressed | None:
        """A notice with what a message needs; None where there is none."""
        ...

    def recipients(self, notice: Notice) -> Sequence[Recipient]:
        """The people who read a notice on their pages, as of its instant: deputies stand in, terms hold."""
        ...

    def delivered(self, notice_id: str) -> frozenset[tuple[str, str]]:
        """To whom it went, and by which way."""
        ...

    def note(self, notice_id: str, person: str, way: str, at: datetime, *, accepted: bool) -> None:
        """It went there. Safe to repeat: the first instant stays."""
        ...


def email_of(written: str) -> str | None:
    """A mail address as it is kept; None where it is none. No line break, blank or second address gets through."""
    text = unicodedata.normalize("NFKC", written).strip()
    fits = len(text) <= LONGEST_EMAIL and _EMAIL.fullmatch(text) and len(text.partition("@")[0]) <= 64
    return text if fits else None


def mobile_of(written: str) -> str | None:
    """A mobile number of the mainland as eleven digits, however it is written; None where it is none."""
    if not _WRITTEN.fullmatch(unicodedata.normalize("NFKC", written)):
        return None
    digits = digits_of(written) or ""
    return digits if _MOBILE.fullmatch(digits) else None
