"""The timeline of a case in plain words, told from its audit chain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from service.domain.audit import CLUE, LOOKS
from service.domain.people import DISCIPLINE, ROLE_NAMES
from service.domain.permissions import OFFICE_ROLES
from service.store.reads.case_page import NoticeRow, Recorded, for_discipline_alone
from service.usecases.case_view import CaseRead, CaseView, ShownForm
from service.web import words
from service.web.naming import article_name, department_name, person_name
from service.web.show import beijing
from timers.clock import BEIJING

SUBMISSION = "submission"
STATUS = "status"
BREACH = "breach"
REFUSAL = "refusal"
NOTE = "note"
LOOKED = "looked"
MADE_UP = timedelta(minutes=1)  # the loop itself takes a second or two


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened. `kind` colours it; `more` are smaller lines below."""

    at: datetime
    kind: str
    text: str
    more: tuple[str, ...] = ()
    submission_id: str | None = None


def timeline(
    view: CaseView, records: Sequence[Recorded], sent: Sequence[NoticeRow], roles: Iterable[str]
) -> list[Happening]:
    """What happened, the latest first. Looks at restricted cases are told to the office alone, and what the
    discipline office does or is told to itself alone."""
    forms = {one.submission.id: one for one in view.forms}
    held = set(roles)
    hidden = set() if OFFICE_ROLES & held else set(LOOKS)
    hidden |= set() if DISCIPLINE in held else {CLUE}
    secret = frozenset() if DISCIPLINE in held else for_discipline_alone(sent)
    shown = [
        record
        for record in records
        if record.kind not in hidden
        and not view.apart.hides(record.payload.get("form"), record.payload.get("trail", ()))
    ]
    found = [told(without(record, secret), forms, view) for record in folded(shown)]
    return [one for one in reversed(found) if one is not None]


def folded(records: Sequence[Recorded]) -> list[Recorded]:
    """The records with a person's looks within one hour of the day as one, where the last of them stands."""
    looks: dict[tuple[str, datetime], list[Recorded]] = {}
    for record in records:
        if record.kind == LOOKED:
            looks.setdefault((record.actor, hour_of(record)), []).append(record)
    last = {of_hour[-1].seq: of_hour for of_hour in looks.values()}
    return [
        with_looks(record, last[record.seq]) if record.seq in last else record
        for record in records
        if record.kind != LOOKED or record.seq in last
    ]


def hour_of(record: Recorded) -> datetime:
    return record.at.astimezone(BEIJING).replace(minute=0, second=0, microsecond=0)


def with_looks(record: Recorded, looks: Sequence[Recorded]) -> Recorded:
    """The last look of an hour, with how often and since when."""
    return replace(record, payload={**record.payload, "times": len(looks), "since": looks[0].at})


def without(record: Recorded, secret: frozenset[str]) -> Recorded:
    """The record without the notices that are not for whoever reads it."""
    kept = [kind for kind in record.payload.get("notices") or () if kind not in secret]
    return replace(record, payload={**record.payload, "notices": kept})


def told(record: Recorded, forms: Mapping[str, ShownForm], view: CaseView) -> Happening | None:
    """One record as a sentence."""
    match record.kind:
        case "submitted":
            return submitted(record, forms)
        case "due_passed":
            return due_passed(record, view)
        case "reminded":
            kind = record.payload.get("clock")
            return Happening(
                record.at, NOTE, f"提醒：“{name_of(kind, view)}”即将到期", notices(record.payload)
            )
        case "refused":
            return refused(record, view)
        case "looked":
            return looked(record)
        case "began":
            return began(record, view)
        case "recomputed":
            return recomputed(record)
        case _:
            return in_short(record)


def in_short(record: Recorded) -> Happening:
    """What somebody did that changes nothing of the case."""
    payload = record.payload
    match record.kind:
        case "disclosed":
            reason = f"理由：{payload.get('reason', '')}"
            return Happening(record.at, NOTE, f"{who(record)}查看了诉求人联系方式", (reason,))
        case "claimed":
            text = f"领取了“{payload.get('task')}”"
        case "given_back":
            holder = str(payload.get("holder"))
            whose = "" if holder == record.actor else f"{person_name(holder)}领取的"
            text = f"放回了{whose}“{payload.get('task')}”"
        case "exported":
            text = "导出了单据"
        case "found":
            text = "按诉求人姓名或电话查到了本件"
        case "clue":
            text = "的查看异常，已提示线索"
        case _:
            text = f"：{record.kind}"
    return Happening(record.at, NOTE, who(record) + text)


def began(record: Recorded, view: CaseView) -> Happening:
    """A process began by itself; where it was made up afterwards, when it should have begun."""
    drawn = view.release.definition.processes.get(str(record.payload.get("process")))
    due_at = datetime.fromisoformat(str(record.payload.get("begins_at")))
    late = (f"应于 {beijing(due_at)} 开始，停机后补开",) if record.at - due_at > MADE_UP else ()
    more = (*late, *clock_changes(record.payload), *notices(record.payload))
    return Happening(record.at, STATUS, f"到时自己开始：{drawn.name if drawn else '流程'}", more)


