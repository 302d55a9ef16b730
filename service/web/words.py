"""The words people read for what the code calls by a key. What the diagrams name themselves keeps its own name."""

from __future__ import annotations

from collections.abc import Mapping

STATUSES: Mapping[str, str] = {
    "registered": "已登记",
    "instant_answered": "已即时答复",
    "dispatched": "已派单",
    "return_pending": "退回待审定",
    "in_progress": "办理中",
    "report_submitted": "已报送",
    "report_returned": "退回补正",
    "approved": "审核通过",
    "uploaded": "已上报",
    "closed": "已办结",
    "returned_upstream": "已退分中心",
    "withdrawn": "已撤回",
}
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

CLOCKS: Mapping[str, str] = {
    "dispatch": "转办",
    "urgent_dispatch_target": "紧急件派单目标",
    "same_day_response": "当天响应",
    "return_window": "可退回时限",
    "handling_feedback": "双反馈",
    "urgent_feedback": "紧急件1小时反馈",
    "urgent_final": "紧急件完整报送",
    "redispatch": "退回审定与转派",
    "co_handling_report": "协办报送",
    "completion": "补正",
    "review": "审核",
    "risk_report": "风险报告",
    "risk_ack": "风险接报确认",
    "upstream": "分中心要求时限",
    "supervised_answer": "督办答复",
    "matter_decision": "领导小组决定",
    "monthly_analysis": "月度分析",
    "quarterly_analysis": "季度分析",
    "governance_offer": "主动治理决定",
    "governance_plan": "治理计划完成",
    "special_study": "专题研究完成",
}
CLOCK_STATES: Mapping[str, str] = {
    "running": "计时中",
    "met": "按时完成",
    "met_late": "逾期完成",
    "breached": "已逾期",
    "expired": "已过窗口",
    "superseded": "已由新时限取代",
    "cancelled": "已取消",
}
CLOCK_COLOURS: Mapping[str, str] = {
    "running": "blue",
    "met": "green",
    "met_late": "orange",
    "breached": "red",
    "expired": "secondary",
    "superseded": "secondary",
    "cancelled": "secondary",
}

NOTICES: Mapping[str, str] = {
    "case_assigned": "新派单",
    "urgent_received": "收到紧急件",
    "urgency_raised": "紧急程度已上调",
    "urgency_requested": "请求上调紧急程度",
    "urgency_review_asked": "请复核紧急程度",
    "due_soon": "即将到期",
    "overdue": "已逾期",
    "dispatch_overdue": "应派未派",
    "nudged": "催办",
    "handling_supervised": "督办单",
    "supervision_answered": "督办单已答复",
    "report_submitted": "报送件待审核",
    "review_overdue": "审核已逾期",
    "reclassified": "第八条情形已改判",
    "report_returned": "报送件退回补正",
    "return_requested": "部门申请退回",
    "return_decided": "退回已审定",
    "late_return_allowed": "准许逾时退回",
    "order_withdrawn": "工单已撤回",
    "dispute_escalated": "争议提请领导小组",
    "matter_suggested": "建议提请领导小组",
    "matter_submitted": "提请领导小组的议题",
    "matter_decided": "领导小组已决定",
    "extension_requested": "延期待审批",
    "extension_decided": "延期已审批",
    "extension_lapsed": "延期申请已失效",
    "co_handling_assigned": "协办任务",
    "co_handling_objection": "协办异议",
    "co_report_submitted": "协办结果已报送",
    "co_report_wanted": "协办结果须补充",
    "co_handling_overdue": "协办逾期",
    "exemption_pending_confirmation": "不予反馈待分中心甄别",
    "exemption_denied": "不予反馈未获确认",
    "risk_reported": "风险报告",
    "risk_unacked": "风险报告无人确认",
    "supervision_clue": "监督线索",
    "correction_ordered": "责令改正",
    "analysis_requested": "请提交诉求分析",
    "analysis_submitted": "诉求分析已提交",
    "governance_offered": "主动治理待决定",
    "governance_assigned": "主动治理任务",
    "governance_reported": "主动治理待验收",
    "correction_overdue": "改正期限已过",
}
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
