"""The words of a worked case that have a meaning: those of the content, of the file itself, and of the format.

An expectation about a word that nobody knows would hold for ever: `not_notices: [overdu]`. It is an error instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from service.content import Content
from service.content.lint.kinds import ITEMS, NOTICES, STATUSES
from service.content.lint.vocabulary import CLOCK_STATES
from service.domain.people import ROLE_NAMES
from service.engine import Definition
from service.rehearsal.case_file_format import WorkedCase
from service.usecases.house import OPENS_CASE

PASSING_TIME = frozenset({"tick", "restart_recover"})
# The format's own words: known even where the content at hand has no element for them.
ACTIONS = frozenset(
    {
        "register_case", "instant_answer", "dispatch", "decide_return", "record_subcenter_confirmation",
        "upload_upstream", "change_urgency", "risk_report", "review", "decide_extension", "rule_objection",
        "rule_excuse", "create_governance_plan", "respond", "record_contact", "record_handling", "feedback_caller",
        "exempt_feedback", "brief_report", "submit_report", "assign_co_handling", "classify", "request_return",
        "request_extension", "submit_analysis", "submit_co_report", "object_co_handling", "decline_co_handling",
        "ack_risk", "designate_lead", "open_supervision", "decide_supervision", "close_supervision",
        "view_supervision", "upstream_result",
    }
)  # fmt: skip
ACTORS = frozenset({*ROLE_NAMES, "caller", "system"})
GIVEN = frozenset(
    {
        "case",
        "request_type",
        "urgency",
        "caller",
        "contact",
        "content",
        "upstream_order_no",
        "upstream_due_at",
    }
)
CLOCKS = frozenset(
    {
        "dispatch", "urgent_dispatch_target", "same_day_response", "return_window", "handling_feedback",
        "urgent_feedback", "urgent_final", "redispatch", "co_handling_report", "completion", "risk_report",
        "risk_ack", "upstream",
    }
)  # fmt: skip
INSTANTS = frozenset({"start", "due", "met_at", "breach_at", "base_due", "handling_due", "dispatch_due"})
CLOCK_PARTS = frozenset({"kind", "seq", "dept", "state", "n", "policy", *INSTANTS})
CODES = frozenset(
    {
        "E_NOT_AUTHORIZED", "E_NOT_OPEN", "E_FORM_INVALID", "E_SOURCE_OUT_OF_SCOPE", "E_DUPLICATE_ORDER",
        "E_TYPE_NOT_CONSULT", "E_EVIDENCE_REQUIRED", "E_NO_LIAISON", "E_SAME_DEPARTMENT", "E_RETURN_PARTIAL_SCOPE",
        "E_RETURN_WINDOW_CLOSED", "E_RETURN_LOCKED", "E_EXT_REASON_REQUIRED", "E_EXT_INTERIM_REPORT_REQUIRED",
        "E_EXT_URGENT", "E_EXT_AFTER_DUE", "E_EXT_NEEDS_LEADERSHIP", "E_CO_DUE_TOO_LATE", "E_CO_HANDLER_DECLINE",
        "E_CO_REPORT_MISSING", "E_OBLIGATION_RECORD_MISSING", "E_REPEAT_HAS_NEW_FACTS", "E_FEEDBACK_MISSING",
        "E_EXEMPTION_EVIDENCE", "E_EXEMPTION_UNCONFIRMED", "E_RISK_REPORT_REQUIRED", "E_PACKAGE_INCOMPLETE",
        "E_ANALYSIS_INCOMPLETE",
    }
)  # fmt: skip
FACTS = frozenset(
    {
        "dispatch_count", "return_count", "extension_count", "cumulative_days", "extension_status",
        "approver_level", "complainant_feedback", "subcenter_confirmation", "feedback_required",
        "overdue_reason_given", "backfilled", "feedback_in_time", "excused", "counted_on_time", "restricted",
        "risk_acked", "policy_version", "effective_due", "upstream_earlier_warning", "supervision_closed",
        "plan_status",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """Every word a worked case may use, by what it names."""

    actions: frozenset[str]
    actors: frozenset[str]
    statuses: frozenset[str]
    clocks: frozenset[str]
    clock_parts: frozenset[str]
    instants: frozenset[str]
    states: frozenset[str]
    notices: frozenset[str]
    items: frozenset[str]
    codes: frozenset[str]
    facts: frozenset[str]
    given: frozenset[str]
    rows: frozenset[str]
    begun: frozenset[str]  # processes that begin by themselves: their files are named by them

    @classmethod
    def of(cls, content: Content, definition: Definition) -> Words:
        """The words of a release, beside those of the format."""
        elements = definition.elements.values()
        inputs = {name for kind in content.deadlines.kinds for name in content.deadlines.inputs(kind)}
        opening = {e.form for e in elements if e.subject == OPENS_CASE}
        opened_with = [form for key, form in content.forms.items() if key in opening]
        return cls(
            actions=ACTIONS | PASSING_TIME | content.forms.keys(),
            actors=ACTORS.union(*(e.assign for e in elements)),
            statuses=STATUSES.union(e.status for e in elements if e.status),
            clocks=CLOCKS.union(content.deadlines.kinds, (e.clock for e in elements if e.clock)),
            clock_parts=CLOCK_PARTS | inputs,
            instants=INSTANTS | inputs,
            states=CLOCK_STATES,
            notices=NOTICES.union(e.notice for e in elements if e.notice),
            items=ITEMS.union(e.item for e in elements if e.item),
            codes=CODES.union(
                (rule.code for e in elements for rule in e.rules), (e.closes for e in elements if e.closes)
            ),
            facts=FACTS | content.facts.keys(),
            given=GIVEN.union(field.path[0] for form in opened_with for field in form.fields),
            rows=frozenset(content.regulation),
            begun=frozenset(p.id for p in definition.processes.values() if p.timed_start),
        )

    def with_those_of(self, case: WorkedCase) -> Words:
        """The same with the words that the case's own file declares."""
        declared = case.vocabulary
        return replace(
            self,
            actors=self.actors | declared.get("roles", frozenset()),
            statuses=self.statuses | declared.get("case_status", frozenset()),
            clocks=self.clocks | declared.get("clock_kind", frozenset()),
        )
