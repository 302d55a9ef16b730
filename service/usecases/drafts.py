"""Drafts: begin one, read what it makes of the content, bring it up to a newer release, give it up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from service.content.load import NEEDED
from service.domain.drafts import Draft, DraftFile, Drafts
from service.domain.errors import Conflict, FieldError, FormInvalid, Refused, Stale
from service.domain.people import PROCESS_OWNER, Person
from service.domain.releases import ReleaseRow, bases_at
from service.usecases.house import House
from timers.clock import BEIJING

LONGEST_TITLE = 60
TRIES = 3

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DraftView:
    """A draft as its owners see it: what it starts from, what it changes, what comes of it."""

    draft: Draft
    base: ReleaseRow
    bases: Sequence[ReleaseRow]  # what a draft may be begun from now
    next_no: int  # the number that a release of it would have
    changed: Mapping[str, DraftFile]
    before: Mapping[str, bytes]  # the files of the base
    files: Mapping[str, bytes]  # those files with the changes

    @property
    def is_changed(self) -> bool:
        """Whether a release would differ: a file that was added and taken away again makes no difference."""
        return self.files != self.before

    def may_remove(self, name: str) -> bool:
        """Whether a release can be without this file."""
        return name not in NEEDED

    @property
    def in_force(self) -> ReleaseRow:
        """The release from which it goes on where it is behind."""
        return self.bases[0]

    @property
    def is_behind(self) -> bool:
        """Whether another release took the place of the one it was begun from, or that one was called off."""
        return all(self.base.no != one.no for one in self.bases)

    @property
    def left_out(self) -> Sequence[ReleaseRow]:
        """The planned releases that it was not begun from: their changes are not in it."""
        return [one for one in self.bases[1:] if one.no != self.base.no]


def require_owner(person: Person) -> None:
    """Raises: Refused E_NOT_AUTHORIZED for anybody but a process owner."""
    if not person.holds(PROCESS_OWNER):
        raise Refused("E_NOT_AUTHORIZED", "只有流程管理员可以修改和发布内容。")


def begin_draft(
    house: House, drafts: Drafts, person: Person, *, key: str, title: str = "", base: int | None = None
) -> Draft:
    """A draft of the release in force, or of a planned one that is named. Safe to repeat with the same `key`, which
    becomes its id.

    Raises: Refused E_NOT_AUTHORIZED; FormInvalid where the title is too long or used already, or the release named is
    neither in force nor planned.
    """
    require_owner(person)
    known = drafts.all()
    for one in known:
        if one.id == key:
            return one
    now = house.clock.now()
    mine = {one.title for one in known if one.person_id == person.id}
    named = title.strip() or free_title(now, mine)
    if len(named) > LONGEST_TITLE:
        raise FormInvalid([FieldError("title", "long", f"名称最多 {LONGEST_TITLE} 个字。")])
    if named in mine:
        raise FormInvalid([FieldError("title", "taken", f"您已有名为“{named}”的草稿。")])
    draft = Draft(key, person.id, named, base_of(house, base, now).no, 1, now, now)
    drafts.begin(draft)
    return draft


def free_title(now: datetime, mine: set[str]) -> str:
    """A title for a draft that was given none: the day, and a number where that is not the first."""
    day = now.astimezone(BEIJING)
    first = f"{day.month}月{day.day}日的修改"
    return next(
        title
        for number in range(1, len(mine) + 2)
        if (title := first if number == 1 else f"{first}（{number}）") not in mine
    )


def base_of(house: House, chosen: int | None, now: datetime) -> ReleaseRow:
    """The release that a new draft changes: the one in force unless another is chosen. Raises: FormInvalid."""
    with house.store.begin(reading=True) as uow:
        bases = bases_at(uow.releases(), now)
    if chosen is None:
        return bases[0]
    found = next((row for row in bases if row.no == chosen), None)
    if found is None:
        message = f"第 {chosen} 版已撤销，或既不现行也不待生效；请从现行版或待生效的版本起草。"
        raise FormInvalid([FieldError("base", "unknown", message)])
    return found


def view_draft(house: House, drafts: Drafts, draft_id: str, person: Person) -> DraftView:
    """A draft with the content that comes of it. Raises: Missing, Refused E_NOT_AUTHORIZED."""
    require_owner(person)
    draft = drafts.find(draft_id)
    with house.store.begin() as uow:
        rows = uow.releases()
        before = uow.release_files(draft.base_release_no)
    base = next(row for row in rows if row.no == draft.base_release_no)
    changed = drafts.files(draft_id)
    files = overlaid(before, changed)
    bases = bases_at(rows, house.clock.now())
    return DraftView(draft, base, bases, rows[-1].no + 1, changed, before, files)


def overlaid(before: Mapping[str, bytes], changed: Mapping[str, DraftFile]) -> dict[str, bytes]:
    """The files of a release with the changes of a draft laid over them."""
    files = dict(before)
    for name, file in changed.items():
        data = file.over(before.get(name))
        if data is None:
            files.pop(name, None)
        else:
            files[name] = data
    return files


def bring_up(house: House, drafts: Drafts, draft_id: str, person: Person, *, keep_mine: bool) -> Draft:
    """The draft starts from the release in force, where it is behind. Safe to repeat.

    Raises: Conflict `draft.overlap` where both changed the same file and `keep_mine` was not said.
    """
    view = view_draft(house, drafts, draft_id, person)
    if view.is_behind:
        both = overlap(house, view)
        if both and not keep_mine:
            names = "、".join(both)
            raise Conflict(f"第 {view.in_force.no} 版也改过：{names}。", code="draft.overlap", files=both)
        drafts.rebase(view.draft, view.in_force.no, house.clock.now())
    return drafts.find(draft_id)


def overlap(house: House, view: DraftView) -> list[str]:
    """The files that this draft and the release in force both changed, to something different."""
    if not view.is_behind:
        return []
    with house.store.begin() as uow:
        after = uow.release_files(view.in_force.no)
    return [
        name
        for name in view.changed
        if after.get(name) != view.before.get(name) and after.get(name) != view.files.get(name)
    ]


def discard_draft(house: House, drafts: Drafts, draft_id: str, person: Person) -> None:
    """The draft is gone. Safe to repeat. Raises: Refused E_NOT_AUTHORIZED."""
    require_owner(person)
    drafts.discard(draft_id)


def repeated(once: Callable[[], T]) -> T:
    """Do it again where somebody saved another file of the draft meanwhile. Raises: Stale after several tries."""
    for _ in range(TRIES - 1):
        try:
            return once()
        except Stale:
            continue
    return once()


def mark(content: bytes) -> str:
    """What stands for the state of one file: two editors with the same mark saw the same bytes."""
    return hashlib.sha256(content).hexdigest()
