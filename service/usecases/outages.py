"""An outage that the system could not note by itself is recorded by hand, and withdrawn where it was none."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.domain.errors import FieldError, FormInvalid, Missing, Refused
from service.domain.outages import Outage, Record
from service.domain.people import SYSTEM, Person
from service.domain.permissions import may_record_outage
from service.domain.ports import UnitOfWork
from service.usecases.audit_record import record_without_case
from service.usecases.case_work import CaseWork
from service.usecases.house import House

ARTICLE = "A15-4"
EXCUSED = "excused_instants"  # the fact of the content: when the deadlines fell due that are excused
MOST_WHAT = 60
MOST_REASON = 400
LONGEST = timedelta(days=31)


def record_outage(
    house: House, began_at: datetime | None, ended_at: datetime | None, what: str, reason: str, by: Person
) -> None:
    """Something that the deadlines need was down for a time that is over; what fell due in it may be excused.

    Article: A15-4. Raises: Refused E_NOT_AUTHORIZED; FormInvalid with what is wrong.
    """
    require_may_record(by)
    now = house.clock.now()
    with house.store.begin() as uow:
        errors = [
            *wrong_times(began_at, ended_at, uow.outages(), in_use_since(uow, now), now),
            *wrong_text("what", what, MOST_WHAT, "请写明什么停了，如“学院网络”“分中心线路”。"),
            *wrong_text("reason", reason, MOST_REASON, "请写明原因和依据，如公告、故障单号。"),
        ]
        if errors or began_at is None or ended_at is None:
            raise FormInvalid(errors)
        uow.add_outage(began_at, ended_at, Record(what, reason, by.id, now))
        told = {"from": began_at.isoformat(), "until": ended_at.isoformat(), "what": what, "reason": reason}
        record_without_case(house, uow, by.id, "outage_recorded", told)
        uow.commit()


def withdraw_outage(house: House, outage_id: int, reason: str, by: Person) -> None:
    """What was recorded was none, as long as no excuse relies on it; it stays in the list with the reason.

    Article: A15-4. Raises: Missing; Refused E_NOT_AUTHORIZED, E_OUTAGE_RELIED_ON; FormInvalid without a reason.
    """
    require_may_record(by)
    errors = wrong_text("withdrawn_for", reason, MOST_REASON, "请写明为什么撤销。")
    if errors:
        raise FormInvalid(errors)
    now = house.clock.now()
    with house.store.begin() as uow:
        one = next((one for one in uow.all_outages() if one.id == outage_id), None)
        if one is None or not one.is_recorded or one.withdrawn_at is not None:
            raise Missing("没有这条登记的停机，可能已经撤销；请刷新页面再看。", code="outage.missing")
        relying = cases_relying_on(house, uow, one, now)
        if relying:
            raise Refused(
                "E_OUTAGE_RELIED_ON",
                f"已有裁定靠这段停机免责（{'、'.join(relying)}），不能撤销；登记有误的，请与党政办公室核对裁定。",
                article=ARTICLE,
            )
        uow.withdraw_outage(outage_id, now, by.id, reason)
        told = {"from": one.began_at.isoformat(), "until": one.ended_at.isoformat(), "reason": reason}
        record_without_case(house, uow, by.id, "outage_withdrawn", told)
        uow.commit()


def all_outages(house: House) -> list[Outage]:
    """What the system noted and what people recorded, the latest first."""
    with house.store.begin(reading=True) as uow:
        return uow.all_outages()


def cases_relying_on(house: House, uow: UnitOfWork, one: Outage, now: datetime) -> list[str]:
    """The numbers of the cases with an excuse that no other outage would bear."""
    others = [other for other in uow.all_outages() if other.id != one.id and other.withdrawn_at is None]
    found = []
    for case_id in uow.cases_missing_within(one.began_at, one.ended_at):
        work = CaseWork.of(house, uow, uow.load(case_id), now, f"outage:{one.id}", SYSTEM)
        excused = [at for at in work.scope().fact(EXCUSED) or () if one.covers(at)]
        if any(not any(other.covers(at) for other in others) for at in excused):
            found.append(work.case.case_no)
    return found


def in_use_since(uow: UnitOfWork, now: datetime) -> datetime:
    """From when the first content was in force: before that nothing fell due here."""
    return min((row.effective_from for row in uow.releases() if row.cancelled is None), default=now)


def require_may_record(by: Person) -> None:
    """Raises: Refused E_NOT_AUTHORIZED."""
    if not may_record_outage(by):
        raise Refused(
            "E_NOT_AUTHORIZED",
            "停机由系统管理员登记和撤销；裁定免责的办公室主任不能自己登记，请由另一位管理员登记。",
            article=ARTICLE,
        )


def wrong_times(
    began_at: datetime | None,
    ended_at: datetime | None,
    known: list[tuple[datetime, datetime]],
    since: datetime,
    now: datetime,
) -> list[FieldError]:
    """What is wrong with the time of an outage."""
    errors = []
    if began_at is None:
        errors.append(FieldError("began_at", "required", "请填写停机开始的日期和时间。"))
    if ended_at is None:
        errors.append(
            FieldError("ended_at", "required", "请填写恢复的日期和时间；还没有恢复的，恢复之后再登记。")
        )
    if began_at is None or ended_at is None:
        return errors
    if ended_at > now:
        return [FieldError("ended_at", "future", "恢复时间不能在将来：还没有恢复的，恢复之后再登记。")]
    if began_at >= ended_at:
        return [FieldError("ended_at", "order", "恢复时间须晚于停机开始的时间。")]
    if ended_at - began_at > LONGEST:
        return [FieldError("began_at", "long", f"一次停机最多 {LONGEST.days} 天，请核对日期。")]
    if began_at < since:
        return [FieldError("began_at", "early", "停机开始的时间早于本系统启用，请核对日期。")]
    if any(began <= began_at and ended_at <= ended for began, ended in known):
        return [FieldError("began_at", "taken", "这段时间已经全部在登记的停机之内，不必再登记。")]
    return []


def wrong_text(name: str, text: str, most: int, asked: str) -> list[FieldError]:
    """What is wrong with a text that has to be there."""
    if not text:
        return [FieldError(name, "required", asked)]
    return [FieldError(name, "long", f"最多 {most} 个字。")] if len(text) > most else []
