"""What a command changed, gathered to be saved, and sealed into the case's audit chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from service.domain import audit
from service.domain.case import CaseFile, Submission
from service.domain.changes import AuditEntry, CaseChange
from service.domain.clocks import ClockRecord
from service.usecases.case_work import CaseWork
from service.usecases.readings import Moved, stands
from service.usecases.scope import Scope
from service.usecases.task_rows import tasks_after


def change_of(work: CaseWork, kind: str, payload: Mapping[str, Any]) -> CaseChange:
    """Everything this command changed; `kind` and `payload` are what the audit record tells beside it."""
    entry = entry_of(work, kind, payload)
    book, known, tasks = work.book, work.tasks, tasks_after(work)
    still = [t for t in tasks.values() if t.id in known]
    to_set, gone = book.row_changes(work.running_timers())
    return CaseChange(
        case=case_after(work, entry),
        seen=work.seen,
        instances_opened=[work.instances[i] for i in work.fresh],
        instances_saved=[work.instances[i] for i in work.stepped if i not in work.fresh],
        submission=stored(work),
        tasks_opened=[t for t in tasks.values() if t.id not in known],
        tasks_ended=[key for key in known if key not in tasks],
        tasks_done=work.done,
        task_due={t.id: t.due_at for t in still if known[t.id].due_at != t.due_at},
        task_department={t.id: t.department for t in still if known[t.id].department != t.department},
        clocks_opened=[c for c in book.clocks if c.id in book.opened],
        clocks_changed=[c for c in book.clocks if c.id in book.changed and c.id not in book.opened],
        timers_set=to_set,
        timers_cancelled=gone,
        notices=work.notices,
        trail=work.trail,
        audit=[entry],
    )


def reminder_of(work: CaseWork, payload: Mapping[str, Any]) -> CaseChange:
    """What a reminder changed: nothing of the case moves by it, so nothing is worked out anew."""
    entry = entry_of(work, "reminded", payload)
    return CaseChange(
        case=replace(work.case, version=version_after(work), audit_seq=entry.seq, audit_head=entry.seal),
        seen=work.seen,
        clocks_changed=touched_clocks(work),
        notices=work.notices,
        audit=[entry],
    )


def entry_of(work: CaseWork, kind: str, payload: Mapping[str, Any]) -> AuditEntry:
    """The record of a command, sealed into the chain of its case."""
    return audit.next_entry(
        work.house.audit_key,
        audit.chain_of(work.case),
        at=work.now,
        actor=work.actor.person,
        kind=kind,
        payload=told(work, payload),
    )


def version_after(work: CaseWork) -> int:
    """The version of the case once the command is saved."""
    return 0 if work.seen is None else work.seen + 1


def told(work: CaseWork, payload: Mapping[str, Any]) -> dict[str, Any]:
    """What the audit record tells: statuses, the elements passed, clocks that changed, notices sent.

    A clock is told by its place among those of the case.
    """
    kept = stored(work)
    followed = {
        "sha256": audit.digest(kept) if kept is not None else None,
        "received_at": work.case.received_at if work.seen is None else None,
        "status": work.statuses,
        "trail": [passed.node for passed in work.trail],
        "clocks": {str(c.order): [c.kind, c.state, c.due] for c in touched_clocks(work)},
        "notices": sorted({notice.kind for notice in work.notices}),
    }
    return {**payload, **{name: some for name, some in followed.items() if some}}


def case_after(work: CaseWork, entry: AuditEntry) -> CaseFile:
    """The head of the case once the command is done, with the columns by which lists find it."""
    return replace(
        work.case,
        version=version_after(work),
        columns=columns_after(work),
        closed_at=(work.case.closed_at or work.now) if is_closed(work) else None,
        audit_seq=entry.seq,
        audit_head=entry.seal,
    )


def columns_after(work: CaseWork) -> dict[str, Any]:
    """The columns by which lists find the case; those of which nothing moved that they read are as they were saved."""
    scope, before, moved = work.scope(), work.case.columns, work.moved()
    return {
        name: before[name]
        if moved is not None and name in before and stands(reads, moved)
        else column_after(scope, name, before.get(name), moved)
        for name, reads in work.release.column_reads.items()
    }


def column_after(scope: Scope, name: str, before: Any, moved: Moved | None) -> Any:
    """A column of which something moved that it reads; of a list of texts only those of which something moved."""
    parts = scope.release.column_parts[name]
    if moved is None or not parts or not isinstance(before, list):
        return scope.column(name)
    return [
        one.text
        for one in parts
        if (one.text in before if stands(one.reads, moved) else scope.lists(name, one))
    ]


def is_closed(work: CaseWork) -> bool:
    """Whether what it was opened for is done: every process like its main one, which may begin again (a second report
    of the same risk), or all of them in a file opened by itself. What is kept apart opens and closes nothing: nobody
    else may learn of it. Article: A15-1."""
    main = work.instances.get(work.main_id or "")
    running = [one for one in work.running() if not one.is_apart]
    if work.case.process is not None:
        return not running
    return main is not None and all(one.process != main.process for one in running)


def touched_clocks(work: CaseWork) -> list[ClockRecord]:
    """The clocks that this command opened or changed."""
    touched = work.book.opened | work.book.changed
    return [c for c in work.book.clocks if c.id in touched]


def stored(work: CaseWork) -> Submission | None:
    """The submission as it is kept: its values as JSON."""
    if work.submitted is None:
        return None
    form = work.release.content.forms[work.submitted.form]
    return replace(work.submitted, values=form.encode(work.submitted.values))
