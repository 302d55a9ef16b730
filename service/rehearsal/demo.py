"""The demo: an institute with a person per role, and cases in all stages, made by replaying worked cases.

The timelines are shifted by whole days so that each ends just before now, and played in one stream under
a virtual clock, so that every clock, notice and breach in them came about as it would have in truth.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from service.domain.people import (
    ADMIN,
    DISCIPLINE,
    HANDLER,
    HEAD,
    LEADING_GROUP,
    LIAISON,
    OFFICE_DIRECTOR,
    OFFICE_DISPATCHER,
    PROCESS_OWNER,
    Grant,
    Person,
)
from service.domain.roster import Appointment, Department
from service.rehearsal.case_file_format import WorkedCase, WorkedStep, beijing
from service.rehearsal.demo_orders import CATEGORIES, Order, order_of
from service.rehearsal.step_player import StepPlayer
from service.rehearsal.world import World
from service.usecases.fire_due import fire_due
from service.usecases.house import House
from service.usecases.passwords import hash_password
from service.usecases.plan_starts import plan_starts
from timers.clock import BEIJING, FixedClock

ONE_DAY = timedelta(days=1)

# account, name, role: those of no department
OFFICE_PEOPLE = (
    ("paidan", "周敏", OFFICE_DISPATCHER),
    ("zhuren", "陈国栋", OFFICE_DIRECTOR),
    ("lingdao", "赵建华", LEADING_GROUP),
    ("lingdao2", "钱立新", LEADING_GROUP),
    ("zhiban", "方明", LEADING_GROUP),
    ("jiwei", "孙正", DISCIPLINE),
    ("liucheng", "林晓", PROCESS_OWNER),
    ("admin", "吴刚", ADMIN),
)
DEPARTMENT_NAMES = {
    "dept_training": "培训管理部",
    "dept_logistics": "后勤管理部",
    "dept_finance": "财务处",
    "dept_security": "安全保卫处",
    "dept_hr": "人事处",
    "dept_academic": "教学科研处",
    "dept_it": "信息中心",
    "dept_archives": "档案室",
}
# department: liaison, handler, head; 档案室 has named nobody, as in the worked cases
DEPARTMENT_PEOPLE = {
    "dept_training": ("李婷", "王磊", "郑伟"),
    "dept_logistics": ("刘洋", "张强", "何平"),
    "dept_finance": ("杨雪", "黄涛", "高静"),
    "dept_security": ("马超", "罗军", "梁勇"),
    "dept_hr": ("宋佳", "唐亮", "韩梅"),
    "dept_academic": ("冯洁", "邓凯", "曹敏"),
    "dept_it": ("许航", "彭飞", "吕丽"),
}
# what they are called, and who stands in for whom
APPOINTED = {
    "lingdao": (Appointment(LEADING_GROUP, post="组长（院长）"),),
    "lingdao2": (Appointment(LEADING_GROUP, post="组长（党委书记）"),),
    "zhiban": (Appointment(LEADING_GROUP, post="值班领导"),),
    "chengban_logistics": (
        Appointment(HANDLER, "dept_logistics"),
        Appointment(LIAISON, "dept_logistics", is_deputy=True),
    ),
}
STAFF = ((LIAISON, "zhuanren"), (HANDLER, "chengban"), (HEAD, "fuzeren"))


@dataclass(frozen=True, slots=True)
class Part:
    """How far one worked case is replayed, and how many days before the last whole-day shift it ended."""

    case: str
    steps: int | None  # None: to the end
    days_ago: int = 0


# Every stage is there: waiting for dispatch, answered at once, dispatched, in hand, urgent, under review,
# returned for completion, uploaded, closed.
PARTS = (
    Part("S02", None, 20),
    Part("S03", None, 12),
    Part("S08", None, 6),
    Part("S01", None, 4),
    Part("S04", None, 9),
    Part("S02", 15, 2),
    Part("S02", 17),
    Part("S03", 8, 1),
    Part("S03", 11),
    Part("S08", 9),
    Part("S02", 5),
    Part("S02", 9, 1),
    Part("S04", 4),
    Part("S01", 4),
    Part("S01", 2),
    Part("S01", 6, 1),
    Part("S04", 1),
)


def settle_organisation(house: House, password: str) -> None:
    """The institute: its departments, and a person for each role. Safe to repeat."""
    hashed = hash_password(password)
    with house.store.begin() as uow:
        uow.add_department(Department("office", "党政办公室", is_office=True))
        for key, name in DEPARTMENT_NAMES.items():
            uow.add_department(Department(key, name))
        for account, name, role in OFFICE_PEOPLE:
            uow.add_person(Person(account, account, name, (Grant(role),)), hashed)
        for key, names in DEPARTMENT_PEOPLE.items():
            short = key.removeprefix("dept_")
            for (role, stem), name in zip(STAFF, names, strict=True):
                account = f"{stem}_{short}"
                uow.add_person(Person(account, account, name, (Grant(role, key),)), hashed)
        for account, given in APPOINTED.items():
            uow.appoint(account, given)
        uow.commit()


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One step of one replay, at its shifted instant."""

    case: WorkedCase
    step: WorkedStep


