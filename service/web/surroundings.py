"""What every page stands in: the house, the settings, and who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app, g, request

from service.domain.logins import Logins
from service.domain.people import Person
from service.domain.roster import civil_day
from service.store.known import KnownStaff
from service.store.store import SqlStore
from service.usecases.downloads import DownloadDesk
from service.usecases.house import House
from service.web.security import SAFE_METHODS
from service.web.settings import WebSettings

EXTENSION = "jsjb.web"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The house and the settings of one application, and the database behind the lists that pages show."""

    house: House
    settings: WebSettings
    store: SqlStore
    logins: Logins
    downloads: DownloadDesk


def surroundings() -> Surroundings:
    return cast(Surroundings, current_app.extensions[EXTENSION])


def house() -> House:
    return surroundings().house


def store() -> SqlStore:
    """The store as the reads of the pages ask it: `with store().reading() as connection`."""
    return surroundings().store


def settings() -> WebSettings:
    return surroundings().settings


def downloads() -> DownloadDesk:
    return surroundings().downloads


def now() -> datetime:
    """The service's own time, one and the same for the whole request."""
    if "now" not in g:
        g.now = house().clock.now()
    return cast(datetime, g.now)


def staff() -> KnownStaff:
    """Everybody, and the releases. Who asks was found just now by what this process knows, which was looked at then: a
    page that only shows something asks no more; one that changes something may have changed these."""
    known = store().staff_read_last if g.get("person") and request.method in SAFE_METHODS else None
    if known is None:
        with store().begin(reading=True) as unit:
            known = unit.staff()
    return known


def away() -> frozenset[str]:
    """Who is away today."""
    return staff().roster.away(civil_day(now()))


def person() -> Person:
    """Who is logged in. Only pages that need a login call this; the gate in `sessions` has let them in."""
    return cast(Person, g.person)
