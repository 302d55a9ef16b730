"""The worked cases of a draft, played in the background: which of them now differ, and where.

They are played in a process of their own that lets all others go first: who answers a citizen does not wait for them.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import cache
from multiprocessing import get_context
from pathlib import PurePosixPath
from typing import Any

from service.content import Content, load
from service.content.release import hash_of
from service.domain.drafts import DONE, FAILED, RUNNING, Drafts, RehearsalRow
from service.domain.errors import ContentInvalid, JsjbError
from service.rehearsal.case_file_format import WorkedCase
from service.rehearsal.case_file_source import read_worked_cases
from service.rehearsal.check_cases import CheckedContent, check_case
from service.rehearsal.mismatch import Mismatch
from service.store.drafts import SqlDrafts
from service.store.scratch import Scratch, scratch
from service.usecases.house import House
from timers.clock import Clock

log = logging.getLogger(__name__)

CASES = "bpmn/cases/"
PLAYER = "rehearsal-"  # how the processes that play are named
PATIENCE = 10  # how far behind all others they wait for the processor
# A rehearsal that has not come on for so long has lost its process, and may be started again.
GIVEN_UP_AFTER = timedelta(minutes=3)


def start_rehearsal(
    house: House,
    drafts: SqlDrafts,
    before: Mapping[str, bytes],
    after: Mapping[str, bytes],
    *,
    again: bool = False,
) -> RehearsalRow:
    """Play the worked cases on `after` in a process of its own; what differs there and not on `before` is new.

    Safe to repeat: one that runs or is done is given back, unless it should be run `again`.
    """
    known = drafts.rehearsal(hash_of(after))
    now = house.clock.now()
    if known and known.state == RUNNING and now - known.changed_at < GIVEN_UP_AFTER:
        return known
    if known and known.state == DONE and not again:
        return known
    row = RehearsalRow(hash_of(after), 0, 0, RUNNING, {"differ": []}, now, now)
    drafts.note_rehearsal(row)
    # started anew, not forked: the threads of this process would leave their locks behind
    player = get_context("spawn").Process(
        target=play_apart,
        args=(drafts.elsewhere(), house.clock, dict(before), dict(after), row),
        name=f"{PLAYER}{row.hash[:12]}",
        daemon=True,
    )
    player.start()
    return row


def play_apart(
    opened: Callable[[], Drafts],
    clock: Clock,
    before: Mapping[str, bytes],
    after: Mapping[str, bytes],
    row: RehearsalRow,
) -> None:
    """What the process of a rehearsal does."""
    os.nice(PATIENCE)
    run(opened(), clock, before, after, row)


def run(
    drafts: Drafts,
    clock: Clock,
    before: Mapping[str, bytes],
    after: Mapping[str, bytes],
    row: RehearsalRow,
) -> RehearsalRow:
    """Play all of them, and keep after each how far it is. Never raises: what goes wrong is kept too."""
    try:
        return played(drafts, clock, before, after, row)
    except JsjbError as error:
        failed = replace(row, state=FAILED, outcome={"differ": [], "error": error.message})
    except Exception:
        log.exception("a rehearsal broke")
        failed = replace(row, state=FAILED, outcome={"differ": [], "error": "演练没有完成，已记录。"})
    with suppress(JsjbError):  # with the database away there is nowhere to keep it: it is given up in time
        drafts.note_rehearsal(replace(failed, changed_at=clock.now()))
    return failed


def played(
    drafts: Drafts,
    clock: Clock,
    before: Mapping[str, bytes],
    after: Mapping[str, bytes],
    row: RehearsalRow,
) -> RehearsalRow:
    """The rehearsal itself. Raises: ContentInvalid where the draft or its worked cases cannot be read."""
    checked = CheckedContent.of(load(after))
    cases = worked_cases(after)
    known = {case.id: case for case in worked_cases(before)}
    differ: list[dict[str, Any]] = []
    in_force = cache(lambda: CheckedContent.of(load(before)))
    now = replace(row, total=len(cases))
    drafts.note_rehearsal(now)
    with scratch() as databases:
        for number, case in enumerate(cases, 1):
            found = differences(case, checked, databases)
            if found:
                is_new = not differs_before(known.get(case.id), in_force, databases)
                differ.append(told(case, found, checked.content, is_new))
            now = replace(now, done=number, outcome={"differ": list(differ)}, changed_at=clock.now())
            drafts.note_rehearsal(now)
    now = replace(now, state=DONE)
    drafts.note_rehearsal(now)
    return now


def worked_cases(files: Mapping[str, bytes]) -> list[WorkedCase]:
    """The worked cases that lie with the content."""
    return [
        case
        for name in sorted(files)
        if name.startswith(CASES)
        for case in read_worked_cases(files[name], PurePosixPath(name).name)
    ]


def differences(case: WorkedCase, checked: CheckedContent, databases: Scratch) -> list[Mismatch]:
    """Where one worked case and the content differ; a case that says what means nothing differs by that."""
    played = check_case(case, checked, databases)
    senseless = [
        Mismatch(case.file, case.id, None, finding.element or "", finding.cure, finding.message)
        for finding in played.findings
    ]
    return [*senseless, *played.mismatches]


def differs_before(
    case: WorkedCase | None, in_force: Callable[[], CheckedContent], databases: Scratch
) -> bool:
    """Whether the case already differs on the release in force."""
    if case is None:
        return False
    try:
        return bool(differences(case, in_force(), databases))
    except ContentInvalid:
        return True


def told(case: WorkedCase, found: list[Mismatch], content: Content, is_new: bool) -> dict[str, Any]:
    """One case that differs, as JSON."""
    return {
        "case": case.id,
        "title": case.title,
        "file": case.file,
        "new": is_new,
        "steps": [
            {
                **moment(case, m.step, content),
                "what": m.what,
                "expected": readable(m.expected),
                "actual": readable(m.actual),
            }
            for m in found
        ],
    }


def moment(case: WorkedCase, number: int | None, content: Content) -> dict[str, Any]:
    """At which step it was: when, who, and what they did, called by the title of its form."""
    step = next((one for one in case.steps if one.number == number), None)
    if step is None:
        return {"step": number}
    form = content.forms.get(step.do)
    return {
        "step": number,
        "at": step.at.isoformat(),
        "actor": step.actor,
        "do": form.title if form else step.do,
    }


def readable(value: Any) -> str:
    """A value as text: what is nested is told in one line."""
    if isinstance(value, Mapping):
        return "，".join(f"{key}：{readable(part)}" for key, part in value.items())
    if isinstance(value, (list, tuple)):
        return "、".join(map(readable, value)) or "（没有）"
    if isinstance(value, bool):
        return "是" if value else "否"
    return "（没有）" if value is None else str(value)
