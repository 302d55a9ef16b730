"""What a search does not come to is searched for by itself before it is told as never reached."""

from __future__ import annotations

import pytest

from service.content import Content
from service.rehearsal.exploring import aimed
from service.rehearsal.exploring.explore import PAIRS, Exploration, silent
from service.rehearsal.exploring.found import Explored
from service.rehearsal.exploring.ground import Ground
from service.rehearsal.exploring.novelty import Novelty
from tests.usecases.made_processes import FACTS, explored, made, radio

LETTERS = ("one", "two", "three", "four", "five")
ONE_AFTER_ANOTHER = """
    process p
      s start form=one assign=office_dispatcher subject=new_case -> two
      two user form=two assign=office_director -> three
      three user form=three assign=office_director -> four
      four user form=four assign=office_director -> five
      five user form=five assign=office_director -> work
      work user form=work assign=office_director -> g
      g xor -> tell[CONDITION], e
      tell send notice=overdue to=office_director -> e
      e end
    """
MIXED = "bcacb"
CHOSEN = {key: [radio("choice", "a", "b", "c")] for key in LETTERS}


def chain(condition: str) -> Content:
    """Five choices one after another, and a way that depends on all of them at once."""
    forms = {**CHOSEN, "work": [radio("answer", "yes", "no")]}
    facts = FACTS.replace(b"open.order_no", b"one.choice")
    return made(
        ONE_AFTER_ANOTHER.replace("CONDITION", condition),
        forms,
        documented=[*LETTERS[1:], "work"],
        facts=facts,
    )


def chosen(values: str) -> str:
    return " and ".join(f'{key}.choice = "{value}"' for key, value in zip(LETTERS, values, strict=True))


def hardly_searched(content: Content) -> Explored:
    """What is told after a first search that looks at no two things together."""
    exploration = Exploration(Ground(content), "p", width=PAIRS)
    exploration.search.novelty = Novelty(PAIRS, apart=lambda one, other: True)
    exploration.run(500, silent)
    return exploration.explored()


def test_what_needs_more_at_once_than_was_looked_at_is_found_when_it_is_searched_for_by_itself() -> None:
    result = hardly_searched(chain(chosen(MIXED)))

    assert [one.lines() for one in result.found] == []
    assert ["找到 1 处" in note.text for note in result.notes] == [True]


def test_what_cannot_be_is_told_as_such_after_it_was_searched_for() -> None:
    result = hardly_searched(chain(chosen("ddddd")))

    assert [one.finding.rule for one in result.found] == ["explore.unreached_way"]
    assert "到了上限" not in result.found[0].finding.message


def test_what_is_not_found_only_because_the_limit_came_first_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aimed, "MOST_STEPS", 5)

    result = hardly_searched(chain(chosen(MIXED)))

    assert [one.finding.rule for one in result.found] == ["explore.unreached_way"]
    assert "不能断定走不到" in result.found[0].finding.message


def test_three_fields_of_one_form_are_filled_in_at_once_for_what_depends_on_them_together() -> None:
    forms = {"open": [radio(key, "a", "b", "c") for key in ("one", "two", "three")]}
    diagram = """
    process p
      s start form=open assign=office_dispatcher subject=new_case -> g
      g xor -> tell[open.one = "b" and open.two = "c" and open.three = "b"], e
      tell send notice=overdue to=office_director -> e
      e end
    """

    result = explored(made(diagram, forms, facts=FACTS.replace(b"open.order_no", b"open.one")))

    assert [one.lines() for one in result.found] == []
    assert ["找到 1 处" in note.text for note in result.notes] == [True]
