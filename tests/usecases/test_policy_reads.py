"""Beside a clock stands what of the policy it was worked out with, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service.feel import compile
from service.usecases.policy_reads import entries_read
from service.web.staff.clocks import said
from tests.usecases.houses import Played, shipped

OTHERWISE = {
    "similar_title": 70,
    "same_day_cutoff": "16:00",
    "urgent_dispatch_target": "PT20M",
    "completion_min": "PT6H",
    "risk_report": "PT2H",
}


def test_a_clock_names_what_it_was_worked_out_with_and_nothing_else(play: Callable[..., Played]) -> None:
    case = play("S02", policy=OTHERWISE).to(4)
    release = case.house.catalogue.release(case.loaded().case.release_no)

    named = {
        clock.kind: clock.policy.keys() & release.read_for(clock)
        for clock in case.loaded().clocks
        if clock.policy.keys() == OTHERWISE.keys()  # what was in force is kept with it all the same
    }

    assert named["same_day_response"] == {"same_day_cutoff"}
    assert named["handling_feedback"] == named["dispatch"] == set()


@pytest.mark.parametrize(
    "due, read",
    [
        ('due("dispatch")', {"day_count", "day_unit", "rollover"}),
        ("natural_days(2)", set()),
        ("first_contact_due_at", {"first_contact"}),
        ('min([due("risk_ack"), now + policy.review_days])', {"risk_ack", "review_days"}),
        (
            'extended(due("handling_feedback"), approved_extensions)',
            {"day_count", "day_unit", "rollover", "extension_base"},
        ),
    ],
)
def test_what_is_read_through_facts_and_rows_counts(due: str, read: set[str]) -> None:
    facts = {name: compile(text) for name, text in shipped().facts.items()}

    assert entries_read(due, shipped(), facts) == read


def test_what_works_out_which_row_it_is_may_read_any() -> None:
    content = shipped()

    read = entries_read("due(case.status)", content, {})

    assert {"urgent_final_days", "matter_days", "day_count"} <= read
    assert "similar_title" not in read
    assert entries_read("policy", content, {}) == set(content.policy.entries)


def test_an_entry_is_told_in_the_words_of_its_register() -> None:
    entries = shipped().policy.entries

    assert said(entries["urgent_dispatch_target"], "urgent_dispatch_target", "PT20M").endswith("：20 分钟")
    assert said(entries["day_count"], "day_count", "rolling_24h") == (
        f"{entries['day_count'].label}：{entries['day_count'].choices['rolling_24h']}"
    )
    assert said(None, "gone", 3) == "gone：3"
