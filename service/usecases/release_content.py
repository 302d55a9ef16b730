"""Release content: one immutable version of all diagrams, tables, forms and readings."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime

from service.content import load
from service.content.stale_basis import stale_basis
from service.domain.drafts import Acknowledgement
from service.domain.errors import ContentInvalid, Finding, Refused
from service.domain.people import PROCESS_OWNER, Person
from service.domain.releases import ReleaseRow
from service.domain.roster import civil_day
from service.engine import parse
from service.usecases.check_content import check_content
from service.usecases.house import House, Release
from service.usecases.plan_starts import plan_within
from timers.clock import BEIJING

LONGEST_LABEL = 40
BACK_DATED = Finding(
    "release.back_dated",
    "生效时间早于现在：已接收的诉求件按接收时的版本办理，口径变更不溯及既往（第十六条）",
    "不写生效时间即立即生效，或写一个将来的时间",
)


def release_content(
    house: House,
    files: Mapping[str, bytes],
    *,
    by: Person | None,
    reason: str,
    effective_from: datetime | None = None,
    label: str | None = None,
    acknowledged: Sequence[Acknowledgement] = (),
) -> ReleaseRow:
    """Make the files the next release, in force from `effective_from` (at once where None).

    Cases that are under way keep the release of their receipt; processes that begin by themselves begin as the
    release in force then says, so their next beginnings are planned anew. `acknowledged` are the worked cases
    that were seen to differ on it. No two releases have one label: without one it is named by its number and the day
    from which it is in force. Safe to repeat: the files of the newest release, released again under its label or
    without one, give that release back. No two come into force at one instant. `by` is None at set-up.
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
        standing = stand(rows)
        if standing and standing[-1].hash == content.hash and label in (None, standing[-1].label):
            return standing[-1]
        name = label or label_for(rows, content.policy.label, effective_from or now)
        if is_taken(rows, name):
            raise ContentInvalid([label_taken(name)])
        if rows and effective_from is not None and effective_from < now:
            raise ContentInvalid([BACK_DATED])
        if effective_from is not None and (other := in_force_from(rows, effective_from)) is not None:
            raise ContentInvalid([same_instant(other)])
        row = ReleaseRow(
            no=rows[-1].no + 1 if rows else 1,
            hash=content.hash,
            label=name,
            by=by.id if by else "system",
            at=now,
            reason=reason.strip(),
            effective_from=effective_from or now,
            stand_ins=content.policy.stand_ins,
        )
        uow.add_release(row, files, acknowledged)
        release = Release(row, content, parse(content.diagrams))
        plan_within(house, uow, fresh=release)
        uow.commit()
    house.catalogue.keep(release)
    return row


def stand(rows: Sequence[ReleaseRow]) -> list[ReleaseRow]:
    """The releases that were not called off."""
    return [row for row in rows if row.cancelled is None]


def in_force_from(rows: Sequence[ReleaseRow], instant: datetime) -> ReleaseRow | None:
    """The release that comes into force at this very instant already."""
    return next((row for row in stand(rows) if row.effective_from == instant), None)


def same_instant(other: ReleaseRow) -> Finding:
    """Why a release cannot come into force together with another, and what to do. Article: 16."""
    since = other.effective_from.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    message = (
        f"第 {other.no} 版也从 {since} 起生效：同一时刻只能有一版生效，否则分不清按哪一版办理（第十六条）"
    )
    return Finding("release.same_instant", message, f"换一个生效时间，或先撤销第 {other.no} 版")


def noticed_beside(house: House, files: Mapping[str, bytes]) -> list[Finding]:
    """What shows only beside the newest release, and does not keep the files from being the next one: a basis or a
    label that still tells the old figure. Article: 16."""
    with house.store.begin(reading=True) as uow:
        rows = stand(uow.releases())
        before = uow.release_files(rows[-1].no) if rows else {}
    return list(stale_basis(before, files))


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
    return any(folded(row.label) == folded(label) for row in stand(rows))


def folded(label: str) -> str:
    """A label as people read it: whatever the width and the case of its letters."""
    return unicodedata.normalize("NFKC", label).casefold().strip()


def label_taken(label: str) -> Finding:
    """Why a release cannot be called so, and what to do."""
    message = f"已有一版叫“{label}”：两版同名，案件页上就分不清按哪一版办理（第十六条）"
    return Finding("release.label_taken", message, "换一个版本名称，或不填，由系统按版号和生效日编排")
