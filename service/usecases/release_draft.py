"""Release a draft: what its owners saw becomes the next release, and the draft is gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeGuard

from service.content.release import hash_of
from service.domain.drafts import DONE, Acknowledgement, Drafts, RehearsalRow, key_of
from service.domain.errors import Conflict, FieldError, FormInvalid
from service.domain.people import Person
from service.domain.releases import ReleaseRow
from service.usecases.drafts import DraftView, mark, view_draft
from service.usecases.house import House
from service.usecases.planned_beside import Meeting, planned_beside
from service.usecases.release_content import (
    Known,
    in_force_from,
    is_taken,
    label_taken,
    release_content,
    same_instant,
)

LONGEST_REASON = 500
UNSEEN = "未等情景演练完成"


@dataclass(frozen=True, slots=True)
class ReleaseDraft:
    """What an owner decides. `seen` is the hash of the content that the page showed them.

    `acknowledged` holds the worked cases that they have seen to differ, each by its key with why that is right;
    `unseen`, that they did not wait for the worked cases; `confirmed`, that they know what a release does;
    `met`, the mark of the planned releases that they have seen it meet.
    """

    draft_id: str
    seen: str
    person: Person
    reason: str
    effective_from: datetime | None = None
    label: str | None = None
    acknowledged: Mapping[str, str] = field(default_factory=dict)
    unseen: bool = False
    confirmed: bool = False
    met: str = ""


def release_draft(house: House, drafts: Drafts, command: ReleaseDraft) -> ReleaseRow:
    """The content of the draft is the next release; running cases keep theirs.

    Article: 16 (口径变更不溯及既往).
    Raises: Refused E_NOT_AUTHORIZED; Missing; FormInvalid with every answer that is missing (see
    `answers_missing`); Conflict `draft.changed` where it is not what was seen, `draft.behind` where another
    release took the place of its own; ContentInvalid with every finding that is an error.
    """
    view = view_draft(house, drafts, command.draft_id, command.person)
    require_seen(view, command)
    row = drafts.rehearsal(command.seen)
    if wrong := answers_missing(house, view, command, row):
        raise FormInvalid(wrong)
    released = release_content(
        house,
        view.files,
        by=command.person,
        reason=told(command, row),
        effective_from=command.effective_from,
        label=(command.label or "").strip() or None,
        known=Known(acknowledgements(row, command), made_from=view.base.no, planned=bool(command.met)),
    )
    drafts.discard(command.draft_id, view.draft.version)
    return released


def require_seen(view: DraftView, command: ReleaseDraft) -> None:
    """Raises: FormInvalid where nothing is changed, Conflict where it is not what the page showed."""
    if not view.is_changed:
        raise FormInvalid([FieldError("draft", "empty", "这份草稿没有任何改动。")])
    if hash_of(view.files) != command.seen:
        raise Conflict("草稿在您打开本页之后又被保存过，请先看清最新的改动。", code="draft.changed")
    if view.is_behind:
        raise Conflict(
            f"{why_behind(view)}，请先把草稿更新到第 {view.in_force.no} 版。",
            code="draft.behind",
            first_at=view.in_force.at,
        )


def why_behind(view: DraftView) -> str:
    """What happened since the draft was begun."""
    if view.base.cancelled is not None:
        return f"这份草稿以第 {view.base.no} 版为基础，那一版已撤销"
    came = view.in_force
    return f"第 {came.no} 版已先{'发布' if came.effective_from <= came.at else '生效'}"


def met_by(house: House, view: DraftView, effective_from: datetime | None) -> list[Meeting]:
    """The planned releases that a release of the draft meets."""
    now = house.clock.now()
    since = effective_from or now
    with house.store.begin(reading=True) as uow:
        return planned_beside(uow, view.files, now=now, since=since, made_from=view.base.no)


def mark_of(met: Sequence[Meeting]) -> str:
    """What stands for what is told of them: who has confirmed it has seen just that. Nothing where none is met."""
    return mark("\n".join(one.as_finding().message for one in met).encode()) if met else ""


def answers_missing(
    house: House, view: DraftView, command: ReleaseDraft, row: RehearsalRow | None
) -> list[FieldError]:
    """What is still to be answered: a reason, a label that no other release has, an instant to come, each worked case that
    differs, the planned releases that it meets, the consequence."""
    return [
        *reason_missing(command.reason, "reason", "请写明发布的理由。"),
        *label_taken_already(house, (command.label or "").strip()),
        *instant_past(house, command.effective_from),
        *unacknowledged(row, command),
        *planned_unseen(met_by(house, view, command.effective_from), command),
        *([] if command.confirmed else [FieldError("confirmed", "required", "请确认您知道发布的后果。")]),
    ]


def reason_missing(reason: str, path: str, sentence: str) -> Iterator[FieldError]:
    if not reason.strip():
        yield FieldError(path, "required", sentence)
    if len(reason) > LONGEST_REASON:
        yield FieldError(path, "long", f"理由最多 {LONGEST_REASON} 个字。")


def label_taken_already(house: House, label: str) -> Iterator[FieldError]:
    with house.store.begin(reading=True) as uow:
        rows = uow.releases()
    if label and is_taken(rows, label):
        found = label_taken(label)
        yield FieldError("label", "taken", f"{found.message}。{found.cure}。")


def instant_past(house: House, effective_from: datetime | None) -> Iterator[FieldError]:
    if effective_from is not None and effective_from < house.clock.now():
        message = "生效时间不能早于现在；要立即生效请选“立即生效”。"
        yield FieldError("effective_from", "past", message)
    elif effective_from is not None:
        with house.store.begin(reading=True) as uow:
            other = in_force_from(uow.releases(), effective_from)
        if other is not None:
            found = same_instant(other)
            yield FieldError("effective_from", "taken", f"{found.message}。{found.cure}。")


def planned_unseen(met: Sequence[Meeting], command: ReleaseDraft) -> Iterator[FieldError]:
    if met and command.met != mark_of(met):
        numbers = "、".join(f"第 {no} 版" for no in sorted({one.planned.no for one in met}))
        message = f"这一版与待生效的{numbers}互相影响：请看清“待生效的版本”一栏，再勾选确认（第十六条）。"
        yield FieldError("met", "required", message)


def unacknowledged(row: RehearsalRow | None, command: ReleaseDraft) -> Iterator[FieldError]:
    """The worked cases that differ and that nobody answers for; or that they have not been played to the end."""
    if not is_played(row):
        if not command.unseen:
            yield FieldError("unseen", "required", "演练还没有完成：请等一等，或勾选不等演练完成就发布。")
        return
    left = [one["case"] for one in row.differing if key_of(one) not in command.acknowledged]
    if left:
        yield FieldError("acknowledged", "required", f"请逐一确认：{'、'.join(left)}")
    for one in row.differing:
        if key_of(one) in command.acknowledged:
            sentence = f"请写明 {one['case']} 变得对在哪里，或填写共同的理由。"
            yield from reason_missing(command.acknowledged[key_of(one)], f"why.{key_of(one)}", sentence)


def acknowledgements(row: RehearsalRow | None, command: ReleaseDraft) -> list[Acknowledgement]:
    """The worked cases that differ, as the release keeps them."""
    return [
        Acknowledgement(
            file=one["file"],
            worked_case=one["case"],
            title=one["title"],
            by=command.person.id,
            reason=command.acknowledged[key_of(one)].strip(),
            steps=tuple(one["steps"]),
        )
        for one in (row.differing if is_played(row) else ())
    ]


def told(command: ReleaseDraft, row: RehearsalRow | None) -> str:
    """The reason as the release keeps it."""
    reason = command.reason.strip()
    return reason if is_played(row) else f"{reason}（{UNSEEN}）"


def is_played(row: RehearsalRow | None) -> TypeGuard[RehearsalRow]:
    """Whether the worked cases have been played to the end on this very content."""
    return row is not None and row.state == DONE
