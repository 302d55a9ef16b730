"""Due times and their explanations as people read them: plain Chinese, Beijing time, 24:00 and never 0:00."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from timers.clock import BEIJING

ONE_SECOND = timedelta(seconds=1)
UNITS = {
    "minute": "{}分钟",
    "hour": "{}小时",
    "natural_day": "{}个自然日",
    "workday": "{}个工作日",
    "end_of_day": "当天",
}
DAY_COUNTS = {
    "exclude_start_end_2400": "起始日不计，末日24:00截止",
    "include_start": "起始日计为第1日，末日24:00截止",
    "rolling_24h": "按24小时滚动计算",
}
ROLLOVERS = {
    "none": "遇节假日、休息日不顺延",
    "off_day": "末日遇休息日，顺延至下一个工作日",
    "holiday_only": "末日遇法定节假日，顺延至下一个工作日",
}
BASES = {"original_due": "自原期限起", "approval": "自批准之日起"}
FLOORS = {
    "dispatch_due": "原转办期限",
    "handling_due": "原办理期限",
    "original_due": "原期限",
    "plan_due": "计划写明的期限",
    "study_due": "立题写明的期限",
}


def show_at(instant: datetime) -> str:
    """When something happens or happened, as people write it: Beijing time, to the minute.

    >>> show_at(datetime(2024, 2, 13, 16, 5, 59, 635506, tzinfo=UTC))
    '2024-02-14 00:05'
    """
    return f"{instant.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def show_due(instant: datetime, now_on: date | None = None) -> str:
    """The due time as people write it: midnight is 24:00 of the day before; seconds only where there are some.

    Given today's date as `now_on`, the year is left out where it is the same. Parts of a second are dropped, so
    what is shown is never later than what holds.

    >>> show_due(datetime(2024, 2, 13, 16, tzinfo=UTC))
    '2024-02-13 24:00'
    >>> show_due(datetime(2024, 2, 13, 16, tzinfo=UTC), now_on=date(2024, 2, 10))
    '02-13 24:00'
    """
    local = instant.astimezone(BEIJING).replace(microsecond=0)
    if local.time() == time(0):
        return f"{_date(local.date() - timedelta(days=1), now_on)} 24:00"
    return f"{_date(local.date(), now_on)} {local:{'%H:%M:%S' if local.second else '%H:%M'}}"


def explain_lines(data: Mapping[str, Any], *, start_name: str | None = None) -> list[str]:
    """The stored explanation of a due time (`Due.as_data()`) as lines that a clerk can follow and check.

    `start_name` is what began the period, in the office's words: 派单.
    """
    start = _instant(data["start"])
    year = start.astimezone(BEIJING).date()
    lines = [
        f"起点：{_moment(start)}" + (f" {start_name}" if start_name else ""),
        f"规则：{_rule(data['rule'])}",
    ]
    if basis := _basis(data["rule"]):
        lines.append(f"依据：{basis}")
    lines += [_LINES[step["step"]](step, year) for step in data["steps"]]
    result = show_due(_instant(data["result"]), year)
    if not lines[-1].endswith(result):
        lines.append(f"截止：{result}")
    return [*lines, *_warning(data)]


def _warning(data: Mapping[str, Any]) -> Iterator[str]:
    if data.get("recounted"):
        yield "提示：放假安排此后有过调整，当时逐日的数法不再列出"
    if data.get("provisional"):
        years = sorted({step["on"][:4] for step in data["steps"] if step.get("provisional")})
        yield f"提示：{'、'.join(years)}年放假安排尚未公布，此期限为暂定，公布后可能调整"


def _rule(rule: Mapping[str, Any]) -> str:
    unit = rule["unit"]
    if unit == "recurring":
        return str(rule["said"])
    if rule["amount"] == 0 and unit != "end_of_day" and rule.get("not_before"):
        return "按另行写明的期限"
    said = [UNITS[unit].format(rule["amount"])]
    if unit in ("natural_day", "workday"):
        # Worked days are what is counted, so their last one is never a rest day and nothing rolls over.
        rest = "节假日、休息日不计" if unit == "workday" else ROLLOVERS[rule["rollover"]]
        said += [DAY_COUNTS[rule["day_count"]], rest]
    elif unit == "end_of_day":
        cutoff = rule["cutoff"]
        said.append(f"{cutoff}以后开始的，次日12:00截止" if cutoff else "24:00截止")
    else:
        said.append("自起点起连续计算，不分昼夜和节假日")
    return "，".join(said)


def _basis(rule: Mapping[str, Any]) -> str:
    article, basis = rule.get("article"), rule.get("basis")
    return (
        basis or article or ""
    )  # the row of the register is our word; where a basis is told, people need no more


def _day_line(step: Mapping[str, Any], year: date) -> str:
    doubt = "，暂定" if step.get("provisional") else ""
    day = f"{_date(date.fromisoformat(step['on']), year)}（{step['label']}{doubt}）"
    match step["counts"]:
        case "start_not_counted":
            return f"{day}起始日，不计"
        case "counted":
            return f"{day}第{step['number']}日" if "number" in step else f"{day}为截止日"
        case "skipped":
            return f"{day}非工作日，不计"
        case "passed_over":
            return f"{day}休息，继续顺延"
        case _:
            return f"{day}工作日，末日顺延至此"


def _added_line(step: Mapping[str, Any], year: date) -> str:
    if step["unit"] == "day_of_24h":
        return f"加 {step['amount']}×24小时"
    return f"加 {UNITS[step['unit']].format(step['amount'])}"


def _cutoff_line(step: Mapping[str, Any], year: date) -> str:
    if step["passed"]:
        return f"起点晚于 {step['cutoff']}，延至次日12:00"
    return f"起点不晚于 {step['cutoff']}，当天截止"


def _end_line(step: Mapping[str, Any], year: date) -> str:
    return f"止于 {show_due(_instant(step['at']), year)}"


def _floor_line(step: Mapping[str, Any], year: date) -> str:
    name, at = FLOORS.get(step["name"], step["name"]), show_due(_instant(step["at"]), year)
    return f"不早于{name}，取 {at}" if step["taken"] else f"不早于{name} {at}，已满足"


def _extension_line(step: Mapping[str, Any], year: date) -> str:
    days = UNITS[step["unit"]].format(step["days"])
    return f"批准延期{days}，{BASES[step['base']]}（{show_due(_instant(step['from']), year)}）计算"


_LINES = {
    "day": _day_line,
    "added": _added_line,
    "cutoff": _cutoff_line,
    "end": _end_line,
    "floor": _floor_line,
    "extension": _extension_line,
}


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _moment(at: datetime) -> str:
    """A start, unlike an end, belongs to the day that begins: 00:00 stays 00:00."""
    local = at.astimezone(BEIJING)
    return f"{local:{'%Y-%m-%d %H:%M:%S' if local.second else '%Y-%m-%d %H:%M'}}"


def _date(on: date, now_on: date | None) -> str:
    return f"{on:%m-%d}" if now_on is not None and now_on.year == on.year else on.isoformat()
