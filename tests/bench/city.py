"""A city at work: whole cases played through by simulated people, while other cases' deadlines fall due.

    python -m tests.bench.city [SECONDS [TEAMS]]

Each team of people plays one case after the other to its close, without a pause, and opens the page of each form
before it hands it in. Beside them stand urgent cases that nobody answers, which pass their hour one after the other.
All run on the same machine: web, timers, relay, PostgreSQL, and the people.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
from sqlalchemy import text

from service.domain.people import Person
from service.usecases.house import House
from service.usecases.submission import SubmitForm
from service.usecases.submit_form import submit_form
from tests.bench.measure import percentile, tell
from tests.bench.production import RELAY, TIMERS, WEB, Installation, installed
from timers.clock import FixedClock, SystemClock

PROCESSES = 2
ONE_HOUR = timedelta(hours=1)
URGENT = 120
FIRST_AFTER_S = 45  # until everything runs and everybody has logged in
ORDER = {
    "source": "moe_subcenter",
    "upstream_round": 1,
    "request_type": "help",
    "category": "教学培训",
    "title": "电梯困人",
    "content": "教学楼电梯停在两层之间，里面有人",
    "caller_name": "诉求人",
    "caller_contact": "010-0000-0000",
    "contact_available": True,
    "urgency": "urgent",
    "urgency_basis": ["accident"],
    "received_reason": "正常接收",
}
DISPATCH = {
    "lead_department": "dept_hr",
    "dispatch_basis": "职责范围",
    "urgency": "urgent",
    "urgency_basis": ["accident"],
}


def measure(seconds: float, teams: int) -> None:
    """Set up, let everybody work, tell what came of it."""
    with installed() as place:
        due_meanwhile(place, seconds)
        began_at = SystemClock().now()
        with place.running(WEB, TIMERS, TIMERS, RELAY):
            told = list(people_at_work(place.port, seconds, teams))
            time.sleep(3)  # what fell due last is fired
        commands = [wall for one in told for wall in one["hand in"]]
        pages = [wall for one in told for wall in one["open"]]
        late = list(lateness_s(place, began_at))
        tell(
            "city",
            seconds=round(seconds),
            teams=teams,
            cases_per_s=round(sum(one["closed"] for one in told) / seconds, 2),
            commands_per_s=round(len(commands) / seconds, 1),
            pages_per_s=round(len(pages) / seconds, 1),
            command_ms_p50=round(percentile(commands, 50)),
            command_ms_p95=round(percentile(commands, 95)),
            page_ms_p95=round(percentile(pages, 95)),
            people_cpu_s=round(sum(one["cpu_s"] for one in told)),
            fired=len(late),
            latest_s=round(max(late, default=0.0), 2),
        )


def due_meanwhile(place: Installation, seconds: float) -> None:
    """Urgent cases dispatched within the last hour, whose hour passes while the city works."""
    chance, now = random.Random(1), SystemClock().now()
    with place.store.begin(reading=True) as uow:
        dispatcher = next(p for p in uow.directory(now).people.values() if p.account == "paidan")
    for number in range(URGENT):
        since = now - ONE_HOUR + timedelta(seconds=FIRST_AFTER_S + chance.random() * seconds)
        urgent_case(replace(place.house, clock=FixedClock(since)), dispatcher, f"U{number}")


def urgent_case(house: House, dispatcher: Person, order_no: str) -> None:
    """An urgent case, received and dispatched."""
    order = {**ORDER, "upstream_order_no": order_no}
    opened = submit_form(house, SubmitForm("register_case", order, dispatcher, uuid4().hex))
    submit_form(house, SubmitForm("dispatch", DISPATCH, dispatcher, uuid4().hex, opened.case_id))


def people_at_work(port: int, seconds: float, teams: int) -> Iterator[dict[str, Any]]:
    """What each process of people tells at its end; all begin together."""
    command = [sys.executable, "-m", "tests.bench.teams", str(port), str(seconds)]
    shares = [[str(team) for team in range(n, teams, PROCESSES)] for n in range(PROCESSES)]
    people = [
        subprocess.Popen([*command, *share], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for share in shares
        if share
    ]
    for one in people:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in people:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    for one in people:
        yield json.loads(one.communicate()[0])


def lateness_s(place: Installation, since: datetime) -> Iterator[float]:
    """By how many seconds each deadline and reminder that fell due meanwhile was fired late."""
    asked = text("SELECT at, payload FROM audit WHERE kind IN ('due_passed', 'reminded') AND at >= :since")
    with place.store.reading() as connection:
        for at, payload in connection.execute(asked, {"since": since}).all():
            fires_at = datetime.fromisoformat(orjson.loads(payload)["fires_at"])
            if fires_at >= since:
                yield (at - fires_at).total_seconds()


if __name__ == "__main__":
    given = sys.argv[1:]
    measure(float(given[0]) if given else 300.0, int(given[1]) if len(given) > 1 else 6)
