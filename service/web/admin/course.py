"""The course of a case as administrators read it: without what the discipline office does or is told, and without looks."""

from __future__ import annotations

from dataclasses import replace

from service.domain.audit import CLUE, LOOKS
from service.store.reads.case_page import Recorded, for_discipline_alone, notices
from service.store.reads.instances import InstanceRow, history
from service.usecases.kept_apart import Apart, drawn_apart
from service.web.surroundings import house, store

UNTOLD = LOOKS | {CLUE}


def course(instance: InstanceRow) -> list[Recorded]:
    """The records of the whole case that administrators are told of. Article: A15-1, A15-6."""
    apart = drawn_apart(house().catalogue.release(instance.release_no))
    with store().reading() as connection:
        secret = for_discipline_alone(notices(connection, instance.case_id))
        records = history(connection, instance.case_id)
    return [
        without(one, apart, secret)
        for one in records
        if one.kind not in UNTOLD and not apart.hides(one.payload.get("form"), one.payload.get("trail", ()))
    ]


def without(record: Recorded, apart: Apart, secret: frozenset[str]) -> Recorded:
    """The record without the elements passed and the notices that are the discipline office's alone."""
    trail = [node for node in record.payload.get("trail", ()) if node not in apart.nodes]
    sent = [kind for kind in record.payload.get("notices", ()) if kind not in secret]
    return replace(record, payload={**record.payload, "trail": trail, "notices": sent})
