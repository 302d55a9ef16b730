"""Laws that hold whatever people do, in whatever order and whenever: random actions on a real database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain.clocks import BREACHED, FINAL_STATES, RUNNING, SUPERSEDED
from service.domain.errors import Conflict, FormInvalid, Missing, Refused
from service.store.scratch import scratch
from tests.properties.random_cases import GAPS, Deed, RandomCase, RandomHouse, random_house

# Starts on ordinary days, before a long holiday, at the end of a year, on a leap day, late in an evening.
STARTS = tuple(
    datetime.fromisoformat(f"{text}+08:00")
    for text in (
        "2024-03-06T10:00:00",
        "2024-02-08T16:20:00",
        "2024-02-28T23:50:00",
        "2024-09-30T17:40:00",
        "2024-12-31T09:00:00",
    )
)
REFUSALS = (Refused, FormInvalid, Missing, Conflict)
ENDS = (
    "at once",
    "in time",
    "to the end",
    "withdrawn",
)  # when nothing more is tried: what follows by itself, and by people
FORMS = 20  # of all there are, those taken at the least
OFTEN = ("none", "none", "minutes", *sorted(GAPS))  # much is done at once, or within the hour
ANY = st.integers(0, 2**16)
DEEDS = st.lists(
    st.builds(Deed, what=ANY, way=ANY, who=ANY, gap=st.sampled_from(OFTEN), outsider=st.integers(0, 9)),
    min_size=2,
    max_size=12,
)


@pytest.fixture
def house() -> Iterator[RandomHouse]:
    """One house on one SQLite database for many runs; each run opens a case of its own."""
    with scratch() as databases, databases.database() as store:
        yield random_house(store)


RUNS = 100  # from each start: five hundred in all


@pytest.mark.parametrize("start", STARTS, ids=str)
def test_whatever_people_do_the_laws_of_a_case_hold(house: RandomHouse, start: datetime) -> None:
    """What was seen over all runs is looked at too: a law about something that never happens holds for nothing."""

    @settings(max_examples=RUNS, suppress_health_check=list(HealthCheck))
    @given(opening=ANY, deeds=DEEDS, end=st.sampled_from(ENDS))
    def run(opening: int, deeds: list[Deed], end: str) -> None:
        case = RandomCase.opened(house, start, opening)
        if case is None:
            return
        for deed in deeds:
            do_one(case, deed)
        if end == "to the end":
            case.see_through()
        if end == "withdrawn":
            case.withdraw()
        if end != "at once":
            case.wait_for_the_last()
            case.require_laws()
        case.require_sealed()
        house.closed += case.loaded().case.closed_at is not None

    run()

    assert {RUNNING, BREACHED, *FINAL_STATES} - {SUPERSEDED} <= set(house.states)  # that one takes luck
    assert len(house.done) > FORMS
    assert house.refused > RUNS / 2
    assert house.closed > RUNS / 10


def do_one(case: RandomCase, deed: Deed) -> None:
    """Let time pass and try one thing; the laws hold before and after, and a refusal leaves no trace but its record."""
    case.wait(deed.gap)
    case.require_laws()
    before = case.everything()
    try:
        done = case.do(deed)
    except REFUSALS:
        case.house.refused += 1
        assert case.everything() == before, "a refusal changed something"
        return
    case.require_laws(after=done)


def test_gaps_reach_from_nothing_to_beyond_any_deadline() -> None:
    assert min(GAPS.values()) == timedelta(0)
    assert max(GAPS.values()) >= timedelta(days=4)
