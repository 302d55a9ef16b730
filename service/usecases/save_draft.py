"""Save one file of a draft. Whoever started from other bytes is told who was first, and loses nothing."""

from __future__ import annotations

from dataclasses import dataclass

from service.domain.drafts import DraftFile, Drafts
from service.domain.errors import Conflict, Finding, Invalid, Missing
from service.domain.people import Person
from service.usecases.check_content import findings_of_draft
from service.usecases.drafts import DraftView, mark, repeated, view_draft
from service.usecases.house import House

LARGEST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SaveDraft:
    """One file as an editor hands it in. `seen` is the mark of the bytes the editor started from."""

    draft_id: str
    name: str
    content: bytes
    seen: str
    person: Person


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save gave. `replayed`: these very bytes were there already."""

    mark: str
    replayed: bool
    findings: tuple[Finding, ...]


def save_draft(house: House, drafts: Drafts, command: SaveDraft) -> Saved:
    """The file is saved, whatever is wrong with it; the findings say what must be mended before a release.

    Safe to repeat: the same bytes again change nothing.
    Raises: Refused E_NOT_AUTHORIZED; Missing; Invalid for what is no text; Conflict `draft.changed` with
    `first_by` and `first_at` where somebody saved the file since `seen`.
    """
    require_text(command.content)

    def once() -> tuple[DraftView, bool]:
        view = view_draft(house, drafts, command.draft_id, command.person)
        replayed = require_seen(house, view, command)
        now = house.clock.now()
        if replayed:
            pass
        elif view.before.get(command.name) == command.content:
            drafts.take_back(view.draft, command.name, now)
        else:
            drafts.put(view.draft, DraftFile(command.name, command.content, command.person.id, now))
        return view, replayed

    view, replayed = repeated(once)
    files = {**view.files, command.name: command.content}
    return Saved(mark(command.content), replayed, tuple(findings_of_draft(view.before, files)))


def require_seen(house: House, view: DraftView, command: SaveDraft) -> bool:
    """Whether the bytes are there already. Raises: Missing, Conflict where others came in between."""
    current = view.files.get(command.name)
    changed = view.changed.get(command.name)
    if current is None and changed is not None:
        message = "这个文件已从草稿里移走，您的修改没有保存；在草稿页恢复它以后再保存。"
        raise Conflict(message, code="draft.removed")
    if current is None:
        raise Missing("内容里没有这个文件。", code="draft.no_file")
    if current == command.content:
        return True
    if mark(current) == command.seen:
        return False
    by = changed.changed_by if changed else view.base.by
    with house.store.begin() as uow:
        name = uow.name_of(by) or "他人"
    raise Conflict(
        f"{name}已先保存了这个文件，您的修改没有覆盖它。",
        code="draft.changed",
        first_by=name,
        first_at=changed.changed_at if changed else view.draft.changed_at,
    )


def take_back(house: House, drafts: Drafts, draft_id: str, name: str, person: Person) -> None:
    """The file is again that of the release. Safe to repeat.

    Raises: Refused; Missing, also for a file that the release does not have: such a one is taken away.
    """

    def once() -> None:
        view = view_draft(house, drafts, draft_id, person)
        if name not in view.before:
            raise Missing("发布版里没有这个文件。", code="draft.no_file")
        if name in view.changed:
            drafts.take_back(view.draft, name, house.clock.now())

    repeated(once)


def check_draft_file(
    house: House, drafts: Drafts, draft_id: str, name: str, content: bytes, person: Person
) -> list[Finding]:
    """What would be found in the draft with this file in it; nothing is saved."""
    require_text(content)
    view = view_draft(house, drafts, draft_id, person)
    return findings_of_draft(view.before, {**view.files, name: content})


def require_text(content: bytes) -> None:
    """Raises: Invalid for bytes that are too many, or no UTF-8 text."""
    if len(content) > LARGEST_BYTES:
        raise Invalid(f"文件超过 {LARGEST_BYTES // 1024} KB，没有保存。", code="draft.too_large")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as err:
        raise Invalid("文件不是 UTF-8 文字，没有保存。", code="draft.not_text") from err
    if "\x00" in text:
        raise Invalid("文件含有不允许的字符，没有保存。", code="draft.not_text")
