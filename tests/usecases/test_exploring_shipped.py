"""The shipped processes are explored: nothing wrong is found in any state, and all that is drawn is reached.

The main process has too many states for a run of the tests: it is looked at until everything was seen once by itself.
`jsjb explore complaint` looks at it thoroughly, which takes some minutes.
"""

from __future__ import annotations

from datetime import datetime

import pytest

from service.rehearsal.exploring.case_store import Kept
from service.rehearsal.exploring.explore import PAIRS, Exploration, explore, roots_of, silent
from service.rehearsal.exploring.ground import Ground
from service.rehearsal.exploring.interest import processes_from
from service.rehearsal.exploring.states import Picture, States
from tests.usecases.houses import shipped

MAIN = "complaint"
MANY, SEVERAL = 200, 100
OTHERS = (
    "analysis",
    "excuse",
    "governance",
    "governance_offer",
    "group_matter",
    "handling_supervision",
    "monthly_analysis",
    "nudging",
    "quarterly_analysis",
    "risk",
    "special_study_offer",
    "supervision",
    "urgency_request",
)


pytestmark = pytest.mark.xdist_group("exploring")  # they share what was made of the content


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground(shipped())


def test_the_main_process_with_its_stages_has_no_state_in_which_anything_is_wrong(ground: Ground) -> None:
    result = explore(ground, MAIN, quick=True)

    assert [one.lines() for one in result.found] == []
    assert result.is_complete
    assert {"dispatching", "handling", "returning", "reviewing", "co_handling"} <= set(result.processes)
    assert result.states > MANY


@pytest.mark.parametrize("root", OTHERS)
def test_every_other_process_has_no_finding_and_is_reached_as_a_whole(ground: Ground, root: str) -> None:
    result = explore(ground, root)

    assert [one.lines() for one in result.found] == []
    assert result.is_complete
    assert result.steps > 0


class Twice(States):
    """Looks at each state twice: as it follows from the one before it, and with everything worked out anew."""

    looked = 0

    def picture(self, kept: Kept, now: datetime, before: Picture | None = None) -> Picture:
        """The state; both ways must show the same."""
        anew, found = super().picture(kept, now), super().picture(kept, now, before)
        assert (found.parts, found.shown.values) == (anew.parts, anew.shown.values)
        self.looked += before is not None
        return found


@pytest.mark.parametrize("root", ["governance", "group_matter"])
def test_what_stands_of_the_state_before_is_what_would_be_worked_out_anew(ground: Ground, root: str) -> None:
    exploration = Exploration(ground, root, width=PAIRS)
    states = exploration.search.states
    exploration.search.states = twice = Twice(states.setting, states.processes, states.terms)

    exploration.run(MANY, silent)

    assert twice.looked > SEVERAL


def test_every_process_that_begins_by_itself_or_by_a_form_is_looked_at(ground: Ground) -> None:
    assert sorted(roots_of(ground.processes)) == sorted((MAIN, *OTHERS))


def test_every_process_is_looked_at_through_one_of_them(ground: Ground) -> None:
    reached = {name for root in roots_of(ground.processes) for name in processes_from(ground.processes, root)}

    assert reached == set(ground.processes)
