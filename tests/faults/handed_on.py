"""The relay is killed right between the commit and the publishing of a notice, and between the publishing and its mark;
workers are killed before the telling, between it and its note, and before that it is done.

    python -m tests.faults.handed_on sqlite|postgresql [CASES [FAULTS [SEED]]]

Cases are received and dispatched, and everybody has an address. A relay and two workers of the service bring the
notices to a real mail server, through a real Redis, and kill themselves at the named points of `timers/faults.py`, as
their dice say. What was handed on and is not done comes again after minutes; those pass whenever nothing else waits.
Each person must have each mail. Entries are handed on more than once, and a mail that was sent right before a kill is
sent again: with the same key and the same words, by which whoever reads has it once. Prints
`faults=N survived=N lost=0 double=0 early=0 half=0`, how many were handed on again and how many mails came again.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import func, select

from service.jobs.queue import QUEUE
from service.store import SqlStore
from service.store.outbox import SqlOutbox
from service.store.tables import outbox
from tests.bench.commands import database_for
from tests.bench.herd import gather
from tests.faults import nursery
from tests.faults.nursery import Breaks
from tests.faults.parts import PUBLISHED, RELAY, WORKER, breaking
from tests.faults.queue_storm import give_addresses, minutes_pass, wanted_keys
from tests.faults.tally import Tally
from tests.post import MailServer, serving
from tests.usecases.installations import settings_at
from timers import faults

WORKERS = 2
OF_THE_RELAY = (faults.AFTER_TAKE, faults.AFTER_PUBLISH)
OF_A_WORKER = (faults.IN_HAND, faults.AFTER_SEND, faults.BEFORE_DONE)
RELAY_BREAKS, WORKER_BREAKS = 0.35, 0.1  # how often, at each of these points
LOOK_EVERY_S = 0.5


def kill_between(store: SqlStore, cases: int, wanted: int, seed: int) -> tuple[Tally, Counter[str], int]:
    """What came of it when the relay was killed so often, what broke or was seen, and how many mails came again."""
    house = gather(store, cases)
    give_addresses(store)
    with serving(MailServer()) as mail, tempfile.TemporaryDirectory() as folder:
        url = store.engine.url.render_as_string(hide_password=False)
        settings_at(Path(folder), url, house.audit_key)
        environment = {
            "JSJB_DATABASE_URL": url,
            "JSJB_VAR": folder,
            "JSJB_SMTP_URL": f"smtp://127.0.0.1:{mail.port}",
            "JSJB_MAIL_FROM": "jsjb@school.example",
        }
        dice = random.Random(seed)
        relay = Breaks(OF_THE_RELAY, RELAY_BREAKS, wanted, dice.randrange(2**32))
        workers = [
            Breaks(OF_A_WORKER, WORKER_BREAKS, wanted // 12, dice.randrange(2**32), whole=0.2)
            for _ in range(WORKERS)
        ]
        with breaking(environment, (RELAY, relay), *((WORKER, one) for one in workers)) as running:
            while SqlOutbox(store).backlog()[0]:
                time.sleep(LOOK_EVERY_S)
                running.require_going_on()
                if not fresh(store) and not running.redis.client().llen(QUEUE):
                    minutes_pass(store)
    seen, expected, found = running.seen, wanted_keys(house), mails(mail)
    again = sum(len(letters) - 1 for letters in found.values())
    tally = Tally(
        faults=sum(count for what, count in seen.items() if what.startswith(nursery.KILL)),
        lost=len(expected - set(found)),
        double=len(set(found) - expected) + sum(not the_same(letters) for letters in found.values()),
    )
    seen["entries"] = entries(store)
    return tally, seen, again


def fresh(store: SqlStore) -> int:
    """How many entries were never handed on."""
    asked = select(func.count()).where(outbox.c.done_at.is_(None), outbox.c.again_at.is_(None))
    with store.reading() as connection:
        return int(connection.execute(asked).scalar_one())


def entries(store: SqlStore) -> int:
    """How many there are."""
    with store.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(outbox)).scalar_one())


def mails(mail: MailServer) -> Mapping[str, list[tuple[str, EmailMessage]]]:
    """What the mail server took, by key."""
    found: dict[str, list[tuple[str, EmailMessage]]] = {}
    for to, letter in mail.taken:
        key = str(letter["Message-ID"]).strip("<>").partition("@")[0]
        found.setdefault(key, []).append((to, letter))
    return found


def the_same(letters: list[tuple[str, EmailMessage]]) -> bool:
    """Whether what came under one key is one mail to one person."""
    return len({(to, str(letter["Subject"]), letter.get_content()) for to, letter in letters}) == 1


def main(kind: str, cases: int, wanted: int, seed: int) -> int:
    """Kill and print what came of it; 1 where a mail is missing or strange, or none of the points was met."""
    with database_for(kind) as store:
        tally, seen, again = kill_between(store, cases, wanted, seed)
    published = seen[PUBLISHED]
    met = {point: seen[f"{nursery.KILL} {point}"] for point in (*OF_THE_RELAY, *OF_A_WORKER)}
    told = " ".join(f"{point}={count}" for point, count in met.items())
    print(f"{kind} handed on seed={seed} cases={cases} {tally.line()} {told}", end=" ")
    print(f"entries={seen['entries']} handed_on_again={published - seen['entries']} mails_again={again}")
    return 1 if tally.harm or not all(met.values()) else 0


if __name__ == "__main__":
    kind, *numbers = sys.argv[1:]
    cases, wanted, seed = (*(int(one) for one in numbers), *(600, 240, 1)[len(numbers) :])
    raise SystemExit(main(kind, cases, wanted, seed))
