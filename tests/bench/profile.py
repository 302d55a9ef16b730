"""The top of a profile, kept as a file of text beside the results: where the CPU time of one kind of work goes.

    python -m tests.bench.profile KIND…    # completion, start, firing, inbox, form, handing_in, boot
    python -m tests.bench.profile          # all of them, one process after the other

Each goes into `tests/bench/profiles/KIND.txt`, and the one that stood there into `KIND.before.txt`. By samples of CPU time,
with PostgreSQL, the client alone; boot by the imports of a new process, in wall time.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from service.content import load, read_folder
from service.ops.first_start import store_of
from service.ops.scheduler import firing, firing_together
from service.ops.warming import settle_memory, warm
from service.rehearsal.case_file_format import WorkedCase
from service.rehearsal.step_player import StepPlayer
from service.rehearsal.world import world_for
from service.store.files import FolderKeep
from service.usecases.submit_form import submit_form
from tests.bench.boot import FIRST_ANSWER
from tests.bench.commands import database_for
from tests.bench.herd import gather
from tests.bench.http import expect, made_ready
from tests.bench.journey import PROJECT, journey, journeys
from tests.bench.lists import copies, tidy
from tests.bench.machine import described
from tests.bench.measure import on_one_cpu
from tests.bench.production import installed
from tests.bench.sampling import Profile
from tests.web.office import ORDER, ORIGIN, Browser
from timers.firing import Pace, fire_once

FOLDER = Path(__file__).with_name("profiles")
MOST = 30
WARM_UP = 5

Told = tuple[str, Iterator[str]]  # what was done, and the lines of its profile


def commands(count: int, *, starts: bool) -> Told:
    """So many cases started, or played to their close: then what comes after the start is told."""
    profile, done, cpu_s = Profile(), 0, 0.0
    with on_one_cpu(), database_for("postgresql") as store, tempfile.TemporaryDirectory() as folder:
        world = world_for(journey(), load(read_folder(PROJECT)), store, FolderKeep(Path(folder)), {})
        with profile.running():
            for number, case in enumerate(started(count) if starts else journeys(count)):
                if number == WARM_UP:
                    settle_memory()
                for place, step in enumerate(case.steps):
                    player = StepPlayer(world, case, step)
                    world.advance(step.at)
                    command = player.command(player.release())
                    is_told = number >= WARM_UP and (starts or place > 0)
                    began = time.process_time()
                    with profile.counted() if is_told else nullcontext():
                        receipt = submit_form(world.house, command)
                    if is_told:
                        cpu_s, done = cpu_s + time.process_time() - began, done + 1
                    world.cases.setdefault(step.case or "", receipt.case_id)
    return work(profile, done, cpu_s)


def started(count: int) -> Iterator[WorkedCase]:
    """Cases that are registered, all at one instant: nobody goes on with them, and their deadlines would pass."""
    at = journey().steps[0].at
    for case in journeys(count):
        yield replace(case, steps=(replace(case.steps[0], at=at),))


def timers_fire(cases: int) -> Told:
    """All that falls due at one midnight, in one process."""
    profile = Profile()
    with on_one_cpu(), database_for("postgresql") as store:
        house = gather(store, cases)
        warm(house)
        done, pace = 0, Pace(worker="profile")
        with profile.running(), profile.counted():
            began = time.process_time()
            while (
                found := fire_once(
                    store_of(house), firing(house), house.clock, None, pace, firing_together(house)
                )
            ).claimed:
                done += found.fired
            cpu_s = time.process_time() - began
    return work(profile, done, cpu_s)


def inbox(tasks: int, times: int) -> Told:
    """待办 of somebody for whom very many tasks wait."""
    with on_one_cpu(), installed() as place:
        office = Browser(place.app)
        office.log_in("paidan")
        expect(office.fill("/start/register_case", ORDER))
        with place.store.engine.begin() as connection:
            copies(connection, "H", tasks, is_closed=False)
        tidy(place.store)
        return repeated(lambda _: office.client.get("/"), 200, times)


def form(times: int) -> Told:
    """The page of a form, opened."""
    with on_one_cpu(), installed() as place:
        ready = made_ready(place.app)
        return repeated(lambda n: ready.browser.client.get(ready.path(n)), 200, times)


def handing_in(times: int) -> Told:
    """The same form handed in."""
    with on_one_cpu(), installed() as place:
        ready = made_ready(place.app)

        def hand_in(number: int) -> object:
            sent = ready.body(number) | {"key": uuid4().hex}
            return ready.browser.client.post(ready.path(number), data=sent, headers={"Origin": ORIGIN})

        return repeated(hand_in, 303, times)


def repeated(ask: Callable[[int], object], status: int, times: int) -> Told:
    """The same asked again and again of a service that is warm."""
    profile, cpu_s = Profile(), 0.0
    with profile.running():
        for number in range(times + WARM_UP):
            if number < WARM_UP:
                ask(number)
                continue
            began = time.process_time()
            with profile.counted():
                answer = ask(number)
            cpu_s += time.process_time() - began
            assert getattr(answer, "status_code", 0) == status, answer
    return work(profile, times, cpu_s)


def work(profile: Profile, done: int, cpu_s: float) -> Told:
    """What was done, with its profile."""
    told = f"{done} times, {1000 * cpu_s / max(1, done):.2f} ms of CPU each, {profile.taken} samples"
    return told, profile.lines(MOST)


def boot() -> Told:
    """What a new process imports until its first answer."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"JSJB_VAR": folder, "PATH": ""}
        subprocess.run(
            [sys.executable, "-m", "service.ops.cli", "init"],
            env=environment,
            check=True,
            capture_output=True,
        )
        for _ in range(2):  # the first may compile
            line = [sys.executable, "-X", "importtime", "-c", FIRST_ANSWER]
            done = subprocess.run(
                line, env=environment, check=True, capture_output=True, text=True, cwd=PROJECT
            )
    imports = list(imported(done.stderr))
    cpu_s = float(done.stdout.split()[0])
    own = sum(one for one, _, _ in imports) / 1000
    told = f"{cpu_s:.2f} s of CPU with the imports counted, {own:.0f} ms of it in {len(imports)} modules"
    return told, top_of_imports(imports)


