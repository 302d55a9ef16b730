"""Who holds a role on a day: terms, deputies, absences, and to whom it falls (Articles 4-1 and 4-4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.people import HANDLER, HEAD, LEADING_GROUP, LIAISON, Grant
from service.domain.roster import Absence, Appointment, Department, Directory, Member, Roster, StandIns

IT = "dept_it"
DAY = date(2024, 3, 8)
YESTERDAY, TOMORROW = DAY - timedelta(days=1), DAY + timedelta(days=1)
NOON = datetime(2024, 3, 8, 4, tzinfo=UTC)  # 12:00 in Beijing

HOLDER = Appointment(LIAISON, IT)
DEPUTY = Appointment(LIAISON, IT, is_deputy=True)
ABOVE = Appointment(HEAD, IT)


def in_force(since: datetime, **order: list[str]) -> StandIns:
    """What a release says, in force from an instant."""
    return StandIns(since, {f"dept_{role}": others for role, others in order.items()})


EARLIER = NOON - timedelta(days=100)
SHIPPED = [
    in_force(EARLIER, liaison=["deputy", "dept_head"], handler=["deputy", "dept_liaison", "dept_head"])
]


def on(day_away: str = "", **given: Appointment) -> Directory:
    """The directory of the day: each name was given one thing; those in `day_away` are away."""
    members = [Member(name, name, name, (one,)) for name, one in given.items()]
    away = [Absence(name, name, DAY, DAY) for name in day_away.split()]
    return Roster.of([Department(IT, "信息化部门")], members, away, SHIPPED).at(NOON)


def liaisons(directory: Directory) -> str:
    return " ".join(person.id for person in directory.holders(LIAISON, IT))


# who is away → who is liaison that day
FALLS = [
    ("", "holder"),
    ("holder", "deputy holder"),
    ("deputy", "holder"),
    ("holder deputy", "above holder"),
    ("holder deputy above", "holder"),
]


@pytest.mark.parametrize("away, who", FALLS)
def test_in_absence_it_falls_to_the_deputy_then_to_the_head(away: str, who: str) -> None:
    assert liaisons(on(away, holder=HOLDER, deputy=DEPUTY, above=ABOVE)) == who


def test_where_one_of_two_is_there_nobody_stands_in() -> None:
    assert liaisons(on("one", one=HOLDER, other=HOLDER, deputy=DEPUTY)) == "one other"


def test_what_nobody_was_given_falls_to_the_head_and_nobody_is_on_duty() -> None:
    directory = on(above=ABOVE, handler=Appointment(HANDLER, IT))

    assert liaisons(directory) == "above"
    assert not directory.on_duty(IT, LIAISON)


def test_where_there_is_no_head_either_it_falls_to_nobody() -> None:
    assert liaisons(on(handler=Appointment(HANDLER, IT))) == ""


def test_a_handler_who_is_away_is_not_replaced_by_the_head() -> None:
    directory = on("handler", above=ABOVE, holder=HOLDER, handler=Appointment(HANDLER, IT))

    assert directory.people["above"].grants == (Grant(HEAD, IT),)


def test_the_deputy_of_another_department_stands_in_for_that_one_alone() -> None:
    other = Appointment(LIAISON, "dept_hr", is_deputy=True)

    assert liaisons(on("holder", holder=HOLDER, deputy=other)) == "holder"


@pytest.mark.parametrize(
    "since, until, holds",
    [
        (None, None, True),
        (DAY, DAY, True),
        (YESTERDAY, TOMORROW, True),
        (TOMORROW, None, False),
        (None, YESTERDAY, False),
    ],
)
def test_a_term_holds_from_its_first_day_to_its_last(
    since: date | None, until: date | None, holds: bool
) -> None:
    on_watch = Appointment(LEADING_GROUP, None, since, until, post="值班领导")

    assert on(duty=on_watch).on_duty(None, LEADING_GROUP) is holds


@pytest.mark.parametrize(
    "instant, holds",
    [
        (datetime(2024, 3, 8, 15, 59, 59, tzinfo=UTC), True),  # 23:59:59 in Beijing
        (datetime(2024, 3, 8, 16, tzinfo=UTC), False),  # the next day there
    ],
)
def test_days_are_those_of_beijing(instant: datetime, holds: bool) -> None:
    roster = Roster.of([], [Member("p", "p", "p", (Appointment(LEADING_GROUP, None, None, DAY),))])

    assert roster.at(instant).on_duty(None, LEADING_GROUP) is holds


# in force at noon → who is liaison while holder and deputy could be there or not
ORDERS = [
    ({}, "holder"),
    ({"liaison": ["deputy"]}, "holder"),
    ({"liaison": ["dept_handler", "dept_head"]}, "hand holder"),
    ({"liaison": ["dept_head", "dept_handler"]}, "above holder"),
]


@pytest.mark.parametrize("order, who", ORDERS)
def test_it_falls_to_whom_the_release_in_force_names_first(order: dict[str, list[str]], who: str) -> None:
    hand = Appointment(HANDLER, IT)
    given = {"holder": HOLDER, "deputy": DEPUTY, "above": ABOVE, "hand": hand}
    members = [Member(name, name, name, (one,)) for name, one in given.items()]
    away = [Absence(name, name, DAY, DAY) for name in ("holder", "deputy")]
    releases = [*SHIPPED, in_force(NOON, **order)]

    roster = Roster.of([], members, away, releases)

    assert liaisons(roster.at(NOON)) == who
    assert liaisons(roster.at(NOON - timedelta(seconds=1))) == "above holder"
    assert liaisons(roster.at(NOON)) == who


def test_before_the_first_release_nobody_stands_in() -> None:
    members = [Member(name, name, name, (one,)) for name, one in {"holder": HOLDER, "deputy": DEPUTY}.items()]
    roster = Roster.of([], members, [Absence("a", "holder", DAY, DAY)], [in_force(NOON, liaison=["deputy"])])

    assert liaisons(roster.at(NOON - timedelta(hours=1))) == "holder"
    assert liaisons(roster.at(NOON)) == "deputy holder"


DAYS = st.dates(date(2024, 1, 1), date(2024, 1, 9)) | st.none()
GIVEN = st.builds(
    Appointment,
    st.sampled_from([LIAISON, HEAD, HANDLER]),
    st.sampled_from([IT, "dept_hr"]),
    DAYS,
    DAYS,
    st.booleans(),
)
PEOPLE = st.lists(st.lists(GIVEN, max_size=3), min_size=1, max_size=5)


@given(PEOPLE, st.sets(st.integers(0, 4)), st.integers(1, 9))
def test_nobody_is_locked_out_and_a_named_liaison_leaves_no_gap(
    people: list[list[Appointment]], away: set[int], day: int
) -> None:
    members = [Member(str(n), str(n), str(n), tuple(given)) for n, given in enumerate(people)]
    absences = [Absence(str(n), str(n), date(2024, 1, 1)) for n in away]
    directory = Roster.of([], members, absences, SHIPPED).at(datetime(2024, 1, day, 4, tzinfo=UTC))

    in_term = [(m.id, one) for m in members for one in m.appointments if one.holds_on(date(2024, 1, day))]
    for person, one in in_term:
        if not one.is_deputy:
            assert one.grant in directory.people[person].grants
    given_at_all = {one.grant for _, one in in_term}
    for person in directory.people.values():
        assert len(person.grants) == len(set(person.grants))
        assert {grant for grant in person.grants if not grant.fallen} <= given_at_all
        assert all(grant.role in (LIAISON, HANDLER) for grant in person.grants if grant.fallen)
