"""One instance: its diagram with tokens, what is done and late, its timers, clocks, tasks and history."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import Response, jsonify, render_template

from service.domain.errors import Missing
from service.engine import describe, tokens
from service.store.reads.instances import (
    InstanceDetail,
    clocks_of,
    find_instance,
    open_tasks_of,
)
from service.store.reads.timers import timers_of
from service.usecases.house import Release
from service.web.admin.blueprint import blueprint
from service.web.admin.course import course
from service.web.show import press, utc_text
from service.web.surroundings import house, now, person, store

XML = "application/xml"


@blueprint.get("/instances/<instance_id>")
def instance(instance_id: str) -> str:
    """The page. The diagram on it is that of the release the case is pinned to."""
    with store().reading() as connection:
        found = find_instance(connection, person(), instance_id)
        clocks = clocks_of(connection, instance_id)
        waiting = timers_of(connection, instance_id)
        tasks = open_tasks_of(connection, instance_id)
    return render_template(
        "admin/instance.html",
        instance=found.row,
        size_bytes=len(found.snapshot),
        version=found.version,
        clocks=clocks,
        timers=waiting,
        tasks=tasks,
        records=list(reversed(course(found.row))),
        release=house().catalogue.release(found.row.release_no).row,
        now=now(),
    )


@blueprint.get("/instances/<instance_id>/diagram.json")
def instance_diagram(instance_id: str) -> Response:
    """What the viewer puts onto the pictures."""
    with store().reading() as connection:
        found = find_instance(connection, person(), instance_id)
        clocks = clocks_of(connection, instance_id)
        waiting = {one.node for one in open_tasks_of(connection, instance_id) if not one.optional}
    passed = {node for one in course(found.row) for node in one.payload.get("trail", ())}
    release = house().catalogue.release(found.row.release_no)
    return jsonify(
        {
            "passed": sorted(passed),
            "instances": [drawn(release, found, waiting)],
            "clocks": [
                {"node": c.node, "due": utc_text(c.due), "press": press(c.due), "instance": instance_id}
                for c in clocks
                if c.is_open
            ],
        }
    )


@blueprint.get("/instances/<instance_id>/diagrams/<path:name>")
def instance_diagram_file(instance_id: str, name: str) -> Response:
    """A diagram of the release the case is pinned to, as it was released."""
    with store().reading() as connection:
        found = find_instance(connection, person(), instance_id)
    content = house().catalogue.release(found.row.release_no).content.diagrams.get(name)
    if content is None:
        raise Missing
    return Response(content, mimetype=XML)


def drawn(release: Release, found: InstanceDetail, waiting: Collection[str]) -> dict[str, Any]:
    """The pictures of an instance, and the tokens on them."""
    running = found.row.state in ("running", "suspended") and bool(found.snapshot)
    standing = tokens(release.definition, found.snapshot) if running else ()
    return {
        "id": found.row.id,
        "name": release.definition.processes[found.row.process].name,
        "state": found.row.state,
        "drawings": [
            {
                "process": d.process,
                "name": d.name,
                "file": d.file,
                "nodes": list(d.nodes),
                "calls": dict(d.calls),
            }
            for d in describe(release.definition, found.row.process)
        ],
        "tokens": [{"node": t.node, "process": t.process, "waits": t.node in waiting} for t in standing],
    }
