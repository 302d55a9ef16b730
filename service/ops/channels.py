"""The ways by which notices go out of this installation: the pages always, mail and messages where they are set up."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from service.domain.errors import JsjbError
from service.domain.outside import EMAIL, SMS, Transport
from service.domain.ports import Channel
from service.ops.first_start import store_of
from service.ops.settings import Settings
from service.store.deliveries import SqlDeliveries
from service.usecases.house import House
from service.usecases.relay import InApp
from service.usecases.tell_outside import Outside

log = structlog.get_logger("jsjb.outside")


def channels_of(settings: Settings, house: House) -> Sequence[Channel]:
    """Every channel of this installation, each delivering once."""
    transports = transports_of(settings)
    if not transports:
        return (InApp(),)
    deliveries = SqlDeliveries(store_of(house))
    return (InApp(), Outside(house, deliveries, transports, tell, settings.public_url))


def transports_of(settings: Settings) -> dict[str, Transport]:
    """What carries messages, by way; each is loaded only where it is set up."""
    found: dict[str, Transport] = {}
    if settings.smtp_url is not None and settings.mail_from is not None:
        from service.jobs.mail import SmtpMail

        found[EMAIL] = SmtpMail(settings.smtp_url, settings.mail_from)
    if settings.sms_url is not None and settings.sms_token is not None:
        from service.jobs.sms import SmsGateway

        found[SMS] = SmsGateway(settings.sms_url, settings.sms_token)
    return found


def tell(notice_id: str, error: JsjbError) -> None:
    """An address that is refused for good goes to the log, without the address."""
    log.warning("address_refused", notice=notice_id, error=error.code, **error.details)
