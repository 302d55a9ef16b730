"""Tasks completed over HTTP, log-in and CSRF included: the CPU of one, and how many a second four clients get.

    python -m tests.bench.http            # one after the other, on one CPU
    python -m tests.bench.http SECONDS    # four clients
The measured task is a contact record, which may be handed in again and again; pages are served by gunicorn as in
production, with PostgreSQL on the same machine.
"""

from __future__ import annotations

import http.client
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass
from threading import Thread
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import Flask

from tests.bench.measure import Samples, on_one_cpu, percentile, tell
from tests.bench.production import WEB, Installation, installed
from tests.web.office import ORDER, ORIGIN, Browser

CASES = 96  # so that each gets as many contacts in ten seconds as a long case may have
CLIENTS = 4
LIAISON, HANDLER = "zhuanren_logistics", "chengban_logistics"
RESPONSE = {"response_kind": 0, "handler": HANDLER, "scope_check": "yes"}
CONTACT = {
    "channel": "phone",
    "direction": "out",
    "result": "reached",
    "purpose": "progress",
    "summary": "已电话联系诉求人，说明办理进展。",
}


@dataclass(slots=True)
class Ready:
    """Cases that are being handled, and what the handler's browser sends for each."""

    paths: list[str]
    forms: list[dict[str, Any]]
    cookie: str
    browser: Browser

    def body(self, number: int) -> dict[str, Any]:
        """The form of a case, with a key of its own."""
        return {**self.forms[number % len(self.forms)], "key": uuid4().hex}

    def path(self, number: int) -> str:
        return self.paths[number % len(self.paths)]


def measure(seconds: float | None) -> None:
    """Set up, then measure: one after the other on one CPU, or four clients for so many seconds."""
    with on_one_cpu() if seconds is None else nullcontext(), installed() as place:
        ready = made_ready(place.app)
        if seconds is None:
            one_process(ready)
        else:
            several_clients(place, ready, seconds)


def made_ready(app: Flask) -> Ready:
    """Register, dispatch and respond through the pages."""
    office, liaison, handler = Browser(app), Browser(app), Browser(app)
    for browser, account in ((office, "paidan"), (liaison, LIAISON), (handler, HANDLER)):
        browser.log_in(account)
    paths, forms = [], []
    for number in range(CASES):
        order = {**ORDER, "upstream_order_no": f"H-{number}", "title": f"诉求 {uuid4().hex}"}
        case_no = expect(office.fill("/start/register_case", order)).location.rsplit("/", 1)[1]
        dispatch = {"lead_department": "dept_logistics", "dispatch_basis": "职责范围"}
        expect(office.fill(f"/cases/{case_no}/forms/dispatch", dispatch))
        expect(liaison.fill(f"/cases/{case_no}/forms/respond", RESPONSE))
        path = f"/cases/{case_no}/forms/record_contact"
        assert handler.get(path).status_code == 200
        paths.append(path)
        token = handler.page.token if handler.page else ""
        forms.append({**handler.filled(CONTACT), "csrf_token": token})
    cookies = handler.client._cookies.values()
    return Ready(paths, forms, "; ".join(f"{one.key}={one.value}" for one in cookies), handler)


def expect(answer: Any) -> Any:
    """An answer that says that it was done."""
    assert answer.status_code == 303, answer.text
    return answer


def one_process(ready: Ready) -> None:
    """What one costs in the process that serves it."""
    samples = Samples()
    for number in range(10 * CASES):
        body, path = ready.body(number), ready.path(number)
        with samples.one():
            answer = ready.browser.client.post(path, data=body, headers={"Origin": ORIGIN})
        expect(answer)
    tell("http_complete_task", database="postgresql", **samples.figures())


def several_clients(place: Installation, ready: Ready, seconds: float) -> None:
    """How many a second are answered while several people send without a pause."""
    walls: list[float] = []
    with place.running(WEB):
        ends = time.perf_counter() + seconds
        threads = [Thread(target=client, args=(ready, place.port, n, ends, walls)) for n in range(CLIENTS)]
        began = time.perf_counter()
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        took = time.perf_counter() - began
    tell(
        "http_completions_per_second",
        clients=CLIENTS,
        n=len(walls),
        per_s=round(len(walls) / took, 1),
        wall_ms_p50=round(percentile(walls, 50), 1),
        wall_ms_p95=round(percentile(walls, 95), 1),
    )


def client(ready: Ready, port: int, place: int, ends: float, walls: list[float]) -> None:
    """Send one form after the other, to the cases of this client alone."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {
        "Cookie": ready.cookie,
        "Origin": f"http://127.0.0.1:{port}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    number = place
    while time.perf_counter() < ends:
        body = urlencode(ready.body(number), doseq=True)
        began = time.perf_counter()
        connection.request("POST", ready.path(number), body, headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 303, answer.status
        walls.append((time.perf_counter() - began) * 1000)
        number += CLIENTS


if __name__ == "__main__":
    measure(float(sys.argv[1]) if len(sys.argv) > 1 else None)
