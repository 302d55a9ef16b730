"""Conditions of forms: the script of the pages gives the answer that the server gives."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.content.fields import Field
from service.content.form_source import read_form
from service.content.forms import Form
from service.content.reading import over
from service.web.forms.conditions import answered, seen_by_conditions
from service.web.forms.posted import half_width, number_of
from tests.web.office import ROOT, shipped_release

SCRIPT = ROOT / "service/web/frontend/src/page/conditions.js"
RUNNER = Path(__file__).parent / "conditions_runner.mjs"
NUMBERS_RUNNER = Path(__file__).parent / "numbers_runner.mjs"
TABLE = yaml.safe_load((ROOT / "tests/rules/form_condition_cases.yaml").read_text(encoding="utf-8"))["cases"]
MOST_COMBINATIONS = 200


def in_browser(asked: list[dict[str, Any]]) -> list[list[str]]:
    """What the script of the pages hides, asked in one go."""
    found: list[list[str]] = answered_by(RUNNER, asked)
    return found


def answered_by(runner: Path, asked: Any) -> Any:
    """What the script of the pages answers, by the Node that built it."""
    path = f"{os.environ.get('PATH', '')}{os.pathsep}{Path(sys.executable).parent}"
    node = shutil.which("node", path=path)
    assert node, "the front end was built with Node; none is found now"
    ran = subprocess.run(
        [node, runner, SCRIPT],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_each_case_of_the_shared_table_is_answered_the_same_in_the_browser():
    asked = [
        {"fields": [{"path": "it", "hides": [case["condition"]]}], "values": case["context"]}
        for case in TABLE
    ]

    hidden = in_browser(asked)

    assert len(TABLE) > 40
    assert [bool(found) for found in hidden] == [case["hidden"] for case in TABLE]


def values_of(field: Any) -> list[Any]:
    """A few values of a field on which conditions turn."""
    if field.type == "checkbox":
        return [False, True]
    if field.type == "checklist":
        return [[], *([option.value] for option in field.options)]
    if field.options:
        return [None, *(option.value for option in field.options)]
    return [None]


def combinations(form: Form) -> list[dict[str, Any]]:
    """Values of the fields that conditions of a form name, each with each."""
    conditions = [text for one in form.fields for text in one.hides]
    turning = [one for one in form.fields if any(one.key in text for text in conditions)]
    some = list(product(*(values_of(one) for one in turning)))[:MOST_COMBINATIONS]
    return [{one.name: value for one, value in zip(turning, values, strict=True)} for values in some]


def nested(form: Form, values: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in form.fields:
        at = found
        for key in field.path[:-1]:
            at = at.setdefault(key, {})
        empty: Any = (
            []
            if field.type in ("checklist", "taglist", "filepicker")
            else False
            if field.type == "checkbox"
            else None
        )
        at[field.key] = values.get(field.name, empty)
    return found


@pytest.mark.parametrize(
    "key", sorted(k for k, f in shipped_release().content.forms.items() if any(x.hides for x in f.fields))
)
def test_browser_and_server_hide_the_same_fields_of_every_shipped_form(key):
    form = shipped_release().content.forms[key]
    scope = over({"urgency_now": "urgent", "register_case": {"request_type": "consult", "urgency": "urgent"}})
    tried = [nested(form, values) for values in combinations(form)]
    fields = [
        {"path": one.name, "hides": [answered(text, form, scope) for text in one.hides]}
        for one in form.fields
    ]
    seen = seen_by_conditions(form, scope)

    hidden = in_browser([{"fields": fields, "values": {**seen, **values}} for values in tried])

    for values, found in zip(tried, hidden, strict=True):
        shown = {one.name for one in form.visible(values, scope)}
        assert set(found) == set(form.by_name) - shown, values


def test_the_browser_is_told_nothing_of_the_case_but_what_conditions_name():
    form = shipped_release().content.forms["dispatch"]
    document = {
        "urgency_now": "urgent",
        "register_case": {"caller_contact": "010-0000-0000", "urgency": "urgent"},
    }

    seen = seen_by_conditions(form, over(document))

    assert "010-0000-0000" not in json.dumps(seen)
    assert seen


@pytest.mark.parametrize("hide", ["=register_case = null", "=register_case = null or contacts = []"])
def test_of_a_whole_submission_the_browser_is_told_only_that_it_is_there(hide):
    files = shipped_release().content.files
    raw = files["forms/submit_matter.form"].replace(b"=register_case.at = null", hide.encode())
    form = read_form("forms/submit_matter.form", raw)
    told = {"caller_contact": "010-0000-0000"}

    seen = seen_by_conditions(form, over({"register_case": told, "contacts": [told, told]}))

    assert "010-0000-0000" not in json.dumps(seen)
    assert seen["register_case"] == {}
    assert seen.get("contacts", [{}, {}]) == [{}, {}]


def test_a_condition_that_needs_the_server_is_answered_by_it():
    form = shipped_release().content.forms["dispatch"]
    functions = {"all": lambda name: [1, 2]}

    assert answered('count(all("dispatch")) = 2', form, over({}, functions)) == "true"
    assert answered('count(all("dispatch")) = 3', form, over({}, functions)) == "false"
    assert answered('urgency = "urgent" and count(all("dispatch")) = 2', form, over({}, functions)) == "false"


def test_a_hidden_field_counts_as_empty_for_those_after_it():
    first = Field(("first",), "甲", "textfield", hides=("true",))
    second = Field(("second",), "乙", "textfield", hides=("first = null",))
    third = Field(("third",), "丙", "textfield", hides=("second != null",))
    form = Form("made", "表单", (first, second, third), ())
    values = {"first": "x", "second": "y", "third": "z"}
    fields = [{"path": one.name, "hides": list(one.hides)} for one in form.fields]

    (hidden,) = in_browser([{"fields": fields, "values": values}])

    assert hidden == ["first", "second"]
    assert [one.name for one in form.visible(values, over({}))] == ["third"]


NUMBERS = {
    "12": 12,
    "１２": 12,
    "１２．５": 12.5,
    "－３": -3,
    " ＋７　": 7,
    "1２3": 123,
    "": None,
    "　": None,
    "３天": None,
    "五": None,
    "²": None,
    "①": None,
    "１，０００": None,
    "1e3": None,
    "0x10": None,
    "١٢": None,
    ".5": None,
}


def test_a_number_may_be_typed_in_full_width_and_both_sides_take_it_for_the_same():
    ours = {text: number_of(half_width(text)) for text in NUMBERS}

    theirs = answered_by(NUMBERS_RUNNER, list(NUMBERS))

    assert {text: None if isinstance(one, str) else one for text, one in ours.items()} == NUMBERS
    assert theirs == list(NUMBERS.values())