def recomputed(record: Recorded) -> Happening | None:
    """Another table of holidays moved deadlines; nothing is told of those of the discipline office."""
    moved = tuple(f"“{name}”由 {was} 改为 {due}" for name, was, due in record.payload["moved"])
    text = "放假安排改变，时限已重算"
    return Happening(record.at, NOTE, text, (*moved, *notices(record.payload))) if moved else None


def submitted(record: Recorded, forms: Mapping[str, ShownForm]) -> Happening:
    """A form was handed in, and what followed from it at once."""
    shown = forms.get(str(record.payload.get("submission")))
    if shown is None:
        return Happening(record.at, SUBMISSION, f"{who(record)}提交了表单", notices(record.payload))
    by = shown.submission
    role = ROLE_NAMES.get(by.by_role, by.by_role)
    place = f"{department_name(by.department)}，" if by.department else ""
    text = f"{by.by_name}（{place}{role}）提交了“{shown.form.title}”"
    more = (
        *marked(shown),
        *statuses(record.payload),
        *clock_changes(record.payload),
        *notices(record.payload),
    )
    return Happening(record.at, STATUS if record.payload.get("status") else SUBMISSION, text, more, by.id)


def marked(shown: ShownForm) -> tuple[str, ...]:
    """That something was entered after it happened, with both times."""
    mark = shown.mark
    if mark is None:
        return ()
    return (f"{mark.text}：{beijing(mark.happened_at)} 发生，{beijing(shown.submission.at)} 录入",)


def due_passed(record: Recorded, view: CaseView) -> Happening:
    """A due time passed: a deadline missed, a window closed, or something else that was drawn to follow."""
    kind = record.payload.get("clock")
    states = [entry[1] for entry in (record.payload.get("clocks") or {}).values() if entry[0] == kind]
    more = (*statuses(record.payload), *notices(record.payload))
    if kind is None:
        drawn = view.release.definition.elements.get(str(record.payload.get("node")))
        named = f"到时：{drawn.name}" if drawn and drawn.name else "到了规定的时刻"
        return Happening(record.at, NOTE, named, more)
    name = name_of(kind, view)
    if "expired" in states:
        return Happening(record.at, NOTE, f"“{name}”已过，不能再办理", more)
    return Happening(record.at, BREACH, f"“{name}”逾期", more)


def looked(record: Recorded) -> Happening:
    """Somebody looked at what is restricted, once or several times within the hour."""
    text = f"{who(record)}查看了受限内容"
    if (times := record.payload.get("times", 1)) == 1:
        return Happening(record.at, NOTE, text)
    return Happening(record.at, NOTE, f"{text} {times} 次", (f"{beijing(record.payload['since'])} 起",))


def refused(record: Recorded, view: CaseView) -> Happening:
    """Somebody tried what the rules do not allow; nothing changed."""
    form = view.release.content.forms.get(str(record.payload.get("form")))
    title = form.title if form else record.payload.get("form")
    grounds = (record.payload, *record.payload.get("further", ()))
    more = tuple(line for ground in grounds for line in ground_lines(ground, shows_words=view.sight.content))
    return Happening(record.at, REFUSAL, f"{who(record)}办理“{title}”未获接受", more)


def ground_lines(ground: Mapping[str, Any], *, shows_words: bool) -> Iterator[str]:
    """One rule that stood against it: its sentence, for those who see the content, and what it rests on."""
    if shows_words:
        yield str(ground.get("message", ""))
    if ground.get("article"):
        yield f"依据：{article_name(str(ground['article']))}"


def who(record: Recorded) -> str:
    return record.actor_name or ("系统" if record.actor == "system" else record.actor)


def statuses(payload: Mapping[str, Any]) -> tuple[str, ...]:
    reached = payload.get("status") or []
    return (f"状态：{'、'.join(words.status_name(one) for one in reached)}",) if reached else ()


def notices(payload: Mapping[str, Any]) -> tuple[str, ...]:
    sent = payload.get("notices") or []
    return (f"通知：{'、'.join(words.NOTICES.get(one, one) for one in sent)}",) if sent else ()


def clock_changes(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """Which deadlines began to run, and which were met."""
    by_state: dict[str, list[str]] = {}
    for kind, state, _ in (payload.get("clocks") or {}).values():
        by_state.setdefault(state, []).append(words.clock_name(kind))
    return tuple(
        f"{label}：{'、'.join(dict.fromkeys(by_state[state]))}"
        for state, label in (("running", "计时"), ("met", "按时完成"), ("met_late", "逾期完成"))
        if state in by_state
    )


def name_of(kind: str | None, view: CaseRead) -> str:
    """The name of a kind of clock, as the diagram has it where we have none."""
    drawn = next(
        (e.name for e in view.release.definition.elements.values() if e.clock == kind and e.name), None
    )
    return words.clock_name(kind or "", drawn)
