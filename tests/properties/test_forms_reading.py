"""Laws of reading a submission, for whatever is sent."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.content import Content, load, read_folder
from service.content.forms import Form
from service.content.reading import over
from service.domain.errors import FormInvalid

ROOT = Path(__file__).parents[2]
CHOICES = {"departments": ["dept_it"], "people": ["p1"], "cases": ["JSJB-2024-00001"]}


@cache
def shipped() -> Content:
    return load(read_folder(ROOT))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
forms = st.sampled_from(sorted(shipped().forms)).map(lambda key: shipped().forms[key])


def fitting(form: Form) -> st.SearchStrategy[dict[str, Any]]:
    """Submissions in which many fields hold something of their kind, some hold anything, some are absent."""
    by_name: dict[str, st.SearchStrategy[Any]] = {}
    for field in form.fields:
        options = [option.value for option in field.options] or CHOICES.get(field.choices or "", ["甲"])
        one = st.sampled_from(options)
        kinds: dict[str, st.SearchStrategy[Any]] = {
            "checkbox": st.booleans(),
            "number": st.integers(-1, 9),
            "datetime": st.sampled_from(["2024-03-08T16:50", "2024-02-09T23:59:59", ""]),
            "filepicker": st.just(["a1"]),
            "checklist": st.lists(one, max_size=3),
            "taglist": st.lists(one, max_size=3),
            "textfield": st.text(max_size=20),
            "textarea": st.text(max_size=20),
        }
        by_name[field.name] = kinds.get(field.type, one) | anything
    flat = st.fixed_dictionaries({}, optional=by_name)
    return flat.map(nested)


def nested(flat: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in flat.items():
        *groups, last = name.split(".")
        level = values
        for group in groups:
            level = level.setdefault(group, {})
        level[last] = value
    return values


@given(forms, anything)
def test_whatever_is_sent_is_read_or_refused(form, values):
    try:
        form.read(values, over({}), CHOICES)
    except FormInvalid as refused:
        assert refused.fields  # noqa: PT017


@given(forms.flatmap(lambda form: st.tuples(st.just(form), fitting(form))))
def test_what_was_read_survives_being_stored_and_is_read_the_same_again(drawn):
    form, values = drawn
    try:
        read = form.read(values, over({}), CHOICES)
    except FormInvalid:
        return

    stored = form.decode(json.loads(json.dumps(form.encode(read), allow_nan=False)))

    assert form.read(stored, over({}), CHOICES) == read
    assert set(read) == {field.path[0] for field in form.fields}


@given(forms.flatmap(lambda form: st.tuples(st.just(form), fitting(form))))
def test_the_fields_shown_do_not_depend_on_whether_the_values_pass(drawn):
    form, values = drawn
    shown = {field.name for field in form.visible(values, over({}))}
    try:
        form.read(values, over({}), CHOICES)
    except FormInvalid as refused:
        named = {error.path for error in refused.fields if error.code not in ("unknown", "type")}
        assert named <= shown
