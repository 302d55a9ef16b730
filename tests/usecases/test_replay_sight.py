"""What a replay in pages is given: nothing of the discipline office's, and of other cases what its person may read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service.content import read_folder
from service.domain.people import DISCIPLINE, OFFICE_DIRECTOR, Grant, Person
from service.domain.replay_sight import OF_HOUSE, ReplaySight
from service.domain.replayed import OTHERWISE, SAME, Replayed
from service.rehearsal.replaying.live import Live
from service.rehearsal.replaying.replay import Replaying
from service.store import SqlStore
from tests.usecases.houses import PROJECT, Played
from tests.usecases.test_replay import two_days

FILES = read_folder(PROJECT)
OFFICE = ReplaySight(Person("o", "o", "某", (Grant(OFFICE_DIRECTOR), Grant(DISCIPLINE))))
COUNTING = ReplaySight(Person("p", "p", "某"), counts_others=True)
REVIEWING = "bpmn/reviewing.bpmn"


def asking(question: str) -> dict[str, bytes]:
    """A rule more at every task of the office's review that asks a question of the case."""
    text = FILES[REVIEWING].decode()
    place = text.index("<jsjb:rule")
    rule = f'<jsjb:rule code="E_ASKED" article="A5-3" check="{question}" message="不行"/>'
    return {REVIEWING: (text[:place] + rule + text[place:]).encode()}


def replayed(played: Played, changed: dict[str, bytes], sight: ReplaySight) -> Replayed:
    assert isinstance(played.house.store, SqlStore)
    live = Live(played.house.store, played.house.catalogue, sight)
    replaying = Replaying.on(live, {**FILES, **changed}, played.house.calendar)
    return replaying.case(played.case_id, played.house.clock.now())


QUESTIONS = [
    "open_supervision = null",
    "count(all(&quot;open_supervision&quot;)) = 0",
]


def supervised(play: Callable[..., Played]) -> Played:
    """The discipline office supervises a case before the office reviews it, and has not looked into it yet."""
    played = play("S06").to(17)
    played.submit("open_supervision", DISCIPLINE, suspected_item="m2", department="dept_finance")
    return played.to(20)


@pytest.mark.parametrize("sight", [OFFICE, COUNTING])
@pytest.mark.parametrize("question", QUESTIONS)
def test_what_the_discipline_office_handed_in_cannot_be_asked_in_pages(
    play: Callable[..., Played], question: str, sight: ReplaySight
) -> None:
    """A case that is supervised comes out as if nobody had; whoever runs the service sees a difference."""
    played = supervised(play)
    assert any(one.is_apart for one in played.loaded().instances)

    in_pages, of_house = (replayed(played, asking(question), one) for one in (sight, OF_HOUSE))

    assert (in_pages.outcome, in_pages.differences) == (SAME, [])
    assert of_house.outcome == OTHERWISE


def test_a_supervised_case_is_replayed_and_told_like_any_other(play: Callable[..., Played]) -> None:
    """Neither left out nor said to be unplayable, by which it would be known."""
    played = supervised(play)

    here, there = (replayed(played, two_days(FILES), one) for one in (OFFICE, OF_HOUSE))

    assert (here.outcome, there.outcome) == (OTHERWISE, OTHERWISE)
    assert {(one.what, one.element, one.at) for one in here.differences} == {
        (one.what, one.element, one.at) for one in there.differences
    }
