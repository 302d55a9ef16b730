"""A case file, its process instances and the submissions that make it up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.domain.civil import civil, civil_values
from service.domain.made_often import made_often


@made_often
class CaseFile:
    """One case (诉求件), or a file of its own that a start form opened (risk, analysis, plan), or that a process
    opened which began by itself: then `process` names it, `opened_for` is the department it is for, `about` what
    it is about and `period` the month or quarter; `received_at` is when it should have begun, `created_at` when it did.

    `columns` are the values by which lists are searched and sorted; which expression gives which
    column is content (`facts.yaml: columns`). `version` counts the saved changes of the whole case.
    """

    id: str
    case_no: str
    release_no: int
    status: str | None
    received_at: datetime
    version: int = 0
    dispatch_no: int = 0
    lead_department: str | None = None
    former_departments: tuple[str, ...] = ()
    co_departments: tuple[str, ...] = ()  # those that help with it now
    complained_departments: tuple[str, ...] = ()
    restricted: bool = False
    opened_by_form: str = ""
    process: str | None = None
    opened_for: str | None = None
    about: str | None = None
    period: str | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)
    created_at: datetime | None = None
    closed_at: datetime | None = None
    audit_seq: int = 0
    audit_head: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """How what a case is graded by ended, in the words of its release, and when; None: nobody knows when."""

    how: str
    at: datetime | None


def ending_of(columns: Mapping[str, Any]) -> Ending | None:
    """How a case ended, out of its columns as they are stored; None while it still waits, or is not graded."""
    told = columns.get("ending")
    if not told:
        return None
    at = told["at"]
    return Ending(told["how"], datetime.fromisoformat(at) if at else None)


@made_often
class Instance:
    """One running (or ended) process of a case. `snapshot` is the engine's, without the specification."""

    id: str
    case_id: str
    process: str
    state: str  # running | ended | cancelled | suspended
    snapshot: bytes
    version: int = 0
    department: str | None = None
    started_by: str | None = None  # submission that started it
    started_form: str | None = None
    dispatch_no: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    is_apart: bool = False  # the discipline office's, as its release drew it when it was started


@made_often
class Submission:
    """One form as it was handed in. Append-only: a later one corrects, nothing changes or deletes it.

    `values` are typed (instants are aware datetimes). `started` is the instance it started, if any.
    """

    id: str
    case_id: str
    form: str
    values: Mapping[str, Any]
    at: datetime
    by: str
    by_name: str
    by_role: str
    department: str | None
    dispatch_no: int
    instance: str
    node: str
    key: str
    started: str | None = None
    status: str | None = None  # of the case, once it was taken
    fingerprint: str | None = None  # of what came with the key, to tell a repetition from something else

    def as_context(self) -> dict[str, Any]:
        """The submission as expressions see it: its fields, and beside them who, when, where."""
        return {
            **civil_values(self.values),
            "at": civil(self.at),
            "by": self.by,
            "by_name": self.by_name,
            "by_role": self.by_role,
            "department": self.values.get("department", self.department),
            "submitted_department": self.department,
            "dispatch_no": self.dispatch_no,
            "instance": self.instance,
            "started": self.started,
        }


@dataclass(frozen=True, slots=True)
class Submitted:
    """What a submission led to: what its receipt tells, and tells again to the same key."""

    case_id: str
    case_no: str
    submission_id: str
    form: str
    at: datetime
    status: str | None
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A piece of evidence: its content is found by its SHA-256, the name people gave is only shown."""

    id: str
    case_id: str | None
    sha256: str
    name: str
    media_type: str
    size_bytes: int
    by: str
    at: datetime
    submission_id: str | None = None
    field_key: str | None = None
