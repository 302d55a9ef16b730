"""The kinds of status, notice and clue that the pages have words for. A new one works, but people would read its key."""

from __future__ import annotations

from service.domain.names import NOTICE_NAMES

STATUSES = frozenset(
    {
        "registered", "instant_answered", "dispatched", "return_pending", "in_progress", "report_submitted",
        "report_returned", "approved", "uploaded", "closed", "returned_upstream", "withdrawn",
    }
)  # fmt: skip
NOTICES = frozenset(NOTICE_NAMES)
ITEMS = frozenset({"m1", "m2", "m3", "m4", "m5", "m6"})  # the six items of Article 15
