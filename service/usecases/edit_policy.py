"""One entry of the policy register (口径) changed in a draft: its value, its standing, and why it is so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from service.content.policy import STATUSES, Entry, Policy, read_policy
from service.content.policy_edit import with_entry
from service.content.release import POLICY_FILE
from service.domain.drafts import Drafts
from service.domain.errors import Conflict, FieldError, FormInvalid, Missing
from service.domain.people import Person
from service.usecases.drafts import DraftView, mark, repeated, view_draft
from service.usecases.house import House
from service.usecases.save_draft import SaveDraft, save_draft

LONGEST_TEXT = 300


@dataclass(frozen=True, slots=True)
class EditEntry:
    """What an owner makes of one entry. `seen` is the mark of the entry they started from."""

    draft_id: str
    key: str
    seen: str
    person: Person
    value: Any
    status: str
    basis: str
    owner: str
    effective_from: date | None
    reason: str


def register_of(files: Mapping[str, bytes]) -> Policy:
    """The register of some content. Raises: ContentInvalid where it cannot be read."""
    return read_policy(POLICY_FILE, files[POLICY_FILE])


def entry_mark(entry: Entry) -> str:
    """What stands for the state of one entry."""
    return mark(repr(entry.as_written()).encode())


def edit_entry(house: House, drafts: Drafts, command: EditEntry) -> Entry:
    """The entry is saved in the register of the draft, whose other characters stay as they are.

    Article: 16 (解释权在党政办公室). Safe to repeat: the same entry again changes nothing.
    Raises: Refused E_NOT_AUTHORIZED; Missing; ContentInvalid where the register cannot be read; FormInvalid with
    every part that will not do; Conflict `draft.changed` where somebody changed this very entry since `seen`.
    """

    def once() -> Entry:
        view = view_draft(house, drafts, command.draft_id, command.person)
        data = view.files[POLICY_FILE]
        current = entry_of(register_of(view.files), command.key)
        wrong = what_is_wrong(view, current, command)
        if wrong:
            raise FormInvalid(wrong)
        wanted = replace(current, **parts(command))
        if wanted.as_written() == current.as_written():
            return current
        if entry_mark(current) != command.seen:
            raise Conflict("这一项在您打开本页之后又被改过。", code="draft.changed")
        content = with_entry(POLICY_FILE, data, command.key, parts(command))
        save_draft(
            house, drafts, SaveDraft(command.draft_id, POLICY_FILE, content, mark(data), command.person)
        )
        return entry_of(read_policy(POLICY_FILE, content), command.key)

    return repeated(once)


def entry_of(register: Policy, key: str) -> Entry:
    """Raises: Missing."""
    entry = register.entries.get(key)
    if entry is None:
        raise Missing("口径表里没有这一项。", code="policy.no_entry")
    return entry


def parts(command: EditEntry) -> dict[str, Any]:
    """The parts of the entry as they are written."""
    return {
        "value": command.value,
        "status": command.status,
        "basis": _line(command.basis),
        "owner": _line(command.owner),
        "effective_from": command.effective_from,
        "reason": _line(command.reason),
    }


def what_is_wrong(view: DraftView, current: Entry, command: EditEntry) -> list[FieldError]:
    """Every part that will not do; a value that differs from the release's needs a reason of its own."""
    errors = []
    try:
        replace(current, value=command.value).reading()
    except ValueError as err:
        errors.append(FieldError("value", "value", f"{err}。"))
    if command.status not in STATUSES:
        errors.append(FieldError("status", "required", "请选择已确认或待确认。"))
    for path, text, name in (
        ("basis", command.basis, "依据"),
        ("owner", command.owner, "由谁解释"),
        ("reason", command.reason, "理由"),
    ):
        if not text.strip() or len(text) > LONGEST_TEXT:
            errors.append(FieldError(path, "required", f"请写明{name}，最多 {LONGEST_TEXT} 个字。"))
    if command.effective_from is None:
        errors.append(FieldError("effective_from", "required", "请填写从哪一天起用。"))
    released = register_of(view.before).entries.get(command.key)
    if released and command.value != released.value and _line(command.reason) == released.reason:
        errors.append(FieldError("reason", "stale", "值变了：请写明这次为什么这样定。"))
    return errors


def _line(text: str) -> str:
    return " ".join(text.split())