def replay(house: House, clock: FixedClock, cases: Sequence[WorkedCase], now: datetime) -> int:
    """Play the parts in one stream up to now; returns how many cases there are. `house` runs on `clock`."""
    known = {case.id: case for case in cases}
    turns: Counter[str] = Counter()
    shifted = []
    for number, part in enumerate(PARTS, 1):
        if part.case in known:
            shifted.append(shift(known[part.case], part, number, now, order_of(part.case, turns[part.case])))
            turns[part.case] += 1
    stream = sorted((s for case in shifted for s in scheduled(case)), key=lambda s: (s.step.at, s.case.id))
    if not stream:
        return 0
    plan_starts(house, since=clock.move_to(stream[0].step.at))
    world = World(house, clock)
    for one in stream:
        world.advance(one.step.at)
        error = StepPlayer(world, one.case, one.step).act()
        if error is not None and one.step.expect.get("ok", True):
            raise error
        fire_due(house, worker="demo")
    world.advance(now)
    return len(world.cases)


def scheduled(case: WorkedCase) -> Iterator[Scheduled]:
    """The steps of a replay that a person does; time passes by itself."""
    return (Scheduled(case, step) for step in case.steps if step.actor != "system")


def shift(case: WorkedCase, part: Part, number: int, now: datetime, order: Order) -> WorkedCase:
    """A worked case moved by whole days so that the last step wanted lies before now, as a case of its own."""
    steps = case.steps[: part.steps]
    behind = now - steps[-1].at
    by = timedelta(days=behind // ONE_DAY - part.days_ago)
    key = f"{case.id}-{number}"
    order_no = f"FIC-{now.astimezone(BEIJING).year}-{number:06d}"
    given = next(iter(case.cases.values()))
    told = {"upstream_order_no": order_no, "category": CATEGORIES[case.id], **asdict(order)}
    if given.get("contact"):
        told["contact"] = f"010-0000-{number:04d}"  # of a person of its own
    return replace(
        case,
        id=key,
        cases={key: {**moved(given, by), **told}},
        steps=tuple(moved_step(step, by, key, order_no) for step in steps),
    )


def moved_step(step: WorkedStep, by: timedelta, key: str, order_no: str) -> WorkedStep:
    """One step of the replay."""
    values = moved(step.values, by)
    if "upstream_order_no" in values:
        values["upstream_order_no"] = order_no
    return replace(step, at=step.at + by, case=key, values=values)


def moved(values: Mapping[str, Any], by: timedelta) -> dict[str, Any]:
    """The values with every instant moved."""
    return {key: moved_value(value, by) for key, value in values.items()}


def moved_value(value: Any, by: timedelta) -> Any:
    """One value, moved where it is an instant."""
    if isinstance(value, datetime) or (isinstance(value, str) and looks_like_instant(value)):
        return (beijing(value) + by).isoformat()
    return value


def looks_like_instant(value: str) -> bool:
    """Whether a text is an instant as worked cases write it."""
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return "T" in value


def demo_accounts(people: Iterable[Person]) -> list[Person]:
    """The people of the demo, the office first."""
    order = {account: place for place, (account, _, _) in enumerate(OFFICE_PEOPLE)}
    return sorted(people, key=lambda p: (order.get(p.account, len(order)), p.departments, p.account))
