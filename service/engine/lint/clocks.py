"""Clocks and timers: each has its row, its time is an instant, and every task lies under one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from service.content.lint.expressions import constant
from service.domain.errors import Finding
from service.engine.lint.plan import Plan, at, named
from service.engine.model import Element
from service.engine.source import BPMN, Source
from service.feel import FeelError, YearsMonths, evaluate
from service.feel import compile as compile_feel

_PERIOD = re.compile(
    r"""^["'@(]*(?:duration\()?["']?-?P(?:(?P<days>\d+)D)?"""
    r"""(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?["')]*$"""
)
_CYCLE = re.compile(r"""^["']?R\d*/""")


def periods(plan: Plan) -> Iterator[Finding]:
    """Durations and cycles where an instant is wanted: P3D is 72 hours and not three calendar days."""
    for source in plan.sources:
        for timer in source.root.iter(f"{{{BPMN}}}timerEventDefinition"):
            for node in timer.iterchildren(
                f"{{{BPMN}}}timeDuration", f"{{{BPMN}}}timeCycle", f"{{{BPMN}}}timeDate"
            ):
                yield from _period(source, timer.getparent(), node)


def _period(source: Source, event: object, node: object) -> Iterator[Finding]:
    text = "".join(node.itertext()).strip()  # type: ignore[attr-defined]
    tag = str(node.tag).rpartition("}")[2]  # type: ignore[attr-defined]
    name, line = event.get("id"), node.sourceline  # type: ignore[attr-defined]
    if tag == "timeCycle" or _CYCLE.match(text):
        interrupting = event.get("cancelActivity", "true").lower() == "true"  # type: ignore[attr-defined]
        if event.get("attachedToRef") and interrupting:  # type: ignore[attr-defined]
            message = f"中断的边界事件写了循环 {text}：引擎要到最后一次才中断。"
            yield Finding(
                "timer.cycle_interrupting", message, '只画一个时间，写成 due("…")。', source.file, line, name
            )
        else:
            message = f"循环计时 {text} 不受支持。"
            yield Finding(
                "timer.cycle", message, "画几个计时边界事件，各写各的时间。", source.file, line, name
            )
    elif tag == "timeDuration" or _PERIOD.match(text):
        message = f"{text} 是一段时长，按小时数，不是截止时间。"
        yield Finding("timer.duration", message, _instead_of(text), source.file, line, name)


def _instead_of(text: str) -> str:
    """What to write for a duration, with its own figure."""
    found = _PERIOD.match(text)
    days, hours, minutes = (found["days"], found["hours"], found["minutes"]) if found else (None, None, None)
    if days and not (hours or minutes):
        return (
            f'P{days}D 是 {int(days) * 24} 小时；写成 <timeDate>natural_days({days})</timeDate> 或 due("…")。'
        )
    if hours and not (days or minutes):
        return f'写成 <timeDate>hours({hours})</timeDate> 或 due("…")。'
    if minutes and not (days or hours):
        return f'写成 <timeDate>minutes({minutes})</timeDate> 或 due("…")。'
    return '写成 <timeDate>due("…")</timeDate>，在时限表里加一行。'


def is_period(text: str) -> bool:
    """Whether a timer's text is a duration or a cycle, which is told as such and by nothing else."""
    return bool(_PERIOD.match(text) or _CYCLE.match(text))


def literal_times(plan: Plan) -> Iterator[Finding]:
    """Timers whose time is written down once for all cases, or is no instant."""
    for element in plan.elements.values():
        if not element.due or is_period(element.due) or not constant(element.due):
            continue
        if element.kind == "startEvent" and element.event == "timer":
            continue  # whether it comes again is told with the start
        try:
            value = evaluate(element.due, {})
        except FeelError:
            continue
        if isinstance(value, datetime) and value.tzinfo is None:
            message = f"{named(element)} 的时间 {element.due} 没有时区。"
            yield at(
                element,
                "timer.naive",
                message,
                '写成 date and time("2024-02-01T00:00:00+08:00")，或 due("…")。',
            )
        elif isinstance(value, datetime):
            message = f"{named(element)} 的时间 {element.due} 对每一件都一样。"
            yield at(
                element, "timer.constant", message, '写成 due("…") 或由表单字段算出。', severity="warning"
            )
        elif isinstance(value, timedelta | YearsMonths):
            message = f"{named(element)} 的时间 {element.due} 是一段时长，不是截止时间。"
            yield at(element, "timer.duration", message, '写成 natural_days(3)、hours(1) 或 due("…")。')
        elif value is not None:
            what = "日期，没有时刻" if isinstance(value, date) else "文字或数，不是时刻"
            message = f"{named(element)} 的时间 {element.due} 是{what}。"
            yield at(element, "timer.not_an_instant", message, '写成 due("…")，不加引号。')


