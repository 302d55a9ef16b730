"""Every step of the worked cases passes its form, so that each refusal in them is a rule's and not the form's."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.content import Content, load, read_folder
from service.content.fields import Field
from service.content.forms import Form
from service.content.reading import over

ROOT = Path(__file__).parents[2]
CASES = yaml.safe_load((ROOT / "bpmn/cases/acceptance.yaml").read_text(encoding="utf-8"))
CHOICES = {
    "departments": list(CASES["meta"]["departments"]),
    "people": ["somebody"],
    "cases": ["JSJB-2024-00001"],
}
GIVEN = {"caller": "caller_name", "contact": "caller_contact"}
STEPS = [
    pytest.param(scenario, step, id=f"{scenario['id']}-{number}-{step['do']}")
    for scenario in CASES["scenarios"]
    for number, step in enumerate(scenario["timeline"])
    if step["do"] not in ("tick", "restart_recover")
]


@cache
def shipped() -> Content:
    return load(read_folder(ROOT))


def entered(form: Form, scenario: dict[str, Any], step: dict[str, Any]) -> dict[str, Any]:
    """What the step hands in before anything is filled: its `with`, and for a new case what is given of it."""
    values = dict(step.get("with", {}))
    if form.key == "register_case":
        for key, value in scenario["given"].items():
            name = GIVEN.get(key, key)
            if name in form.by_name:
                values.setdefault(name, value)
    for field in form.fields:
        if field.type == "filepicker" and field.key in values:
            names = values[field.key]
            named = ["scan"] if names is True else [names] if isinstance(names, str) else names
            values[field.key] = [f"file-{number}" for number, _ in enumerate(named)]
    for group in {field.path[0] for field in form.fields if len(field.path) > 1}:
        if values.get(group) is True:
            values[group] = {field.key: "略" for field in form.fields if field.path[0] == group}
    return values


def filler(field: Field, at: str) -> Any:
    """What stands in for a required field: its first option, the moment for a time, false, 1, 略, one file."""
    first = field.options[0].value if field.options else CHOICES[field.choices][0] if field.choices else None
    if first is not None:
        return [first] if field.multiple else first
    by_type = {"datetime": at, "checkbox": False, "number": 1, "filepicker": ["file-0"]}
    return by_type.get(field.type, "略")


def filled(form: Form, values: dict[str, Any], at: str, scope: Any) -> dict[str, Any]:
    """The values with every field filled that is required now and absent: its default, else `filler`."""
    for field in form.fields:
        if field.required and field.path[0] not in values and field in form.visible(values, scope):
            default = form.defaults(scope, values).get(field.path[0])
            values[field.path[0]] = filler(field, at) if default is None else default
    return values


def document(scenario: dict[str, Any], until: dict[str, Any]) -> dict[str, Any]:
    """The form keys as far as the steps before this one set them."""
    latest: dict[str, Any] = {"urgency_now": scenario["given"].get("urgency", "normal")}
    for step in scenario["timeline"]:
        if step is until:
            break
        if step.get("expect", {}).get("ok", True):
            latest[step["do"]] = step.get("with", {})
    return latest


@pytest.mark.parametrize("scenario,step", STEPS)
def test_a_step_of_the_worked_cases_passes_its_form(scenario, step):
    form = shipped().forms[step["do"]]
    scope = over(document(scenario, step))
    values = filled(form, entered(form, scenario, step), step["at"], scope)

    read = form.read(values, scope, CHOICES)

    assert form.decode(form.encode(read)) == without_null(read)
    for name, value in step.get("with", {}).items():
        if isinstance(value, str) and name in form.by_name and form.by_name[name].type != "filepicker":
            expected = value or None
            found = read[name]
            if isinstance(found, datetime):
                assert found == datetime.fromisoformat(f"{value}+08:00")
            else:
                assert found == expected


def without_null(values: dict[str, Any]) -> dict[str, Any]:
    inner = {k: without_null(v) if isinstance(v, dict) else v for k, v in values.items()}
    return {key: value for key, value in inner.items() if value is not None}
