"""A real mail server and a real gateway of short messages on this machine, for tests."""

from __future__ import annotations

import base64
import email
import ipaddress
import json
import socketserver
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mail over SMTP, and keeps it. `refuses` are recipients it will never take; `closed`: it hangs up at once."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, tls: ssl.SSLContext | None = None, *, login: str = "") -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.tls = tls
        self.login = login
        self.closed = False
        self.refuses: dict[str, int] = {}
        self.at_data = 354
        self.at_quit = 221
        self.taken: list[tuple[str, EmailMessage]] = []
        self.heard: list[str] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever does not trust us hangs up, and whoever is killed; anything else is a fault of these tests."""
        if not isinstance(sys.exception(), ssl.SSLError | ConnectionError):
            super().handle_error(request, client_address)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def to(self) -> list[str]:
        return sorted(to for to, _ in self.taken)


class Session(socketserver.StreamRequestHandler):
    """One connection."""

    server: MailServer
    timeout = 20

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        if self.server.closed:
            return
        self.is_safe = self.is_known = False
        self.to = ""
        self.say("220 here")
        while raw := self.rfile.readline():
            line = raw.decode().strip()
            self.server.heard.append(line)
            verb, _, rest = line.partition(" ")
            if verb.upper() == "QUIT":
                self.say(f"{self.server.at_quit} bye")
                return
            self.answer(verb.upper(), rest)

    def encrypt(self) -> None:
        assert self.server.tls is not None
        self.say("220 go")
        self.request = self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", buffering=0)  # type: ignore[assignment]
        self.is_safe = True

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def answer(self, verb: str, rest: str) -> None:
        if verb == "STARTTLS":
            self.encrypt()
        elif verb == "EHLO":
            offers = ["STARTTLS"] if self.server.tls and not self.is_safe else ["AUTH PLAIN"]
            self.say("250-here")
            self.say(f"250 {offers[0]}")
        elif verb == "AUTH":
            given = base64.b64decode(rest.split()[1]).decode().replace("\0", ":").lstrip(":")
            self.is_known = given == self.server.login
            self.say("235 welcome" if self.is_known else "535 who are you")
        elif verb == "MAIL":
            self.say("530 log in" if self.server.login and not self.is_known else "250 yes")
        elif verb == "RCPT":
            self.to = rest.partition(":<")[2].partition(">")[0]
            self.say(f"{self.server.refuses.get(self.to, 250)} so be it")
        elif verb == "DATA":
            self.take()
        else:
            self.say("250 yes")

    def take(self) -> None:
        if self.server.at_data != 354:
            return self.say(f"{self.server.at_data} not this")
        self.say("354 go on")
        lines = []
        for raw in self.rfile:
            if raw == b".\r\n":
                break
            lines.append(raw.removeprefix(b".") if raw.startswith(b"..") else raw)
        letter = email.message_from_bytes(b"".join(lines), policy=default)
        self.server.taken.append((self.to, letter))  # type: ignore[arg-type]
        return self.say("250 taken")


class Gateway(ThreadingHTTPServer):
    """Takes short messages, and keeps them. `answers` are the statuses by number, else `status` for all."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.status = 200
        self.answers: dict[str, int] = {}
        self.taken: list[dict[str, Any]] = []
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/send"

    @property
    def to(self) -> list[str]:
        return sorted(one["to"] for one in self.taken)


class Request(BaseHTTPRequestHandler):
    """One request."""

    server: Gateway

    def do_POST(self) -> None:
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(self.path)
        status = self.server.answers.get(sent["to"], self.server.status)
        if 200 <= status < 300:
            kept = {
                "key": self.headers["Idempotency-Key"],
                "authorization": self.headers["Authorization"],
                **sent,
            }
            self.server.taken.append(kept)
        self.answer(status)

    def do_HEAD(self) -> None:
        self.answer(self.server.status)

    def answer(self, status: int) -> None:
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quietly."""


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    """Serve in a thread until it is over."""
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def certified(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """What a server on this machine shows, and the file of who vouches for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(serialization.Encoding.PEM, *plain)
    )
    trusted = folder / "trusted.pem"
    trusted.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context, trusted