def imported(told: str) -> Iterator[tuple[int, int, str]]:
    """Of each module: microseconds by itself, with all that it imports, and its name."""
    for own, all_of_it, name in re.findall(r"import time:\s+(\d+) \|\s+(\d+) \|\s+(\S+)", told):
        yield int(own), int(all_of_it), name


def top_of_imports(imports: list[tuple[int, int, str]]) -> Iterator[str]:
    """The dearest, in both ways, and by library."""
    libraries: dict[str, int] = {}
    for own, _, name in imports:
        library = name.partition(".")[0]
        libraries[library] = libraries.get(library, 0) + own
    yield "\nlibraries, ms\n"
    yield from (
        f"{own / 1000:8.1f}  {name}"
        for name, own in sorted(libraries.items(), key=lambda item: -item[1])[:MOST]
    )
    yield "\nmodules with all that they import, ms\n"
    yield from (
        f"{all_of_it / 1000:8.1f}  {name}"
        for _, all_of_it, name in sorted(imports, key=lambda one: -one[1])[:MOST]
    )
    yield "\nmodules by themselves, ms\n"
    yield from (f"{own / 1000:8.1f}  {name}" for own, _, name in sorted(imports, reverse=True)[:MOST])


KINDS: dict[str, Callable[[], Told]] = {
    "completion": lambda: commands(60, starts=False),
    "start": lambda: commands(500, starts=True),
    "firing": lambda: timers_fire(500),
    "inbox": lambda: inbox(20_000, 400),
    "form": lambda: form(600),
    "handing_in": lambda: handing_in(600),
    "boot": boot,
}


def keep(kind: str) -> Path:
    """Take the profile of a kind of work, and keep its top."""
    told, lines = KINDS[kind]()
    text = "\n".join([f"{kind}: {told}", described(), *lines])
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{kind}.txt"
    if path.exists():
        path.replace(FOLDER / f"{kind}.before.txt")
    path.write_text(text + "\n", encoding="utf-8")
    return path


def main(kinds: list[str]) -> int:
    """Each kind in a process of its own; 1 where one failed, 2 where one is not known."""
    if unknown := [kind for kind in kinds if kind not in KINDS]:
        print(f"not known: {', '.join(unknown)}; there are {', '.join(KINDS)}", file=sys.stderr)
        return 2
    if len(kinds) == 1:
        print(keep(kinds[0]).read_text(encoding="utf-8"))
        return 0
    line = [sys.executable, "-m", "tests.bench.profile"]
    failed = [kind for kind in kinds or KINDS if subprocess.run([*line, kind], check=False).returncode]
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
