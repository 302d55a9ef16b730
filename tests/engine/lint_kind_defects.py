"""Kinds of status, notice, clue and clock that are slips of the pen, or that people would read as a key."""

from __future__ import annotations

from service.engine.lint import references
from tests.engine.lint_release import MAIN, defect

KINDS = [
    defect(
        "kind.status",
        references.kinds,
        "registered",
        (MAIN, 'jsjb:status="registered"', 'jsjb:status="regstered"'),
        cure="registered",
    ),
    defect(
        "kind.notice",
        references.kinds,
        "tell_overdue",
        (MAIN, 'jsjb:notice="overdue"', 'jsjb:notice="overdu"'),
        cure="overdue",
    ),
    defect(
        "kind.status",
        references.kinds,
        "registered",
        (MAIN, 'jsjb:status="registered"', 'jsjb:status="put_down"'),
        cure="可用",
    ),
    defect(
        "kind.clock",
        references.kinds,
        "answer_due",
        (MAIN, 'jsjb:clock="answer"', 'jsjb:clock="anwser"'),
        cure="answer",
    ),
    defect(
        "kind.item",
        references.kinds,
        "tell_overdue",
        (MAIN, 'jsjb:notice="overdue"', 'jsjb:notice="overdue" jsjb:item="m9"'),
        cure="m1",
    ),
]
