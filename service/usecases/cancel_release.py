"""Call off a release that is still to come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from service.domain.errors import Conflict, FieldError, FormInvalid, Missing, Refused
from service.domain.people import PROCESS_OWNER, SYSTEM, Person
from service.domain.releases import Cancellation, ReleaseRow
from service.usecases.audit_record import record_without_case
from service.usecases.house import House
from service.usecases.plan_starts import plan_within

LONGEST_REASON = 500
# a registration that has looked at the releases already must be through before one of them comes into force
LATEST_BEFORE = timedelta(minutes=1)


def cancel_release(house: House, no: int, *, by: Person | None, reason: str) -> ReleaseRow:
    """The release never comes into force; its number, its files and why it was called off stay.

    What begins by itself is planned anew by the releases that are left. `by` is None for the one who runs the
    installation. Safe to repeat: whoever called it off calls it off once.
    Article: 16. Raises: Refused E_NOT_AUTHORIZED; Missing; FormInvalid without a reason; Conflict
    `release.in_force`, `release.in_use` or `release.cancelled`.
    """
    if by is not None and not by.holds(PROCESS_OWNER):
        raise Refused("E_NOT_AUTHORIZED", "只有流程管理员可以撤销待生效的版本。")
    actor = by.id if by else SYSTEM.person
    with house.store.begin() as uow:
        row = found(uow.releases(), no)
        if row.cancelled is not None and row.cancelled.by == actor:
            return row
        now = house.clock.now()
        if (
            refusal := may_not_cancel(row, in_use=uow.is_release_in_use(no), latest=now + LATEST_BEFORE)
        ) is not None:
            raise refusal
        require_reason(reason)
        uow.cancel_release(Cancellation(no, actor, now, reason.strip()))
        told = {
            "release": no,
            "label": row.label,
            "effective_from": row.effective_from,
            "reason": reason.strip(),
        }
        record_without_case(house, uow, actor, "release_cancelled", told)
        plan_within(house, uow)
        cancelled = found(uow.releases(), no)
        uow.commit()
    return cancelled


def found(rows: Sequence[ReleaseRow], no: int) -> ReleaseRow:
    """Raises: Missing."""
    row = next((one for one in rows if one.no == no), None)
    if row is None:
        raise Missing(f"没有第 {no} 版内容。", code="release.missing")
    return row


def may_not_cancel(row: ReleaseRow, *, in_use: bool, latest: datetime) -> Conflict | None:
    """Why a release cannot be called off; None where it can. Article: 16."""
    if row.cancelled is not None:
        message = f"第 {row.no} 版已经撤销过了。"
        return Conflict(message, code="release.cancelled", first_at=row.cancelled.at)
    if in_use:
        message = f"已有诉求件按第 {row.no} 版办理，不能撤销（第十六条）；要改回去，请再发布一版。"
        return Conflict(message, code="release.in_use")
    if row.effective_from < latest:
        message = f"第 {row.no} 版已经生效或马上生效，不能撤销（第十六条）；要改回去，请再发布一版。"
        return Conflict(message, code="release.in_force", first_at=row.effective_from)
    return None


def built_on(rows: Sequence[ReleaseRow], row: ReleaseRow) -> list[ReleaseRow]:
    """The releases made after it that stand: they hold what it changed, whether it is called off or not."""
    return [one for one in rows if one.no > row.no and one.cancelled is None]


def require_reason(reason: str) -> None:
    """Raises: FormInvalid."""
    if not reason.strip():
        raise FormInvalid([FieldError("reason", "required", "请写明撤销的理由。")])
    if len(reason) > LONGEST_REASON:
        raise FormInvalid([FieldError("reason", "long", f"理由最多 {LONGEST_REASON} 个字。")])