def clocks(plan: Plan) -> Iterator[Finding]:
    """Clock attributes that do not go together, and clocks whose time comes from another one's row."""
    for element in plan.elements.values():
        if element.closes and element.kind == "boundaryEvent" and not element.interrupting:
            message = f"{named(element)} 写了 closes，但它不中断任务，窗口关不上。"
            yield at(element, "clock.closes", message, "把它改为中断的边界事件，或删去 closes。")
        for name in ("remind", "met_by", "closes"):
            if getattr(element, name) and not element.clock:
                message = f"{named(element)} 写了 {name}，却没有 clock。"
                yield at(element, "clock.without_name", message, "写上 jsjb:clock：它是哪一种时钟。")
        if element.clock and element.kind == "boundaryEvent" and element.event != "timer":
            message = f"{named(element)} 写了 clock，但它不是计时事件。"
            yield at(element, "clock.no_timer", message, "把它改为计时边界事件。")
        if (
            element.kind == "startEvent"
            and element.event is None
            and bool(element.clock) != bool(element.due and element.event is None)
        ):
            message = f"{named(element)} 的 clock 和 due 要一起写。"
            yield at(element, "clock.start_incomplete", message, "补上另一个。")
        yield from _row(element)


def rows_asked(text: str) -> set[str]:
    """The rows of the deadline table that an expression asks for by name."""
    try:
        return {word for name, word in compile_feel(text).literal_calls if name == "due"}
    except FeelError:
        return set()


def _row(element: Element) -> Iterator[Finding]:
    if not element.clock or not element.due:
        return
    named_rows = rows_asked(element.due)
    if named_rows and element.clock not in named_rows:
        rows = "、".join(sorted(named_rows))
        message = f"{named(element)} 是时钟 {element.clock}，时间却按时限表的 {rows} 一行计算。"
        yield at(element, "clock.other_row", message, f'写成 due("{element.clock}")。', severity="warning")


def bare_timers(plan: Plan) -> Iterator[Finding]:
    """Timers that count by a row of the table and keep no record, and clocks that take the task away in silence."""
    for element in plan.elements.values():
        if element.kind != "boundaryEvent" or element.event != "timer" or not element.due:
            continue
        asked = rows_asked(element.due)
        if asked and not element.clock and not _clock_beside(plan, element, asked):
            message = f"{named(element)} 按时限表计时，却没有写 clock：不留记录，也看不出逾期。"
            cure = f'写上 jsjb:clock="{min(asked)}"。'
            yield at(element, "clock.unnamed", message, cure, severity="warning")
        if element.clock and element.interrupting and not element.closes:
            message = f"{named(element)} 到时就收走任务，却没有写 closes：迟到的人不知道为什么不能再办。"
            cure = "写上 jsjb:closes 和拒绝代码；只是逾期提醒的，改为不中断的边界事件。"
            yield at(element, "clock.interrupts", message, cure, severity="warning")


def _clock_beside(plan: Plan, element: Element, kinds: set[str]) -> bool:
    """Whether another event of the same scope is that clock: then one record is kept, and not two."""
    return any(other.clock in kinds for other in plan.scope_of[element.id].elements.values())


def reminders(plan: Plan) -> Iterator[Finding]:
    """Reminders that are never sent, or sent to nobody: `remind` and the lead of the row go together."""
    if plan.vocabulary is None:
        return
    for element in plan.elements.values():
        if element.kind != "boundaryEvent" or not element.clock:
            continue
        reminded = element.clock in plan.vocabulary.reminded
        if element.remind and not reminded:
            message = f"{named(element)} 写了 remind，时限表里却没有它的提前提醒，不会发出。"
            yield at(
                element,
                "clock.no_lead",
                message,
                "在时限表该行填写提前多久提醒，或删去 remind。",
                severity="warning",
            )
        if reminded and not element.remind:
            message = f"时限表里有 {element.clock} 的提前提醒，{named(element)} 却没有写提醒谁。"
            yield at(
                element,
                "clock.no_remind",
                message,
                "写上 jsjb:remind，或在时限表里删去提前提醒。",
                severity="warning",
            )


def codes_of_windows(plan: Plan) -> Iterator[Finding]:
    """Windows whose code is not one a person can be refused with."""
    for element in plan.elements.values():
        if element.closes and not re.fullmatch(r"E_[A-Z0-9_]+", element.closes):
            message = f"{named(element)} 的 closes“{element.closes}”不是拒绝代码。"
            yield at(
                element,
                "clock.closes_code",
                message,
                "用 E_ 开头的大写字母和下划线，例如 E_RETURN_WINDOW_CLOSED。",
            )


def tasks_without_clock(plan: Plan) -> Iterator[Finding]:
    """Tasks that may stay undone for ever: no clock on them or around them, and no word why."""
    for element in plan.elements.values():
        if (
            element.kind != "userTask"
            or element.optional
            or _timed(plan, element, ())
            or _explained(plan, element)
        ):
            continue
        row = f"（{element.article}）" if element.article else ""
        message = f"{named(element)}{row} 没有时限：它和它外面的阶段上都没有计时边界事件。"
        cure = "画一个计时边界事件，或在任务的说明（documentation）里写明为什么没有时限。"
        yield at(element, "task.no_clock", message, cure, severity="warning")


def _timed(plan: Plan, element: Element, chain: tuple[str, ...]) -> bool:
    scope = plan.scope_of[element.id]
    if any(event.event == "timer" for event in scope.borders[element.id]):
        return True
    hosts = [host for host in plan.around(scope) if host.id not in chain]
    return bool(hosts) and all(_timed(plan, host, (*chain, host.id)) for host in hosts)


def _explained(plan: Plan, element: Element) -> bool:
    return element.id in plan.documented
