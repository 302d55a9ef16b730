"""The live diagram: the pictures of a case's processes, where its tokens stand, what is done, what is late."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from service.domain.case import Instance
from service.domain.errors import Missing
from service.engine import describe, tokens
from service.store.reads.case_page import records
from service.usecases.case_view import CaseView, view_case
from service.web.show import press, utc_text
from service.web.staff.blueprint import blueprint
from service.web.staff.of_number import case_id_of
from service.web.surroundings import house, person, store

XML = "application/xml"


@blueprint.get("/cases/<case_no>/diagram.json")
def diagram(case_no: str) -> Response:
    """What the viewer puts onto the pictures of this case's release."""
    view = view_case(house(), case_id_of(case_no), person())
    with store().reading() as connection:
        trails = [one.payload.get("trail", ()) for one in records(connection, view.case.id)]
    passed = sorted({node for trail in trails for node in trail} - view.apart.nodes)
    return jsonify(
        {
            "passed": passed,
            "instances": [instance_data(view, one) for one in view.loaded.instances],
            "clocks": [
                {"node": c.node, "due": utc_text(c.due), "press": press(c.due), "instance": c.instance_id}
                for c in view.loaded.clocks
                if c.is_open
            ],
        }
    )


@blueprint.get("/cases/<case_no>/diagrams/<path:name>")
def diagram_file(case_no: str, name: str) -> Response:
    """A diagram of the release the case is pinned to, as it was released."""
    view = view_case(house(), case_id_of(case_no), person())
    content = view.release.content.diagrams.get(name)
    if content is None:
        raise Missing
    return Response(content, mimetype=XML)


def instance_data(view: CaseView, instance: Instance) -> dict[str, Any]:
    """One instance: its pictures, and the tokens on them."""
    definition = view.release.definition
    running = instance.state == "running" and bool(instance.snapshot)
    standing = tokens(definition, instance.snapshot) if running else ()
    waiting = {task.node for task in view.loaded.tasks if not task.optional}
    return {
        "id": instance.id,
        "name": definition.processes[instance.process].name,
        "state": instance.state,
        "drawings": [
            {
                "process": d.process,
                "name": d.name,
                "file": d.file,
                "nodes": list(d.nodes),
                "calls": dict(d.calls),
            }
            for d in describe(definition, instance.process)
        ],
        "tokens": [{"node": t.node, "process": t.process, "waits": t.node in waiting} for t in standing],
    }
