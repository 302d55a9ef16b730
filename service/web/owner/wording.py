"""The differences of a worked case in the words of people: what a rehearsal compares has names of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from service.domain.people import ROLE_NAMES
from service.web import words
from service.web.naming import departments
from timers.clock import BEIJING
from timers.deadlines import show_due

PARTS: Mapping[str, str] = {
    "clock": "时钟",
    "kind": "种类",
    "to": "发给",
    "dept": "部门",
    "notice": "通知",
    "due": "到期",
    "start": "起点",
    "state": "状态",
    "status": "案件状态",
    "error": "答复代码",
    "ok": "是否办成",
    "fact": "事实",
    "message": "答复",
    "base_due": "延期前到期",
    "n": "延期天数",
    "handling_due": "双反馈到期",
    "not_notices": "不该有的通知",
    "report": "月报",
    "received": "接收件数",
    "by_type": "按类型",
    "high_frequency": "高频",
    "on_time_by_department": "各部门按时",
    "special_study": "专题研究",
    "returned": "退回",
    "repeated": "重复",
    "breach_at": "逾期时刻",
    "met_at": "完成时刻",
    "item": "项目",
    "tick": "时间走到此刻",
    "restart_recover": "系统恢复运行",
}
# The facts that worked cases speak of; the others keep the name they have in the content.
FACTS: Mapping[str, str] = {
    "dispatch_count": "派单次数",
    "return_count": "退回次数",
    "extension_count": "延期次数",
    "cumulative_days": "累计延期日数",
    "extension_status": "延期申请",
    "approver_level": "审批层级",
    "complainant_feedback": "向诉求人反馈",
    "subcenter_confirmation": "分中心确认",
    "feedback_required": "须反馈",
    "overdue_reason_given": "已说明逾期理由",
    "backfilled": "事后补录",
    "feedback_in_time": "反馈及时",
    "excused": "已免责",
    "counted_on_time": "计为按时",
    "restricted": "涉密受限",
    "risk_acked": "风险已接报",
    "policy_version": "口径版本",
    "effective_due": "实际到期（取先到者）",
    "upstream_earlier_warning": "分中心时限更早的提醒",
    "supervision_closed": "监督已办结",
    "plan_status": "整改方案状态",
    "pending": "待批",
    "lapsed": "未批即失效",
    "missing": "尚无",
    "done": "已完成",
    "exempt": "免予反馈",
}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\+\d\d:\d\d)?")
_DISPATCH_NO = re.compile(r" ?seq=(\d+)", re.ASCII)
_WORD = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


def step_words(what: str) -> str:
    """What differs: `clock handling_feedback due` → 时钟 双反馈 到期."""
    named = _DISPATCH_NO.sub(lambda found: f"（第{found[1]}次派单）", what)
    return _WORD.sub(lambda found: word(found[0]), named)


def step_value(value: str) -> str:
    """A value on one of the two sides; instants as everywhere in Beijing time, ends of days as 24:00."""
    return _WORD.sub(lambda found: word(found[0]), _INSTANT.sub(lambda found: in_beijing(found[0]), value))


def word(key: str) -> str:
    """What people call a key of clocks, notices, states or roles; the key itself where it has no other name."""
    named = (
        PARTS,
        FACTS,
        words.CLOCKS,
        words.NOTICES,
        words.CLOCK_STATES,
        words.STATUSES,
        ROLE_NAMES,
        departments(),
    )
    return next((names[key] for names in named if key in names), key)


def in_beijing(text: str) -> str:
    instant = datetime.fromisoformat(text)
    return show_due(instant if instant.tzinfo else instant.replace(tzinfo=BEIJING))
