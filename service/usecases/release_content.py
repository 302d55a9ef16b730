"""Release content: one immutable version of all diagrams, tables, forms and readings."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.content import load
from service.content.stale_basis import stale_basis
from service.domain.drafts import Acknowledgement
from service.domain.errors import ContentInvalid, Finding, Refused
from service.domain.people import PROCESS_OWNER, Person
from service.domain.releases import ReleaseRow, in_force_at, planned_at, standing
from service.domain.roster import civil_day
from service.engine import parse
from service.usecases.check_content import check_content
from service.usecases.house import House, Release
from service.usecases.plan_starts import plan_within
from service.usecases.planned_beside import planned_beside
from timers.clock import BEIJING

LONGEST_LABEL = 40
BACK_DATED = Finding(
    "release.back_dated",
    "生效时间早于现在：已接收的诉求件按接收时的版本办理，口径变更不溯及既往（第十六条）",
    "不写生效时间即立即生效，或写一个将来的时间",
)


@dataclass(frozen=True, slots=True)
class Known:
    """What whoever releases has seen: the worked cases that differ, the release that the files were made from, and that
    they meet planned releases (see `planned_beside`)."""

    worked_cases: Sequence[Acknowledgement] = ()
    made_from: int | None = None
    planned: bool = False


NOTHING = Known()


def release_content(
    house: House,
    files: Mapping[str, bytes],
    *,
    by: Person | None,
    reason: str,
    effective_from: datetime | None = None,
    label: str | None = None,
    known: Known = NOTHING,
) -> ReleaseRow:
    """Make the files the next release, in force from `effective_from` (at once where None).

    Cases that are under way keep the release of their receipt; processes that begin by themselves begin as the
    release in force then says, so their next beginnings are planned anew. `known` is what was seen of it: where it
    meets releases that are planned, it is made only by who knows. No two releases have one label: without one it is
    named by its number and the day from which it is in force. Safe to repeat: the files of the newest release, released
    again under its label or without one, give that release back, unless another has taken its place. No two come into
    force at one instant. `by` is None at set-up.
    Article: 16 (口径变更不溯及既往).
    Raises: Refused E_NOT_AUTHORIZED, ContentInvalid with every finding that is an error.
    """
    if by is not None and not by.holds(PROCESS_OWNER):
        raise Refused("E_NOT_AUTHORIZED", "只有流程管理员可以发布内容。")
    if not reason.strip():
        raise ContentInvalid([Finding("release.reason", "请写明发布的理由。", "填写“理由”")])
    errors = [f for f in check_content(files) if f.severity == "error"]
    if errors:
        raise ContentInvalid(errors)
    content = load(files)
    now = house.clock.now()
    with house.store.begin() as uow:
        rows = uow.releases()
        if label is not None:
            label = require_label(label)
        since = effective_from or now
        if (same := released_already(rows, content.hash, label, since)) is not None:
            return same
        name = label or label_for(rows, content.policy.label, since)
        if is_taken(rows, name):
            raise ContentInvalid([label_taken(name)])
        if rows and effective_from is not None and effective_from < now:
            raise ContentInvalid([BACK_DATED])
        if effective_from is not None and (other := in_force_from(rows, effective_from)) is not None:
            raise ContentInvalid([same_instant(other)])
        if not known.planned and (
            met := planned_beside(uow, files, now=now, since=since, made_from=known.made_from)
        ):
            raise ContentInvalid([one.as_finding() for one in met])
        row = ReleaseRow(
            no=rows[-1].no + 1 if rows else 1,
            hash=content.hash,
            label=name,
            by=by.id if by else "system",
            at=now,
            reason=reason.strip(),
            effective_from=since,
            stand_ins=content.policy.stand_ins,
        )
        uow.add_release(row, files, known.worked_cases)
        release = Release(row, content, parse(content.diagrams))
        plan_within(house, uow, fresh=release)
        uow.commit()
    house.catalogue.keep(release)
    return row


def released_already(
    rows: Sequence[ReleaseRow], content_hash: str, label: str | None, since: datetime
) -> ReleaseRow | None:
    """The newest release where it is this content and holds at that instant, or will: no other has taken its place."""
    stand = standing(rows)
    if not stand or stand[-1].hash != content_hash or label not in (None, stand[-1].label):
        return None
    newest = stand[-1]
    return newest if newest in (in_force_at(rows, since), *planned_at(rows, since)) else None


def in_force_from(rows: Sequence[ReleaseRow], instant: datetime) -> ReleaseRow | None:
    """The release that comes into force at this very instant already."""
    return next((row for row in standing(rows) if row.effective_from == instant), None)


def same_instant(other: ReleaseRow) -> Finding:
    """Why a release cannot come into force together with another, and what to do. Article: 16."""
    since = other.effective_from.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    message = (
        f"第 {other.no} 版也从 {since} 起生效：同一时刻只能有一版生效，否则分不清按哪一版办理（第十六条）"
    )
    return Finding("release.same_instant", message, f"换一个生效时间，或先撤销第 {other.no} 版")


def noticed_beside(
    house: House, files: Mapping[str, bytes], effective_from: datetime | None = None
) -> list[Finding]:
    """What shows only beside the release that these files take the place of, and does not keep them from it: a basis or a
    label that still tells the old figure; the planned releases that they meet. Article: 16."""
    now = house.clock.now()
    since = effective_from or now
    with house.store.begin(reading=True) as uow:
        row = in_force_at(uow.releases(), since)
        before = uow.release_files(row.no) if row else {}
        met = planned_beside(uow, files, now=now, since=since)
    return [*stale_basis(before, files), *(replace(one.as_finding(), severity="warning") for one in met)]


def label_for(rows: Sequence[ReleaseRow], of_policy: str, since: datetime) -> str:
    """What the next release is called where nobody says: as its policy calls itself, while no other is called so; else
    by its number and the day from which it is in force."""
    if not is_taken(rows, of_policy):
        return of_policy
    return f"v{rows[-1].no + 1 if rows else 1}（{civil_day(since)}）"


def require_label(label: str) -> str:
    """A label that somebody chose, without blanks around it. Raises: ContentInvalid where it is empty or too long."""
    found = " ".join(label.split())
    if not 0 < len(found) <= LONGEST_LABEL:
        message = f"版本名称须有 1 至 {LONGEST_LABEL} 个字"
        raise ContentInvalid([Finding("release.label", message, "换一个版本名称，或不填")])
    return found


def is_taken(rows: Sequence[ReleaseRow], label: str) -> bool:
    """Whether a release is called so already, or so much like it that nobody could tell them apart; one that was called
    off leaves its label to another."""
    return any(folded(row.label) == folded(label) for row in standing(rows))


def folded(label: str) -> str:
    """A label as people read it: whatever the width and the case of its letters."""
    return unicodedata.normalize("NFKC", label).casefold().strip()


def label_taken(label: str) -> Finding:
    """Why a release cannot be called so, and what to do."""
    message = f"已有一版叫“{label}”：两版同名，案件页上就分不清按哪一版办理（第十六条）"
    return Finding("release.label_taken", message, "换一个版本名称，或不填，由系统按版号和生效日编排")
