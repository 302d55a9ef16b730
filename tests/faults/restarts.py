"""The database is restarted at once, again and again, while people hand forms in.

    python -m tests.faults.restarts [RESTARTS]

Pages run as in production, timers beside them. Whoever is answered 503 is told when to come again, and sends the same
form once more, as a browser does. At the end each form stands there once, the chains hold, and no case is left waiting
for nothing. Prints `faults=N survived=N lost=0 double=0 early=0 half=0`.
"""

from __future__ import annotations

import http.client
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from threading import Event, Thread
from urllib.parse import urlencode

from sqlalchemy import func, select

from service.store import SqlStore
from service.store.tables import submission
from service.usecases.verify_audit import verify_audit
from tests.bench.http import CLIENTS, HANDLER, Ready, made_ready
from tests.bench.production import TIMERS, WEB, installed
from tests.databases import PostgresForTests
from tests.faults.left import whole_cases
from tests.faults.tally import Tally

BETWEEN_S = 2.0
UNAVAILABLE, DONE = 503, 303


@dataclass(slots=True)
class Hands:
    """What people who hand forms in were answered."""

    ready: Ready
    port: int
    over: Event = field(default_factory=Event)
    answers: Counter[int] = field(default_factory=Counter)
    keys: list[str] = field(default_factory=list)  # of the forms that were said to be done
    unsaid: int = 0  # answers that do not say when to come again

    def work(self, place: int) -> None:
        """Hand one form in after the other, each until it is said to be done."""
        number = place
        while not self.over.is_set():
            body = self.ready.body(number)
            while self.sent(self.ready.path(number), body) != DONE:
                time.sleep(0.2)
            self.keys.append(f"{HANDLER}:{body['key']}")
            number += CLIENTS

    def sent(self, path: str, body: dict[str, object]) -> int:
        """The status of the answer; 0 where there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        headers = {
            "Cookie": self.ready.cookie,
            "Origin": f"http://127.0.0.1:{self.port}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            connection.request("POST", path, urlencode(body, doseq=True), headers)
            answer = connection.getresponse()
            answer.read()
        except OSError:
            return 0
        finally:
            connection.close()
        self.answers[answer.status] += 1
        self.unsaid += answer.status == UNAVAILABLE and not answer.headers.get("Retry-After")
        return answer.status


def restart_often(restarts: int) -> tuple[Tally, Counter[int]]:
    """Let people work while the server restarts so many times; what came of it, and what they were answered."""
    server = PostgresForTests(durable=True)
    try:
        with installed(server.database(migrated=False)) as place, place.running(WEB, TIMERS):
            hands = Hands(made_ready(place.app), place.port)
            people = [Thread(target=hands.work, args=(number,)) for number in range(CLIENTS)]
            for one in people:
                one.start()
            for _ in range(restarts):
                time.sleep(BETWEEN_S)
                server.restart_at_once()
            time.sleep(BETWEEN_S)
            hands.over.set()
            for one in people:
                one.join()
            for _ in whole_cases(place.store):
                pass
            assert verify_audit(place.house).broken == []
            return Tally(restarts, *lost_and_doubled(place.store, hands)), hands.answers
    finally:
        server.stop()


def lost_and_doubled(store: SqlStore, hands: Hands) -> tuple[int, int]:
    """Forms that were said to be done and are not there, with answers that were no answer; forms that are there twice."""
    with store.reading() as connection:
        asked = select(submission.c.key, func.count().label("count")).group_by(submission.c.key)
        kept: dict[str, int] = {row.key: row.count for row in connection.execute(asked)}
    unfit = sum(count for status, count in hands.answers.items() if status not in (DONE, UNAVAILABLE))
    missing = sum(key not in kept for key in hands.keys)
    return missing + unfit + hands.unsaid, sum(kept.get(key, 0) > 1 for key in hands.keys)


def main(restarts: int) -> int:
    """Restart and print what came of it; 1 where anything did."""
    tally, answers = restart_often(restarts)
    print(f"postgresql restarts {tally.line()} done={answers[DONE]} unavailable={answers[UNAVAILABLE]}")
    return 1 if tally.harm or not answers[UNAVAILABLE] else 0


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
