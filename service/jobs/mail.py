"""Mail over SMTP: one message to one address, over TLS from the first byte or from STARTTLS on."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

from service.domain.outside import AddressRefused, Message, NotTaken, WayDown

TLS, STARTTLS, PLAIN = "smtps", "smtp+starttls", "smtp"
PORTS = {TLS: 465, STARTTLS: 587, PLAIN: 25}
WAITS_S = 10.0
FOR_GOOD = 500  # SMTP: 5yz will be answered the same again, 4yz need not
# what a server says of itself, whichever address it is asked about
OF_THE_SERVER = frozenset({421, 502, 503, 504, 530, 534, 535, 538})


@dataclass(frozen=True, slots=True)
class SmtpMail:
    """Implements `service.domain.outside.Transport`. `url`: smtps://, smtp+starttls:// or smtp://, user:password@host:port."""

    url: str = field(repr=False)
    sender: str

    def send(self, message: Message) -> None:
        """Hand a message to the server. Raises: AddressRefused, NotTaken, WayDown."""
        letter = self.letter(message)
        with self._server() as server:
            try:
                server.send_message(letter, self.sender, [message.to])
            except smtplib.SMTPRecipientsRefused as refused:
                code = next(iter(refused.recipients.values()))[0]
                if code >= FOR_GOOD and code not in OF_THE_SERVER:
                    raise AddressRefused(smtp=code) from None  # the cause would name the address
                raise NotTaken(smtp=code) from None
            except smtplib.SMTPDataError as error:
                raise NotTaken(smtp=error.smtp_code) from error

    def letter(self, message: Message) -> EmailMessage:
        """The message as it goes out; a line break in what becomes a header is refused by the library."""
        letter = EmailMessage(policy=SMTP)
        letter["Message-ID"] = f"<{message.key}@{self._domain}>"
        letter["From"] = Address("", addr_spec=self.sender)
        letter["To"] = Address("", addr_spec=message.to)
        letter["Subject"] = message.subject
        letter["Auto-Submitted"] = "auto-generated"  # no answers of machines, please
        letter.set_content(message.text, cte="base64")
        return letter

    def look(self) -> None:
        """Get as far as being let in, and send nothing. Raises: WayDown."""
        with self._server() as server:
            server.noop()

    @property
    def _domain(self) -> str:
        return self.sender.rpartition("@")[2]

    @contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        """A server that lets us in. Raises: WayDown for all that goes wrong on the way or within."""
        try:
            server = self._reached()
            try:
                yield self._let_in(server)
            finally:
                part_from(server)
        except smtplib.SMTPResponseException as error:
            raise WayDown(smtp=error.smtp_code) from error
        except OSError as error:  # those of smtplib and of TLS are such
            raise WayDown(cause=type(error).__name__) from error

    def _reached(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        us = self._domain  # else the name of this machine is looked up and told
        if parts.scheme == TLS:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port, local_hostname=us, timeout=WAITS_S, context=context)
        return smtplib.SMTP(host, port, local_hostname=us, timeout=WAITS_S)

    def _let_in(self, server: smtplib.SMTP) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        if parts.scheme == STARTTLS:
            server.starttls(context=ssl.create_default_context())
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        return server


def part_from(server: smtplib.SMTP) -> None:
    """Whatever a server says to our leaving, what it has taken is taken."""
    with suppress(OSError):
        server.quit()
    server.close()
