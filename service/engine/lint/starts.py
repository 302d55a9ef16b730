"""Start events on a timer: when, for whom, about what, for which period. There is no case yet, and so no form of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from service.content.lint.expressions import findings, problems
from service.content.lint.vocabulary import OF_STARTS, Vocabulary
from service.domain.errors import Broken, Finding
from service.domain.recurring import RECURRENCES, following
from service.engine.lint.clocks import is_period
from service.engine.lint.plan import Plan, at, named
from service.engine.model import Element
from service.feel import FeelError
from service.feel import compile as compile_feel

WORDS = {"for_whom": "for", "about": "about", "period": "period"}
SHOWN = "、".join(f"{name}(…)" for name in RECURRENCES)
# from here the next beginnings are worked out, to see whether there are any: the day on which the regulation came
TRIED_FROM = datetime(2024, 1, 25, tzinfo=UTC)


def starts(plan: Plan) -> Iterator[Finding]:
    """Start events that are a timer and something else, or say for whom they begin without one."""
    for element in plan.elements.values():
        if element.kind != "startEvent":
            continue
        words = [word for name, word in WORDS.items() if getattr(element, name)]
        if element.event != "timer":
            for word in words:
                message = f"{named(element)} 写了 jsjb:{word}，却不是计时开始事件。"
                cure = "画成计时开始事件，写上何时开始；或删去这个属性。"
                yield at(element, "start.no_timer", message, cure)
            continue
        if element.form:
            message = f"{named(element)} 既有表单又有计时：是有人提交才开始，还是到时自己开始，分不清。"
            cure = "两种开头画成两个流程：一个写 jsjb:form，一个写计时。"
            yield at(element, "start.form_and_timer", message, cure)
        if plan.scope_of[element.id].process.is_stage:
            message = f"{named(element)} 是被调用的流程的开始，不会到时自己开始。"
            yield at(element, "start.timed_stage", message, "去掉计时，改为空的开始事件。")
        if element.clock or element.subject:
            message = f"{named(element)} 到时自己开始，没有人提交表单：clock、subject 在这里不起作用。"
            yield at(element, "start.timed_words", message, "删去这些属性；时限画成后面任务的边界事件。")


def beginnings(plan: Plan) -> Iterator[Finding]:
    """Start events on a timer that never come again, or ask for what is not there before a case is."""
    if plan.vocabulary is None:
        return
    for element in _timed(plan):
        for where, text in _texts(element):
            found = list(_expression(plan.vocabulary, element, where, text))
            yield from found
            if where == "时间" and not found:
                yield from _recurs(plan.vocabulary, element, text)


def _timed(plan: Plan) -> Iterator[Element]:
    for element in plan.elements.values():
        if element.kind == "startEvent" and element.event == "timer":
            yield element


def _texts(element: Element) -> Iterator[tuple[str, str]]:
    if element.due and not is_period(element.due):
        yield "时间", element.due
    for name, word in WORDS.items():
        if text := getattr(element, name):
            yield f"jsjb:{word}", text


def _expression(vocabulary: Vocabulary, element: Element, where: str, text: str) -> Iterator[Finding]:
    try:
        names = compile_feel(text).names
    except FeelError:
        return
    known = {"policy"} if where == "时间" else {"policy", "now", "departments"}
    if wrong := sorted(names - known):
        message = f"{where}里用了 {'、'.join(wrong)}，这时还没有诉求件，也就没有这些。"
        cure = f"这里只有 {'、'.join(sorted(known))}，以及 {'、'.join(OF_STARTS)} 这些函数。"
        yield at(element, "start.no_case", message, cure)
        return
    found = problems(text, vocabulary.of_starts, own=vocabulary.own_of_starts)
    yield from findings(found, where, element.file, element.line, element.id)


def _recurs(vocabulary: Vocabulary, element: Element, text: str) -> Iterator[Finding]:
    """It is tried out with the readings of the policy as they are: twice, since once is no coming again."""
    try:
        first = following(text, TRIED_FROM, vocabulary.policy.values)
        following(text, first, vocabulary.policy.values)
    except Broken as broken:
        message = f"{named(element)}：{broken.message}"
        cure = f'写成 {SHOWN}，例如 monthly(1, "09:00")。'
        yield at(element, "start.never_again", message, cure)


__all__ = ["beginnings", "starts"]
