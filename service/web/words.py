"""The words people read for what the code calls by a key. What the diagrams name themselves keeps its own name."""

from __future__ import annotations

from collections.abc import Mapping

from service.domain.names import CLOCK_NAMES, CLOCK_STATE_NAMES, NOTICE_NAMES, STATUS_NAMES

STATUSES = STATUS_NAMES
# The colour of a status: what it asks for, not how far it is.
STATUS_COLOURS: Mapping[str, str] = {
    "registered": "blue",
    "dispatched": "azure",
    "in_progress": "azure",
    "return_pending": "orange",
    "report_returned": "orange",
    "report_submitted": "indigo",
    "approved": "teal",
    "uploaded": "teal",
    "instant_answered": "teal",
    "closed": "secondary",
    "returned_upstream": "secondary",
    "withdrawn": "secondary",
}
OVER = frozenset({"closed", "returned_upstream", "withdrawn"})

CLOCKS = CLOCK_NAMES
CLOCK_STATES = CLOCK_STATE_NAMES
CLOCK_COLOURS: Mapping[str, str] = {
    "running": "blue",
    "met": "green",
    "met_late": "orange",
    "breached": "red",
    "expired": "secondary",
    "superseded": "secondary",
    "cancelled": "secondary",
}

NOTICES = NOTICE_NAMES
URGENT_NOTICES = frozenset(
    {"overdue", "dispatch_overdue", "urgent_received", "risk_reported", "risk_unacked"}
)

URGENCIES: Mapping[str, str] = {"normal": "一般", "urgent": "紧急"}
REQUEST_TYPES: Mapping[str, str] = {
    "consult": "咨询",
    "help": "求助",
    "complaint": "投诉",
    "report": "举报",
    "suggestion": "建议",
}


def status_name(status: str | None) -> str:
    return STATUSES.get(status or "", status or "—")


def clock_name(kind: str, drawn: str | None = None) -> str:
    """The name of a kind of clock: ours, else the one its boundary event has in the diagram, else its key."""
    return CLOCKS.get(kind) or drawn or kind
