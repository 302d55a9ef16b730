"""What a replay tells of a case: each thing once, all that there is, the same each time, and no more than can be played."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from service.rehearsal.replaying import case_player
from tests.usecases.content_changes import Files
from tests.usecases.houses import Played
from tests.usecases.test_replay import two_days
from tests.usecases.test_replay_truth import replayed, told_of

COMPLAINT, CO_HANDLING = "bpmn/complaint.bpmn", "bpmn/co_handling.bpmn"


def told_to_more(files: Files) -> dict[str, bytes]:
    """Two kinds of notices go to one role more."""

    def more(name: str, was: str) -> bytes:
        text = files[name].decode()
        assert text.count(was) == 1
        return text.replace(was, f"{was[:-1]},office_dispatcher{was[-1]}").encode()

    return {
        COMPLAINT: more(COMPLAINT, 'jsjb:notice="case_assigned" jsjb:to="dept_liaison,dept_head"'),
        CO_HANDLING: more(
            CO_HANDLING, 'jsjb:notice="co_handling_assigned" jsjb:to="{assign_co_handling.co_department}"'
        ),
    }


def test_a_due_time_that_differs_is_told_once_and_so_is_that_it_is_missed(
    play: Callable[..., Played],
) -> None:
    """However often the clock changes its state afterwards."""
    played = play("S06").to(99)

    differences = replayed(played, two_days).differences
    found = [(one.what, one.element, one.title) for one in differences if one.what in ("due", "state")]

    assert max(Counter(found).values()) == 1
    assert ("due", "handling_feedback", "时钟“双反馈”到期提前") in found
    assert ("state", "handling_feedback", "时钟“双反馈”变为逾期") in found


def test_each_kind_of_notice_that_goes_out_otherwise_is_told(play: Callable[..., Played]) -> None:
    played = play("S06").to(99)

    found = replayed(played, told_to_more).differences

    assert {(one.what, one.element) for one in found} == {
        ("notice", "case_assigned"),
        ("notice", "co_handling_assigned"),
    }
    assert all("office_dispatcher" in one.now and "office_dispatcher" not in one.was for one in found)


def test_a_notice_that_was_told_at_its_step_is_not_told_in_the_end_again(play: Callable[..., Played]) -> None:
    played = play("S06").to(99)

    notices = [one.element for one in replayed(played, two_days).differences if one.what == "notice"]

    assert "overdue" in notices
    assert notices.count("overdue") == 1


def test_a_case_comes_out_the_same_however_often_it_is_replayed(play: Callable[..., Played]) -> None:
    """Two of its clocks are due at one instant, and which is first shows in what is told."""
    played = play("S06").to(99)

    first, *others = [replayed(played, two_days).as_data() for _ in range(6)]

    assert all(one == first for one in others)


def test_clocks_that_are_due_one_after_the_other_without_end_are_said_to_be(
    play: Callable[..., Played], monkeypatch: pytest.MonkeyPatch
) -> None:
    played = play("S06").to(99)
    monkeypatch.setattr(case_player, "MOST_FIRINGS", 2)

    assert "走不下去：到期的时钟一个接一个，没有尽头，只重演到这里。" in told_of(replayed(played, two_days))
