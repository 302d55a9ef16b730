"""Release a draft: what its owners saw becomes the next release, and the draft is gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.content.release import hash_of
from service.domain.drafts import Drafts
from service.domain.errors import Conflict, FieldError, FormInvalid
from service.domain.people import Person
from service.domain.ports import ReleaseRow
from service.usecases.drafts import view_draft
from service.usecases.house import House
from service.usecases.release_content import release_content

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class ReleaseDraft:
    """What an owner decides. `seen` is the hash of the content that the page showed them."""

    draft_id: str
    seen: str
    person: Person
    reason: str
    effective_from: datetime | None = None
    label: str | None = None


def release_draft(house: House, drafts: Drafts, command: ReleaseDraft) -> ReleaseRow:
    """The content of the draft is the next release; running cases keep theirs.

    Article: 16 (口径变更不溯及既往).
    Raises: Refused E_NOT_AUTHORIZED; Missing; FormInvalid (reason, effective_from, nothing changed);
    Conflict `draft.changed` where it is not what was seen, `draft.behind` where a newer release is there;
    ContentInvalid with every finding that is an error.
    """
    view = view_draft(house, drafts, command.draft_id, command.person)
    require_form(house, command)
    if not view.changed:
        raise FormInvalid([FieldError("draft", "empty", "这份草稿没有任何改动。")])
    if hash_of(view.files) != command.seen:
        raise Conflict("草稿在您打开本页之后又被保存过，请先看清最新的改动。", code="draft.changed")
    if view.is_behind:
        raise Conflict(
            f"第 {view.newest.no} 版已先发布，请先把草稿更新到这一版。",
            code="draft.behind",
            first_at=view.newest.at,
        )
    row = release_content(
        house,
        view.files,
        by=command.person,
        reason=command.reason,
        effective_from=command.effective_from,
        label=(command.label or "").strip() or None,
    )
    drafts.discard(command.draft_id, view.draft.version)
    return row


def require_form(house: House, command: ReleaseDraft) -> None:
    """Raises: FormInvalid for a missing reason, or an instant that lies in the past."""
    errors = []
    if not command.reason.strip():
        errors.append(FieldError("reason", "required", "请写明发布的理由。"))
    if len(command.reason) > LONGEST_REASON:
        errors.append(FieldError("reason", "long", f"理由最多 {LONGEST_REASON} 个字。"))
    if command.effective_from is not None and command.effective_from < house.clock.now():
        errors.append(
            FieldError("effective_from", "past", "生效时间不能早于现在；要立即生效请选“立即生效”。")
        )
    if errors:
        raise FormInvalid(errors)
