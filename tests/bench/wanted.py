"""What each figure has to reach, as the table of `make bench` and of `make bench-city` tells it."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.table import Wanted

NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
BESIDE = 1.2  # what a page may cost with many closed cases beside, to what it costs without them
PAGES = (
    "inbox", "cases", "search", "search_of_what_all_say", "search_of_what_none_says", "case", "instances",
    "cases_of_a_department_without",
)  # fmt: skip


def commands(database: str) -> Iterator[Wanted]:
    """What a completion and a start cost."""
    of = {"database": database}
    for figure, what in (("complete_task", "complete a task"), ("start_case", "start a case")):
        named = f"{what}, {NAMES[database]}"
        cpu = f"{named}: CPU ms, mean"
        yield Wanted(cpu, figure, "cpu_ms_mean", of, most=2.5, median="cpu_ms_p50")
        yield Wanted(f"{named}: wall ms, median", figure, "wall_ms_p50", of)
        yield Wanted(f"{named}: statements, mean", figure, "statements_mean", of, most=9)
        yield Wanted(f"{named}: statements, most", figure, "statements_max", of)
        yield Wanted(f"{named}: round trips, mean", figure, "round_trips_mean", of, most=4)
        yield Wanted(f"{named}: commits, most", figure, "commits_max", of, most=1)


def storage(database: str) -> Iterator[Wanted]:
    """What cases take, in bytes."""
    of, name = {"database": database}, NAMES[database]
    yield Wanted(
        f"a case of two tasks, {name}", "bytes_per_case_of_two_tasks", "bytes", of, most=8_000, unit=" bytes"
    )
    for tasks in (10, 20, 40):
        yield Wanted(
            f"a case of {tasks} tasks of 1 KB, {name}",
            "bytes_per_case_of_long_tasks",
            "bytes",
            {**of, "tasks": tasks},
            most=120_000 if tasks == 40 else None,
            unit=" bytes",
        )
    yield Wanted(
        f"a case of the shipped process, eleven submissions, {name}",
        "bytes_per_case",
        "bytes",
        of,
        unit=" bytes",
    )


def page(name: str) -> Iterator[Wanted]:
    """What a page costs with many open tasks, and with many closed cases beside them."""
    of, what = {"page": name}, f"page {name.replace('_', ' ')}"
    yield Wanted(f"{what}: CPU ms", "page", "cpu_ms", of, most=10 if name == "inbox" else None)
    yield Wanted(f"{what}: CPU beside many closed cases, ×", "page", "ratio", of, most=BESIDE)
    yield Wanted(f"{what}: wall ms", "page", "wall_ms", of)
    yield Wanted(f"{what}: wall beside many closed cases, ×", "page", "wall_ratio", of)


def bare() -> Iterator[Wanted]:
    """The floor: bare SpiffWorkflow on the same diagrams."""
    for how, what in (("memory", "kept in memory"), ("stored", "stored as its JSON")):
        for figure, step in (("bare_complete", "a completion"), ("bare_start", "a start")):
            yield Wanted(
                f"floor: {step} in bare SpiffWorkflow, {what}: CPU ms, mean",
                figure,
                "cpu_ms_mean",
                {"how": how},
                median="cpu_ms_p50",
            )


NOTHING_OF_OURS = (
    Wanted(
        "floor: a page of fifty rows in bare Flask: CPU ms, mean",
        "bare_page",
        "cpu_ms_mean",
        median="cpu_ms_p50",
    ),
    Wanted(
        "floor: a row written from bare Flask: CPU ms, mean",
        "bare_handing_in",
        "cpu_ms_mean",
        median="cpu_ms_p50",
    ),
    Wanted("floor: boot with the libraries alone, all at once: CPU s, median", "bare_boot", "cpu_s_p50"),
    Wanted("floor: memory with the libraries alone, all at once", "bare_boot", "memory_mb", unit=" MB"),
)

OF_THE_SERVICE = (
    *bare(),
    *NOTHING_OF_OURS,
    *commands("postgresql"),
    *commands("sqlite"),
    Wanted(
        "complete a task over HTTP: CPU ms, mean",
        "http_complete_task",
        "cpu_ms_mean",
        most=6,
        median="cpu_ms_p50",
    ),
    Wanted(
        "completions a second over HTTP, 4 clients, 2 processes",
        "http_completions_per_second",
        "per_s",
        least=200,
    ),
    Wanted("due timers fired a second, 2 processes", "timers_fired", "per_s", least=1000),
    Wanted("due timers: CPU ms each", "timers_fired", "cpu_ms_each"),
    Wanted("due timers: fired twice", "timers_fired", "twice", most=0),
    Wanted("due timers: left", "timers_fired", "left", most=0),
    *(one for name in PAGES for one in page(name)),
    *storage("postgresql"),
    *storage("sqlite"),
    Wanted("boot to the first answer: wall s, median", "boot_to_first_answer", "wall_s_p50", most=1.2),
    Wanted("boot to the first answer: CPU s, median", "boot_to_first_answer", "cpu_s_p50"),
    Wanted("memory after the first answer", "boot_to_first_answer", "memory_mb", most=95, unit=" MB"),
)

OF_A_CITY = (
    Wanted("a city at work: cases a second, start to close", "city", "cases_per_s", least=14),
    Wanted("a city at work: commands a second", "city", "commands_per_s"),
    Wanted("a city at work: pages a second", "city", "pages_per_s"),
    Wanted("a city at work: command ms, p95", "city", "command_ms_p95"),
    Wanted("a city at work: page ms, p95", "city", "page_ms_p95"),
    Wanted("a city at work: the latest deadline, s late", "city", "latest_s", most=2),
    Wanted("one midnight: deadlines due", "midnight", "due"),
    Wanted("one midnight: s until the last", "midnight", "seconds"),
    Wanted("one midnight: fired a second (84 000 in 90 s)", "midnight", "per_s", least=933),
    Wanted("one midnight: fired twice", "midnight", "twice", most=0),
    Wanted("one midnight: left", "midnight", "left", most=0),
    Wanted("one midnight: page ms meanwhile, p95", "midnight", "page_ms_p95", most=500),
)
