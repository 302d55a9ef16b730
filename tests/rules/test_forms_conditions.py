"""Conditions in forms: one table of cases, asked here of the server's FEEL and in a browser of the browser's."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from service.content import load, read_folder
from service.content.forms import Component
from service.content.reading import over

ROOT = Path(__file__).parents[2]
CASES = yaml.safe_load((Path(__file__).parent / "form_condition_cases.yaml").read_text(encoding="utf-8"))[
    "cases"
]
TABLE = [pytest.param(case, id=f"{case['form']}-{case['at']}-{number}") for number, case in enumerate(CASES)]


def hiding(components: tuple[Component, ...]) -> Iterator[tuple[str, str]]:
    for component in components:
        if component.hide:
            yield component.id, component.hide
        yield from hiding(component.children)


@cache
def shipped_conditions() -> dict[tuple[str, str], str]:
    forms = load(read_folder(ROOT)).forms
    return {(key, at): text for key, form in forms.items() for at, text in hiding(form.components)}


@pytest.mark.parametrize("case", TABLE)
def test_a_condition_answers_as_the_table_says(case):
    answer = over(case["context"])(case["condition"], {})

    assert (answer is True) is case["hidden"]


@pytest.mark.parametrize("case", TABLE)
def test_a_case_of_the_table_is_about_a_shipped_condition(case):
    assert shipped_conditions()[case["form"], case["at"]] == case["condition"]


def test_each_shipped_condition_is_tried_both_ways():
    tried = defaultdict(set)
    for case in CASES:
        tried[case["form"], case["at"]].add(case["hidden"])

    assert {place: tried[place] for place in shipped_conditions()} == {
        place: {True, False} for place in shipped_conditions()
    }
