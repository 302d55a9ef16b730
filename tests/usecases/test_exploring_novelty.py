"""Which states a search by pairs goes on from: those that show together what somebody asks for at once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from service.rehearsal.exploring.explore import PAIRS, Exploration, silent
from service.rehearsal.exploring.ground import Ground
from service.rehearsal.exploring.novelty import Novelty
from tests.usecases.made_processes import made, radio

OPEN = {"open": [radio("choice", "a", "b")]}
START = "s start form=open assign=office_dispatcher subject=new_case"
BOTH = {**OPEN, "work": [radio("answer", "yes", "no")]}
TOKEN, A, B, C = ("token", "work"), ("fact", "0"), ("fact", "1"), ("fact", "2")


def shown(a: int, b: int, c: int) -> Any:
    """A state as far as its parts go."""
    return SimpleNamespace(parts={TOKEN: 1, A: a, B: b, C: c})


def test_where_somebody_acts_whatever_decides_there_is_seen_all_at_once_and_not_only_by_twos() -> None:
    by_twos, crossing = Novelty(2), Novelty(2, {TOKEN: (A, B, C)})
    for novelty in (by_twos, crossing):
        for state in (shown(0, 0, 0), shown(0, 1, 1), shown(1, 0, 1), shown(1, 1, 0)):
            mask = novelty.mask(state)
            novelty.see(mask)
            novelty.leads_on(mask)

    before = shown(1, 1, 0)
    expected = [one.would_lead_on(one.mask(before), before, {C: 1}) for one in (by_twos, crossing)]
    found = [one.leads_on(one.mask(shown(1, 1, 1))) for one in (by_twos, crossing)]

    assert expected == found == [False, True]
    assert not crossing.leads_on(crossing.mask(shown(1, 1, 1)))


def test_two_facts_that_nothing_reads_together_need_not_be_seen_together() -> None:
    novelty = Novelty(2, apart=lambda one, other: {one, other} == {A, B})
    for state in (shown(0, 0, 0), shown(1, 0, 0), shown(0, 1, 0)):
        novelty.leads_on(novelty.mask(state))

    assert not novelty.leads_on(novelty.mask(shown(1, 1, 0)))
    assert novelty.leads_on(novelty.mask(shown(1, 0, 1)))


def test_facts_are_read_together_by_one_expression_or_by_what_is_asked_at_one_task_and_behind_it() -> None:
    diagram = f"""
    process p
      {START} -> work
      work user form=work assign=office_director -> g
      g xor -> later[open.one = "b" and open.two = "b"], e
      later user form=later assign=office_director -> h
      h xor -> f[open.three = "b"], e
      f end
      e end
    """
    forms = {
        "open": [radio(key, "a", "b") for key in ("one", "two", "three", "four")],
        "work": [radio("answer", "yes", "no")],
        "later": [radio("answer", "yes", "no")],
    }
    rules = [("later", "E_X", 'open.four != "b" or answer = "yes"')]
    exploration = Exploration(
        Ground(made(diagram, forms, rules=rules, documented=["work", "later"])), "p", width=PAIRS
    )
    place = {
        str(term.value.text): ("fact", str(n)) for n, term in enumerate(exploration.ground.terms("p")[""])
    }
    one, two, three, four = (
        next(part for text, part in place.items() if f"'{key}'" in text)
        for key in ("one", "two", "three", "four")
    )

    apart = exploration.search.novelty.apart

    assert [apart(one, two), apart(four, three)] == [False, False]
    assert [apart(one, three), apart(two, four)] == [True, True]
    assert [apart(one, TOKEN), apart(four, ("token", "later"))] == [False, False]
    assert [apart(three, TOKEN), apart(one, ("token", "later"))] == [True, True]


def test_what_decides_at_a_task_are_its_rules_and_the_gateways_behind_it_up_to_the_next_wait() -> None:
    diagram = f"""
    process p
      {START} -> work
      work user form=work assign=office_director -> tell
      tell send notice=overdue to=office_director -> g
      g xor -> e[open.choice = "a"], merge
      merge xor -> h
      h xor -> e[open.choice = "b"], later
      later user form=later assign=office_director -> beyond
      beyond xor -> e[open.choice = "c"], f
      e end
      f end
    """
    rules = [("work", "E_X", 'case.status = null and answer = "yes"')]
    content = made(
        diagram, {**BOTH, "later": [radio("answer", "yes")]}, rules=rules, documented=["work", "later"]
    )

    exploration = Exploration(Ground(content), "p", width=PAIRS)

    crossings = exploration.search.novelty.crossings
    asked = {
        str(exploration.ground.terms("p")[""][int(part[1])].value.text) for part in crossings["token", "work"]
    }
    assert len(asked) == 3
    assert any("'b'" in text for text in asked)
    assert not any("'c'" in text for text in asked)


def test_a_way_of_the_second_gateway_behind_a_task_is_reached_where_three_things_must_come_together() -> None:
    diagram = f"""
    process p
      {START} -> both
      both and -> work, again
      again xor -> turn
      turn user form=turn assign=office_director optional=true -> again
      work user form=work assign=office_director -> first
      first xor -> second[work.answer = "yes"], second
      second xor -> tell[open.one = "b" and open.other = "b" and turn.third = "b"], done
      tell send notice=overdue to=office_director -> done
      done terminate
    """
    forms = {
        "open": [radio("one", "a", "b"), radio("other", "a", "b")],
        "turn": [radio("third", "a", "b")],
        "work": [radio("answer", "yes", "no")],
    }

    by_pairs = Exploration(Ground(made(diagram, forms, documented=["work", "turn"])), "p", width=PAIRS)
    by_pairs.run(500, silent)

    assert [one.lines() for one in by_pairs.explored().found] == []
