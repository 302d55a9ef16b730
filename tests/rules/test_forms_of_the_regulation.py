"""The 17 forms of the regulation with their 170 fields, each held against the form of ours that carries it."""

import re
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.content import Content, load, read_folder
from service.content.fields import Field
from service.content.lint.vocabulary import CASE_FIELDS, SUBMISSION_FIELDS, vocabulary_of
from service.domain.changes import TaskRow
from service.domain.people import ROLE_NAMES

HERE = Path(__file__).parent
ASKED = {form["id"]: form for form in yaml.safe_load((HERE / "regulation_forms.yaml").read_text())["forms"]}
CARRIED = yaml.safe_load((HERE / "carried_fields.yaml").read_text())
FIELDS = [(number, field["key"]) for number, form in ASKED.items() for field in form["fields"]]
BY_A_RULE = "规则"
TYPES = {
    "string": {"textfield", "textarea"}, "text": {"textfield", "textarea"}, "daterange": {"textfield"},
    "enum": {"radio", "select"}, "tree": {"select"}, "multi-enum": {"checklist", "taglist"},
    "enum(multi)": {"checklist", "taglist"}, "ref[]": {"checklist", "taglist", "textfield"},
    "int": {"number"}, "datetime": {"datetime"}, "bool": {"checkbox", "radio"}, "file": {"filepicker", "textfield"},
    "file[]": {"filepicker"}, "pdf(gen)": {"filepicker"}, "sign": {"textfield"}, "table": {"textarea"},
    "struct": {"number"}, "ref(case)": {"select"}, "ref(dept)": {"select"}, "ref(user)": {"select"},
}  # fmt: skip
CHOICES = {"ref(case)": "cases", "ref(dept)": "departments", "ref(user)": "people"}


@dataclass(frozen=True)
class Wanted:
    """One field of the regulation's list, and what we say of it."""

    number: str
    key: str
    label: str
    type: str
    required: str
    options: tuple[str, ...]
    said: dict[str, Any]

    def said_of(self, part: str) -> Any:
        return (self.said.get(part) or {}).get(self.key)

    @property
    def place(self) -> str:
        """`form.field` of ours."""
        elsewhere = self.said_of("elsewhere")
        return elsewhere["as"] if elsewhere else f"{self.said['form']}.{self.key}"


@cache
def shipped() -> Content:
    return load(read_folder(Path(__file__).parents[2]))


def wanted(number: str, key: str) -> Wanted:
    raw = next(field for field in ASKED[number]["fields"] if field["key"] == key)
    options = re.findall(r"(?:^|;)\s*([a-z0-9_]+)", raw["options"])
    kind = re.sub(r"\(pii\)|\(auto\)|\(calc\)|\+.*|/.*", "", raw["type"])
    said = CARRIED[number]
    return Wanted(number, key, raw["label"], kind, raw["required"], tuple(options), said)


def ours(one: Wanted) -> list[Field]:
    """The field of ours; of a group, all of its fields."""
    form, _, name = one.place.partition(".")
    found = [f for f in shipped().forms[form].fields if f.name == name or f.name.startswith(f"{name}.")]
    assert found, f"{one.number} {one.label}：表单 {form} 里没有字段 {name}"
    return found


ASKED_FOR = [(number, key) for number, key in FIELDS if key not in (CARRIED[number].get("by_itself") or {})]


def test_the_list_is_whole():
    assert len(ASKED) == 17
    assert len(FIELDS) == 170
    assert set(CARRIED) == set(ASKED)


@pytest.mark.parametrize("number", ASKED)
def test_nothing_is_said_of_a_field_that_is_not_in_the_list(number):
    said = {
        key
        for part in ("by_itself", "elsewhere", "looser", "open")
        for key in CARRIED[number].get(part) or {}
    }

    assert said <= {field["key"] for field in ASKED[number]["fields"]}


@pytest.mark.parametrize("number,key", ASKED_FOR)
def test_a_field_of_the_regulation_is_asked_for_with_its_type_and_options(number, key):
    one = wanted(number, key)

    for field in ours(one):
        assert field.type in TYPES[one.type], (one.place, one.type)
        assert field.article in shipped().regulation
        if one.type in CHOICES:
            assert field.choices == CHOICES[one.type]
        if one.type == "bool" and field.type == "radio":  # asked outright: no answer is none
            assert field.required, one.place
            assert [option.value for option in field.options] == ["yes", "no"], one.place
        if field.options and one.type != "ref[]":
            assert set(one.options) <= set(field.labels()), one.place


@pytest.mark.parametrize("number,key", ASKED_FOR)
def test_it_is_required_where_the_regulation_wants_it_and_no_rule_says_so_better(number, key):
    one = wanted(number, key)
    mine = ours(one)
    if one.type == "bool":
        return  # a box that is not ticked is an answer
    if one.required == "否":
        assert all(not f.required for f in mine) or one.said_of("elsewhere"), one.place
    elif BY_A_RULE in one.required:
        assert all(not f.required for f in mine), f"{one.place}：由规则把关，表单不得先拦"
    elif not one.said_of("looser"):
        assert all(f.required for f in mine), f"{one.place}：须必填"


@pytest.mark.parametrize(
    "number,key",
    [(number, f["key"]) for number, form in ASKED.items() for f in form["fields"] if "pii" in f["type"]],
)
def test_what_is_personal_is_masked(number, key):
    one = wanted(number, key)

    assert all(field.masked for field in ours(one)) or one.said_of("open")


@pytest.mark.parametrize(
    "number,key", [(number, key) for number, key in FIELDS if key in (CARRIED[number].get("by_itself") or {})]
)
def test_what_nobody_is_asked_for_is_known_to_the_house(number, key):
    kind, _, name = CARRIED[number]["by_itself"][key]["as"].partition(".")
    content = shipped()
    known = {
        "case": set(CASE_FIELDS), "fact": set(content.facts), "clock": set(vocabulary_of(content).clocks),
        "role": set(ROLE_NAMES), "form": set(content.forms), "task": {f.name for f in fields(TaskRow)},
        "report": {"monthly"},
    }  # fmt: skip
    for form in content.forms:
        known[form] = set(SUBMISSION_FIELDS)

    assert name in known[kind]
