"""Submit a form: the one command by which a person moves a case on, or opens one."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime

from service.domain.case import Submitted
from service.domain.changes import LoadedCase
from service.domain.errors import Conflict, Invalid, KeyReused, Missing, Refused, Stale
from service.domain.ports import UnitOfWork
from service.engine import complete
from service.usecases.authorize import open_task, require_content, require_role, require_sight, side_start
from service.usecases.case_change import change_of
from service.usecases.case_work import CaseWork
from service.usecases.clock_book import STANDING
from service.usecases.effects import Effects, effects_of
from service.usecases.fire_due import fire_first
from service.usecases.house import House
from service.usecases.open_process import start_side_process, without_case
from service.usecases.refusals import record_refusal
from service.usecases.related_cases import in_related_cases
from service.usecases.submission import Judge, SubmitForm, fingerprint_of, judged_values, submission_of
from service.usecases.trust_clock import require_trusted
from timers import faults

ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Receipt(Submitted):
    """What a submission did. `replayed`: the key was seen before and this is its first receipt."""

    replayed: bool = False
    effects: Effects | None = None  # what it changed; None where it is replayed


def submit_form(house: House, command: SubmitForm) -> Receipt:
    """Record a form and move the case on.

    What is already due is fired first, each firing committed, so that a late click never swallows a breach;
    where one of them fails, nothing is submitted.
    Safe to repeat: the same key returns the first receipt, but refuses what differs from the first submission.
    Raises: Refused (who may, windows, rules), FormInvalid, Missing, Conflict, KeyReused, Unavailable.
    """
    for attempt in range(ATTEMPTS):
        try:
            receipt = attempt_once(house, command)
        except Stale:
            if attempt == ATTEMPTS - 1:
                raise
            continue
        except (Refused, Invalid, Conflict, Missing) as answer:
            # the same submission may have gone through on another connection since this one looked,
            # or may have been made on another case
            if (earlier := receipt_of(house, command)) is not None:
                return earlier
            if isinstance(answer, Refused):
                record_refusal(house, command, answer)
            raise
        if receipt is not None:
            return receipt
        if command.case_id is not None:  # else there is nothing that could be due
            fire_first(house, command.case_id, worker=f"submit:{command.person.id}")
    raise Conflict("这个诉求件正被频繁更新，请稍后再试。")


def attempt_once(house: House, command: SubmitForm) -> Receipt | None:
    """One try in one transaction; None where something was due first."""
    with house.store.begin() as uow:
        loaded = None if command.case_id is None else uow.load(command.case_id)
        earlier = loaded.submitted(command.key) if loaded else uow.submitted(command.key)
        if earlier is not None:
            return replayed(earlier, command)
        require_trusted(house)
        now = house.clock.now()
        if loaded is None:
            work = without_case(house, uow, command, now)
        elif is_due(loaded, now):
            return None
        else:
            work = with_case(house, uow, loaded, command, now)
        receipt = finish(work, command)
        change = change_of(work, "submitted", {"form": command.form, "submission": receipt.submission_id})
        uow.save_all([change, *in_related_cases(work, loaded, change)])
        faults.here(faults.BEFORE_COMMIT)
        uow.commit()
        effects = effects_of(work, change)
    faults.here(faults.AFTER_COMMIT)
    return replace(receipt, effects=effects)


def receipt_of(house: House, command: SubmitForm) -> Receipt | None:
    """The receipt of what was submitted with this key, if anything was. Raises: KeyReused."""
    with house.store.begin(reading=True) as uow:
        earlier = uow.submitted(command.key)
    return replayed(earlier, command) if earlier is not None else None


def replayed(earlier: Submitted, command: SubmitForm) -> Receipt:
    """The first receipt, given again. Raises: KeyReused where something else was submitted then."""
    if earlier.fingerprint not in (None, fingerprint_of(command)):  # older ones have none
        raise KeyReused(at=earlier.at, case_no=earlier.case_no)
    return Receipt(**asdict(earlier), replayed=True)


def is_due(loaded: LoadedCase, now: datetime) -> bool:
    """Whether a timer of this case should have fired by now."""
    return any(t.state in STANDING and t.fires_at <= now for t in loaded.timers)


# -- a form of a case that is there -----------------------------------------------------------------------
def with_case(
    house: House,
    uow: UnitOfWork,
    loaded: LoadedCase,
    command: SubmitForm,
    now: datetime,
    judge: Judge = judged_values,
) -> CaseWork:
    """The work of a submission on a case: an open task, or a start form that needs or takes a case."""
    submission_id = house.new_id()
    work = CaseWork.of(house, uow, loaded, now, submission_id)
    require_role(work.release, command.form, command.person)
    started = side_start(work, command.form, command.person, command.task_id)
    if started is not None:
        return start_side_process(work, command, *started, judge)
    seen = require_sight(work, command.person)
    task, actor = open_task(work, command.form, command.person, command.task_id, command.co_department)
    require_content(seen)
    instance = work.instances[task.instance_id]
    element = work.release.definition.elements[task.node]
    values = judge(work, command, element, instance, actor)
    work.actor = actor
    work.submit(submission_of(work, command, values, actor, instance.id, task.node))
    work.meet_by(command.form)
    work.done.append((task.id, actor.person))
    view = work.as_looked_at(instance)
    step = complete(work.release.definition, instance.snapshot, task.id, work.scope(instance, actor), view)
    work.apply(work.instances[instance.id], step)
    return work


def finish(work: CaseWork, command: SubmitForm) -> Receipt:
    """Settle the clocks and write what the submission led to into it."""
    work.settle()
    if work.submitted is None:
        raise RuntimeError("a command without a submission")
    work.submitted = replace(work.submitted, status=work.case.status)
    return Receipt(
        case_id=work.case.id,
        case_no=work.case.case_no,
        submission_id=work.submitted.id,
        form=command.form,
        at=work.now,
        status=work.case.status,
    )
