"""Files that are too large, sent to the real server: refused before their end, and nothing of them stays."""

from __future__ import annotations

import json
import select
import shutil
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from service.ops.listening import listen
from tests.web.office import ORIGIN, Browser, Office

LIMIT = 300_000
FORM = 200_000  # beside the file in a request
BOUNDARY = "x-x-x"
HEAD = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
    "Content-Type: text/plain\r\n\r\n"
).encode()
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()
LINE = b"0123456789abcde\n"
TWO_GIBIBYTES = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Listening:
    """The real server of the embedded service, and somebody who is logged in."""

    office: Office
    server: Any
    browser: Browser
    folder: Path

    @property
    def port(self) -> int:
        return int(self.server.effective_port)

    def headers(self, **more: str) -> dict[str, str]:
        """The head of an upload, as the script of the page sends it."""
        self.browser.at_some_page()
        cookie = self.browser.client.get_cookie("jsjb")
        assert cookie is not None
        assert self.browser.page is not None
        return {
            "Host": ORIGIN.removeprefix("http://"),
            "Origin": ORIGIN,
            "Cookie": f"jsjb={cookie.value}",
            "X-CSRFToken": self.browser.page.token,
            "Accept": "application/json",
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            **more,
        }

    def left(self) -> list[Path]:
        """Every file that lies where uploads are kept, or come in."""
        return [path for path in (self.folder / "attachments").rglob("*") if path.is_file()]


@pytest.fixture
def listening(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listening]:
    monkeypatch.setattr(tempfile, "tempdir", None)  # which the server sets for its process
    folder = tmp_path / "var"
    shutil.copytree(prepared, folder)
    office = Office(folder, upload_max_bytes=LIMIT, form_max_bytes=FORM)
    server = listen(office.app, office.settings, 0)
    serving = Thread(target=server.run)
    serving.start()
    yield Listening(office, server, office.browser("paidan"), folder)
    server.trigger.pull_trigger(server.close)  # in the thread that serves
    serving.join()
    server.task_dispatcher.shutdown()
    office.close()


def sent_whole(listening: Listening, size: int) -> tuple[int, dict[str, Any]]:
    """The answer to a file of some size, sent as a browser sends it."""
    body = HEAD + (LINE * (size // len(LINE) + 1))[:size] + TAIL
    connection = HTTPConnection("127.0.0.1", listening.port)
    connection.request("POST", "/files", body, listening.headers())
    answer = connection.getresponse()
    told = json.loads(answer.read())
    connection.close()
    return answer.status, told


def begun(listening: Listening, **more: str) -> socket.socket:
    """A connection on which the head of an upload has been sent, and the first of its bytes."""
    lines = [f"{name}: {value}" for name, value in listening.headers(**more).items()]
    sending = socket.create_connection(("127.0.0.1", listening.port))
    sending.sendall("\r\n".join(["POST /files HTTP/1.1", *lines, "", ""]).encode())
    return sending


def status_of(sending: socket.socket) -> bytes:
    """The first line of the answer."""
    return sending.makefile("rb").readline().strip()


def test_a_file_of_the_largest_size_is_taken_and_one_byte_more_is_not(listening: Listening) -> None:
    fits, _ = sent_whole(listening, LIMIT)
    status, told = sent_whole(listening, LIMIT + 1)

    assert (fits, status, told["code"]) == (201, 422, "file.too_large")
    assert [path.stat().st_size for path in listening.left()] == [LIMIT]


def test_what_says_that_it_is_too_large_is_refused_before_it_comes(listening: Listening) -> None:
    with begun(listening, **{"Content-Length": str(TWO_GIBIBYTES)}) as sending:
        sending.sendall(HEAD + LINE)  # and not a byte more

        assert status_of(sending) == b"HTTP/1.1 413 Request Entity Too Large"
    assert listening.left() == []


def test_what_does_not_say_how_large_it_is_is_refused_as_soon_as_it_is_too_large(
    listening: Listening,
) -> None:
    chunk = LINE * 4096
    framed = f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n"
    sent = 0
    with begun(listening, **{"Transfer-Encoding": "chunked"}) as sending:
        while not select.select([sending], [], [], 0)[0] and sent < TWO_GIBIBYTES:
            try:
                sent += sending.send(framed)
            except ConnectionError:
                break
        assert sent < 64 * 1024**2  # what the two ends hold in their buffers, not what was to be sent
    assert listening.left() == []


def test_what_comes_in_lies_where_files_are_kept_and_not_in_a_folder_of_the_system(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = office.browser("paidan")
    browser.at_some_page()
    assert browser.page is not None
    monkeypatch.setattr(tempfile, "tempdir", "/proc/nowhere")

    answer = browser.client.post(
        "/files",
        data=HEAD + LINE * 60_000 + TAIL,
        headers={"Origin": ORIGIN, "X-CSRFToken": browser.page.token},
        content_type=f"multipart/form-data; boundary={BOUNDARY}",
    )

    assert answer.status_code == 201
