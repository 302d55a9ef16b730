"""Pages with much behind them: what they cost with many open tasks of mine, and with many closed cases beside.

    python -m tests.bench.lists [OPEN [CLOSED]]

One case is made by the service itself; the others are its copies in the database.
"""

from __future__ import annotations

import sys
from typing import NamedTuple

from sqlalchemy import Connection, text

from service.store import SqlStore
from tests.bench.measure import Samples, tell
from tests.bench.production import installed
from tests.web.office import ORDER, Browser

TIMES = 30


def measure(count: int, closed: int) -> None:
    """Each page with few tasks, with many, and with closed cases beside."""
    with installed() as place:
        office, admin, elsewhere = Browser(place.app), Browser(place.app), Browser(place.app)
        for browser, account in ((office, "paidan"), (admin, "admin"), (elsewhere, "fuzeren_hr")):
            browser.log_in(account)
        case_no = office.fill("/start/register_case", ORDER).location.rsplit("/", 1)[1]
        pages = {
            "inbox": (office, "/"),
            "cases": (office, "/cases"),
            "search": (office, office.post("/cases", {"q": "H17"}).location),
            "search_of_what_all_say": (office, office.post("/cases", {"q": ORDER["title"]}).location),
            "search_of_what_none_says": (office, office.post("/cases", {"q": "无人写过的话"}).location),
            "case": (office, f"/cases/{case_no}"),
            "instances": (admin, "/admin/"),
            "cases_of_a_department_without": (elsewhere, "/cases"),
        }
        seen: dict[str, list[Cost]] = {name: [] for name in pages}
        for opened, finished in ((count, 0), (0, closed)):
            with place.store.engine.begin() as connection:
                copies(connection, "H", opened, is_closed=False)
                copies(connection, "Z", finished, is_closed=True)
            tidy(place.store)
            for name, (browser, path) in pages.items():
                seen[name].append(cost(browser, path))
        for name, (before, after) in seen.items():
            tell(
                "page",
                page=name,
                open_tasks=count,
                cpu_ms=before.cpu_ms,
                wall_ms=before.wall_ms,
                closed_cases=closed,
                cpu_ms_beside_them=after.cpu_ms,
                wall_ms_beside_them=after.wall_ms,
                ratio=round(after.cpu_ms / before.cpu_ms, 2),
                wall_ratio=round(after.wall_ms / before.wall_ms, 2),
            )


class Cost(NamedTuple):
    """The median of a page: the CPU of the process that serves it, and wall time, which holds the database's too."""

    cpu_ms: float
    wall_ms: float


def cost(browser: Browser, path: str) -> Cost:
    """What a page costs."""
    samples = Samples()
    for number in range(TIMES + 3):
        with samples.one() if number > 2 else Samples().one():
            answer = browser.client.get(path)
            assert answer.status_code == 200, (path, answer.status_code)
            answer.get_data()
    found = samples.figures()
    return Cost(found["cpu_ms_p50"], found["wall_ms_p50"])


def copies(connection: Connection, mark: str, count: int, *, is_closed: bool) -> None:
    """So many copies of the case, its instance and its tasks."""
    if not count:
        return
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    closed = {"status": "'closed'", "closed_at": "now()"} if is_closed else {}
    ended = {"state": "'ended'", "ended_at": "now()", "snapshot": "''::bytea"} if is_closed else {}
    done = {"state": "'done'", "ended_at": "now()"} if is_closed else {}
    first = "SELECT id FROM case_file ORDER BY created_at LIMIT 1"
    own = {
        "case_file": {
            "id": f"'{mark}' || n",
            "case_no": f"'JSJB-2000-{mark}' || n",
            "order_no": f"'{mark}' || n",
            "title": f"t.title || '{mark}' || n",
            "received_at": "t.received_at - n * interval '1 minute'",
            "co_departments": "CASE WHEN n % 40 = 0 THEN ',dept_it,' ELSE '' END",
            "former_departments": "CASE WHEN n % 60 = 0 THEN ',dept_finance,' ELSE '' END",
            **closed,
        },
        "instance": {"id": f"'i{mark}' || n", "case_id": f"'{mark}' || n", **ended},
        "task": {
            "id": f"t.id || '{mark}' || n",
            "case_id": f"'{mark}' || n",
            "instance_id": f"'i{mark}' || n",
            **done,
        },
    }
    for table, changed in own.items():
        asked = "SELECT column_name FROM information_schema.columns WHERE table_name = :table"
        names = [row[0] for row in connection.execute(text(asked), {"table": table})]
        values = ", ".join(changed.get(name, f't."{name}"') for name in names)
        listed = ", ".join(f'"{name}"' for name in names)
        key = "id" if table == "case_file" else "case_id"
        connection.execute(
            text(
                f"INSERT INTO {table} ({listed}) SELECT {values} FROM {table} t, generate_series(1, :count) n"
                f" WHERE t.{key} = ({first})"
            ),
            {"count": count},
        )


def tidy(store: SqlStore) -> None:
    """Let the database know what it holds."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


if __name__ == "__main__":
    measure(*(int(one) for one in sys.argv[1:] or ["20000", "100000"]))
