"""What a release does to the releases that are planned, and they to it: nothing comes early or is lost unsaid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.content.differences import ADDED, REMOVED, FileChange
from service.content.overlaps import Revision, repeated, undone
from service.domain.errors import Finding
from service.domain.ports import UnitOfWork
from service.domain.releases import ReleaseRow, in_force_at, planned_at, standing
from timers.clock import BEIJING

MOST_NAMED = 6
EARLY, TAKEN_BACK, TAKES_BACK = "release.early", "release.taken_back", "release.takes_back"


@dataclass(frozen=True, slots=True)
class Meeting:
    """One planned release that a release made now meets: what is told of it, and the changes that this is about."""

    rule: str
    planned: ReleaseRow
    sentence: str
    changes: Sequence[FileChange]

    def as_finding(self) -> Finding:
        """The same for people who see no page, with what to do."""
        named = [word for change in self.changes for word in words(change)]
        rest = f" 等 {len(named)} 处" if len(named) > MOST_NAMED else ""
        message = f"{self.sentence}：{'；'.join(named[:MOST_NAMED])}{rest}。"
        cure = f"改内容或生效时间，或先撤销第 {self.planned.no} 版；有意如此，请确认照此发布（命令行：--anyway）。"
        return Finding(self.rule, message, cure)


def words(change: FileChange) -> Iterator[str]:
    """What differs of one file, each in some words."""
    if not change.changes:
        yield f"{change.name}{' 新增' if change.how == ADDED else ' 删除' if change.how == REMOVED else ''}"
    for one in change.changes:
        before = "—" if one.before is None else one.before
        after = "—" if one.after is None else one.after
        yield f"{change.name} {one.where} {one.what} {before} → {after}"


def planned_beside(
    uow: UnitOfWork,
    files: Mapping[str, bytes],
    *,
    now: datetime,
    since: datetime,
    made_from: int | None = None,
) -> list[Meeting]:
    """What to know before these files come into force at `since`: changes planned for later that come with them, changes
    of theirs that a later release takes back, and planned changes that they take back themselves.

    `made_from` is the release that they were made from, where that is known: what they change of it is meant.
    Article: 16.
    """
    rows = standing(uow.releases())
    before = in_force_at(rows, since)
    if before is None:
        return []
    in_force = uow.release_files(before.no)
    made = Revision(in_force, files)
    found = []
    for row in planned_at(rows, now):
        revision = revision_of(uow, rows, row)
        when = row.effective_from.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
        if row.effective_from > since:
            early = f"第 {row.no} 版计划于 {when} 生效的改动将提前生效"
            found.append(Meeting(EARLY, row, early, repeated(revision, made)))
            back = f"到 {when} 第 {row.no} 版生效时，这一版的这些改动会被改回"
            found.append(Meeting(TAKEN_BACK, row, back, undone(made, revision.after)))
        elif made_from != before.no:
            takes = f"第 {row.no} 版计划于 {when} 生效的改动，到这一版生效时会被改回"
            found.append(Meeting(TAKES_BACK, row, takes, undone(revision, files)))
    return [one for one in found if one.changes]


def revision_of(uow: UnitOfWork, rows: Sequence[ReleaseRow], row: ReleaseRow) -> Revision:
    """What a release changes when it comes into force."""
    others = [one for one in rows if one.no != row.no]
    previous = in_force_at(others, row.effective_from)
    return Revision(uow.release_files(previous.no) if previous else {}, uow.release_files(row.no))
