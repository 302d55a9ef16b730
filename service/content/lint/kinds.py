"""The kinds of status, notice and clue that the pages have words for. A new one works, but people would read its key."""

from __future__ import annotations

STATUSES = frozenset(
    {
        "registered", "instant_answered", "dispatched", "return_pending", "in_progress", "report_submitted",
        "report_returned", "approved", "uploaded", "closed", "returned_upstream", "withdrawn",
    }
)  # fmt: skip
NOTICES = frozenset(
    {
        "case_assigned", "urgent_received", "urgency_raised", "due_soon", "overdue", "dispatch_overdue",
        "report_submitted", "report_returned", "return_requested", "return_decided", "dispute_escalated",
        "extension_requested", "extension_decided", "extension_lapsed", "co_handling_assigned", "co_handling_objection",
        "co_report_submitted", "co_handling_overdue", "exemption_pending_confirmation", "exemption_denied",
        "risk_reported", "risk_unacked", "supervision_clue", "correction_ordered", "co_report_wanted",
        "order_withdrawn", "late_return_allowed", "matter_suggested", "nudged", "handling_supervised",
        "supervision_answered", "urgency_requested", "matter_submitted", "matter_decided",
        "analysis_requested", "analysis_submitted", "governance_offered", "governance_assigned", "governance_reported",
        "review_overdue", "reclassified", "correction_overdue", "urgency_review_asked",
    }
)  # fmt: skip
ITEMS = frozenset({"m1", "m2", "m3", "m4", "m5", "m6"})  # the six items of Article 15
