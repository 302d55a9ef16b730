"""The laws of a case: what must hold at every moment, whatever was done."""

from __future__ import annotations

from datetime import datetime

from service.domain.changes import LoadedCase
from service.domain.clocks import CANCELLED, MET, RUNNING, ClockRecord
from service.usecases.clock_book import STANDING


def require_laws(found: LoadedCase, now: datetime) -> None:
    """What must hold once everything due by now was fired."""
    require_somebody_is_waited_for(found)
    require_ended_clocks_are_final(found)
    for clock in found.clocks:
        require_no_breach_shown_as_met(clock)
        require_no_breach_taken_back(clock)
        require_clock_tells_the_time(clock, now)


def require_somebody_is_waited_for(found: LoadedCase) -> None:
    """Before its close a case has an open task or a timer that waits, and so has each process under way in it."""
    for instance in found.instances:
        if instance.state != "running":
            continue
        tasks = [t for t in found.tasks if t.instance_id == instance.id]
        standing = [t for t in found.timers if t.instance_id == instance.id and t.state in STANDING]
        assert tasks or standing, f"{instance.process} is under way and waits for nobody and nothing"


def require_ended_clocks_are_final(found: LoadedCase) -> None:
    """What has ended leaves no clock that goes on."""
    ended = {i.id for i in found.instances if i.state != "running"}
    open_ones = [c.kind for c in found.clocks if c.instance_id in ended and c.is_open]
    assert not open_ones, f"clocks that go on in what has ended: {open_ones}"


def require_no_breach_shown_as_met(clock: ClockRecord) -> None:
    """A clock that was breached is met only at a due time to which an extension moved it afterwards."""
    if clock.state != MET:
        return
    assert clock.met_at is not None
    assert clock.met_at <= clock.due, f"{clock.kind} is shown as met and was late"
    if clock.breach_at is not None:
        was_moved = clock.due > clock.breach_at
        assert was_moved, f"{clock.kind} was breached and is shown as met"


def require_no_breach_taken_back(clock: ClockRecord) -> None:
    """What was missed is cancelled by nothing that comes later, unless an extension had moved its due time."""
    if clock.state == CANCELLED and clock.breach_at is not None:
        assert clock.due > clock.breach_at, f"{clock.kind} was breached and is shown as cancelled"


def require_clock_tells_the_time(clock: ClockRecord, now: datetime) -> None:
    """A clock that runs is not past its due time."""
    assert clock.state != RUNNING or now <= clock.due, f"{clock.kind} is past its due time and still runs"


def require_over(found: LoadedCase) -> None:
    """A closed case has nothing of its own under way any more: no task, no timer, no clock."""
    main = found.instances[0]
    assert main.state != "running"
    assert not [t for t in found.tasks if t.instance_id == main.id]
    assert not [t for t in found.timers if t.instance_id == main.id and t.state == "waiting"]
    assert not [c.kind for c in found.clocks if c.instance_id == main.id and c.is_open]
