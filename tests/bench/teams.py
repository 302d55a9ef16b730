"""The people of the city: teams that play whole cases through over HTTP, without a pause.

python -m tests.bench.teams PORT SECONDS TEAM...     # a process of people; tells what they did as one JSON line
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from service.content import load, read_folder
from service.domain.people import DEPARTMENT_ROLES, OFFICE_DIRECTOR, OFFICE_DISPATCHER
from service.rehearsal.demo import DEPARTMENT_PEOPLE
from service.rehearsal.step_player import StepPlayer
from service.rehearsal.world import world_for
from service.store.files import FolderKeep
from service.usecases.submit_form import submit_form
from service.web.forms.posted import as_posted
from tests.bench.clerk import Clerk
from tests.bench.commands import database_for
from tests.bench.journey import PROJECT, journey

OFFICE = {OFFICE_DISPATCHER: "paidan", OFFICE_DIRECTOR: "zhuren"}
STEMS = {"dept_liaison": "zhuanren", "dept_handler": "chengban", "dept_head": "fuzeren"}
FILES = ("v.form_sheet", "v.supporting_files")


@dataclass(frozen=True, slots=True)
class Act:
    """One form of the journey: whose it is (an account of the office, or the stem of a department's), what is in it."""

    form: str
    account: str
    sent: dict[str, list[str]]


def acts() -> list[Act]:
    """What the people of the worked case hand in, in order, as their pages would send it."""
    found = []
    with database_for("sqlite") as store, tempfile.TemporaryDirectory() as folder:
        content, case = load(read_folder(PROJECT)), journey()
        world = world_for(case, content, store, FolderKeep(Path(folder)), {})
        for step in case.steps:
            world.advance(step.at)
            player = StepPlayer(world, case, step)
            command = player.command(player.release())
            receipt = submit_form(world.house, command)
            world.cases.setdefault(step.case or "", receipt.case_id)
            role = command.person.grants[0].role
            account = STEMS[role] if role in DEPARTMENT_ROLES else OFFICE[role]
            sent = {
                name: list(some) for name, some in as_posted(content.forms[step.do], command.values).lists()
            }
            found.append(Act(step.do, account, sent))
    return found


class Team:
    """Everybody whom a case needs, at one department."""

    def __init__(self, number: int, port: int) -> None:
        self.department = list(DEPARTMENT_PEOPLE)[number % len(DEPARTMENT_PEOPLE)]
        short = self.department.removeprefix("dept_")
        accounts = {**{a: a for a in OFFICE.values()}, **{stem: f"{stem}_{short}" for stem in STEMS.values()}}
        self.clerks = {name: Clerk(account, port) for name, account in accounts.items()}
        self.done: Counter[str] = Counter()

    def log_in(self) -> None:
        """Everybody logs in."""
        for clerk in self.clerks.values():
            clerk.log_in()
            clerk.walls.clear()

    def work(self, journey: Sequence[Act], until: float) -> None:
        """One case after the other until the time is over; one that is not at its end then does not count."""
        while True:
            case_no = ""
            for act in journey:
                if time.perf_counter() >= until:
                    return
                case_no = self._play(act, case_no)
            self.done["closed"] += 1

    def _play(self, act: Act, case_no: str) -> str:
        clerk = self.clerks[act.account]
        path = f"/cases/{case_no}/forms/{act.form}" if case_no else f"/start/{act.form}"
        clerk.open("open", path)
        clerk.leave()
        sent = {**act.sent, "key": [uuid4().hex], **self._own(act, clerk, case_no)}
        location = clerk.hand_in(path, sent)
        clerk.leave()
        return case_no or location.rsplit("/", 1)[1]

    def _own(self, act: Act, clerk: Clerk, case_no: str) -> dict[str, list[str]]:
        """What differs from case to case and from department to department."""
        own = {name: [clerk.upload(case_no)] for name in FILES if name in act.sent}
        if act.form == "register_case":
            own["v.upstream_order_no"] = [uuid4().hex]
            own["v.title"] = [f"诉求 {uuid4().hex}"]
        elif act.form == "dispatch":
            own["v.lead_department"] = [self.department]
        elif act.form == "respond":
            own["v.handler"] = [self.clerks["chengban"].account]
        return own

    def walls(self, what: str) -> Iterator[float]:
        """How long everything of a kind took, in milliseconds."""
        for clerk in self.clerks.values():
            yield from clerk.walls.get(what, ())


def at_work(port: int, seconds: float, numbers: Sequence[int]) -> None:
    """Let these teams work, each in a thread, and tell what they did."""
    journey, teams = acts(), [Team(number, port) for number in numbers]
    for team in teams:
        team.log_in()
    print("ready", flush=True)
    sys.stdin.readline()
    cpu, until = time.process_time(), time.perf_counter() + seconds
    with ThreadPoolExecutor(len(teams)) as threads:
        for working in [threads.submit(team.work, journey, until) for team in teams]:
            working.result()
    told = {
        what: [round(wall, 1) for team in teams for wall in team.walls(what)] for what in ("hand in", "open")
    }
    closed = sum(team.done["closed"] for team in teams)
    print(json.dumps({**told, "closed": closed, "cpu_s": time.process_time() - cpu}), flush=True)


if __name__ == "__main__":
    at_work(int(sys.argv[1]), float(sys.argv[2]), [int(number) for number in sys.argv[3:]])
