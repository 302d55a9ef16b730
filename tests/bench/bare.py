"""The floor of pages and of boot: the same libraries with nothing of the service.

    python -m tests.bench.bare [TIMES]

A page is one look at PostgreSQL, of fifty rows of as many columns as 待办 shows, and a plain template of them; a form that
is handed in is one row written and committed, and a redirect. Client and database stand on one CPU. Boot is a new process
that imports what the service cannot do without, and answers a page.
"""

from __future__ import annotations

import subprocess
import sys

from flask import Flask, redirect, render_template_string
from sqlalchemy import Engine, text

from tests.bench.commands import database_for
from tests.bench.measure import Samples, on_one_cpu, percentile, tell

ROWS = text(
    "SELECT n AS id, 'JSJB-2026-' || n AS no, '停车位 ' || n AS title, 'dispatched' AS status, 'normal' AS urgency,"
    " 'dept_it' AS department, now() AS due_at, now() AS opened_at FROM generate_series(1, 50) AS n"
)
WRITTEN = text(
    "INSERT INTO sign_of_life (name, at) VALUES ('bare', now()) ON CONFLICT (name) DO UPDATE SET at = now()"
)
PAGE = (
    "<!doctype html><table>{% for row in rows %}<tr><td><a href='/tasks/{{ row.id }}'>{{ row.no }}</a><td>{{ row.title }}"
    "<td>{{ row.status }}<td>{{ row.urgency }}<td>{{ row.department }}<td>{{ row.due_at }}<td>{{ row.opened_at }}"
    "{% endfor %}</table>"
)
FIRST_ANSWER = """
import resource
import flask, sqlalchemy, psycopg, lxml.etree, yaml, lark, SpiffWorkflow.bpmn.workflow
app = flask.Flask("bare")
app.add_url_rule("/", view_func=lambda: flask.render_template_string("<p>{{ 1 }}"))
assert app.test_client().get("/").status_code == 200
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
"""


def bare_app(engine: Engine) -> Flask:
    """A page of rows, and a form that is handed in."""
    app = Flask("bare")

    @app.get("/")
    def page() -> str:
        with engine.connect() as connection:
            return render_template_string(PAGE, rows=connection.execute(ROWS).all())

    @app.post("/")
    def handed_in() -> object:
        with engine.begin() as connection:
            connection.execute(WRITTEN)
        return redirect("/", 303)

    return app


def measure(times: int) -> None:
    """Each so many times; the first few are not counted."""
    with on_one_cpu(), database_for("postgresql") as store:
        client = bare_app(store.engine).test_client()
        for figure, ask in (("bare_page", client.get), ("bare_handing_in", client.post)):
            samples = Samples()
            for number in range(times + 5):
                with samples.one() if number >= 5 else Samples().one():
                    answer = ask("/")
                assert answer.status_code in {200, 303}, answer.text
            tell(figure, database="postgresql", **samples.figures())
    booted()


def booted() -> None:
    """What a new process costs; the first, which may compile, is not counted."""
    told = []
    for _ in range(6):
        line = [sys.executable, "-c", FIRST_ANSWER]
        told.append(subprocess.run(line, check=True, capture_output=True, text=True).stdout.split())
    cpu_s, memory = zip(*((float(cpu), int(size) / 1024) for cpu, size in told[1:]), strict=True)
    tell("bare_boot", n=len(cpu_s), cpu_s_p50=round(percentile(cpu_s, 50), 2), memory_mb=round(max(memory)))


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
