"""A submission against a form: what passes with which value, and what is refused at which field."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from service.content.form_source import read_form
from service.content.forms import Form
from service.content.reading import over
from service.domain.errors import ContentInvalid, FormInvalid

FILE = {"id": "a1", "name": "录音.mp3", "sha256": "0" * 64, "size": 3}


def component(kind: str, key: str = "a", **more: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "label": "甲", **more}


def a_form(*components: dict[str, Any]) -> Form:
    raw = {"type": "default", "schemaVersion": 19, "components": list(components)}
    return read_form("sample.form", json.dumps(raw).encode())


def options(*values: str) -> list[dict[str, str]]:
    return [{"value": value, "label": value} for value in values]


def read(form: Form, values: Any, document: dict[str, Any] | None = None, **choices: Any) -> dict[str, Any]:
    return form.read(values, over(document or {}), choices)


def refusals(form: Form, values: Any, **choices: Any) -> list[tuple[str, str]]:
    with pytest.raises(FormInvalid) as refused:
        read(form, values, **choices)
    assert refused.value.code == "E_FORM_INVALID"
    assert all(field.message for field in refused.value.fields)
    return [(field.path, field.code) for field in refused.value.fields]


SELECT = component("select", values=options("x", "y"))
SEVERAL = component("checklist", values=options("x", "y", "z"), properties={"exclusive": "x"})
WHOLE = component("number", decimalDigits=0, validate={"min": 1, "max": 9})

MARCH = {"earliest": '=date and time("2024-03-04T09:00:00+08:00")', "latest": "=until"}
WITHIN = component("datetime", properties=MARCH)
DAY_WITHIN = component("datetime", subtype="date", properties=MARCH)
UNTIL = {"until": datetime(2024, 3, 8, 8, 0, tzinfo=UTC)}

# zero width, joiners, word joiner, byte order, soft hyphen, blanks of all kinds, fillers of Braille and of Hangul
SHOWING_NOTHING = [*"\u200b\u200c\u200d\u2060\ufeff\u00ad\u3000\u00a0\u2003\u2800\u3164\u115f\u1160\uffa0"]

TAKEN = [
    (component("textfield"), "  甲乙 ", "甲乙"),
    (component("textfield", properties={"fold": "true"}), " fic－２０２４\u200b-０1\u00a0", "FIC-2024-01"),
    (component("textfield"), "", None),
    (component("textfield"), "   ", None),
    *[(component("textarea"), sign * 3, None) for sign in SHOWING_NOTHING],
    *[(component("textfield"), f"{sign}甲{sign} 乙 {sign}", f"甲{sign} 乙") for sign in SHOWING_NOTHING],
    (component("textfield"), "\u200b \u2800\n\ufe0f", None),
    (component("textfield"), "\u202e", None),
    (component("textfield"), "\u200b👨\u200d👩 ❤\ufe0f\u200b", "👨\u200d👩 ❤\ufe0f"),
    (component("textfield"), None, None),
    (component("textarea"), "一\r\n二\r三", "一\n二\n三"),
    (WHOLE, 5, 5),
    (WHOLE, 5.0, 5),
    (WHOLE, "", None),
    (component("number", decimalDigits=2), 0.95, Decimal("0.95")),
    (component("datetime"), "2024-03-08T16:50", datetime(2024, 3, 8, 8, 50, tzinfo=UTC)),
    (component("datetime"), "2024-03-08 16:50:30", datetime(2024, 3, 8, 8, 50, 30, tzinfo=UTC)),
    (component("datetime"), "2024-03-08T08:50:00Z", datetime(2024, 3, 8, 8, 50, tzinfo=UTC)),
    (component("datetime"), "2024-03-08T09:50:00+01:00", datetime(2024, 3, 8, 8, 50, tzinfo=UTC)),
    (component("datetime"), datetime(2024, 3, 8, 8, 50, tzinfo=UTC), datetime(2024, 3, 8, 8, 50, tzinfo=UTC)),
    (component("datetime"), "", None),
    (component("datetime", subtype="date"), "2024-02-29", date(2024, 2, 29)),
    (component("checkbox"), True, True),
    (component("checkbox"), None, False),
    (SELECT, "y", "y"),
    (SELECT, "", None),
    (SEVERAL, ["y", "z"], ["y", "z"]),
    (SEVERAL, ["x"], ["x"]),
    (SEVERAL, None, []),
    (component("filepicker"), "a1", [{"id": "a1"}]),
    (component("filepicker"), FILE, [FILE]),
    (component("filepicker", multiple=True), ["a1", "a2"], [{"id": "a1"}, {"id": "a2"}]),
    (component("filepicker", multiple=True), [], []),
]

REFUSED = [
    (component("textfield"), 5, "type"),
    (component("textfield"), ["x"], "type"),
    (component("textfield"), True, "type"),
    (component("textfield"), "甲" * 501, "max_length"),
    (component("textfield"), "一\n二", "characters"),
    (component("textfield"), "甲\x00", "characters"),
    (component("textfield"), "甲\u202e乙", "characters"),
    (component("textarea"), "甲" * 20_001, "max_length"),
    (component("textarea"), "\ud800", "characters"),
    (component("textfield", validate={"maxLength": 3}), "一二三四", "max_length"),
    (component("textfield", validate={"minLength": 3}), "一二", "min_length"),
    (component("textfield", validate={"pattern": "^[0-9]{4}$"}), "123", "pattern"),
    (component("textfield", validate={"pattern": "^[0-9]+$"}), "1" * 200, "pattern"),
    (component("textfield", validate={"validationType": "email"}), "a@b", "email"),
    (component("textfield", validate={"validationType": "phone"}), "电话", "phone"),
    (component("textfield", validate={"required": True}), " ", "required"),
    (component("textarea", validate={"required": True}), "\u200b\u200b\u200b", "required"),
    (component("textarea", validate={"minLength": 3}), "\u2800甲\u200b\u200b", "min_length"),
    (component("checkbox", validate={"required": True}), False, "required"),
    (component("filepicker", validate={"required": True}), [], "required"),
    (WHOLE, "5", "type"),
    (WHOLE, True, "type"),
    (WHOLE, float("nan"), "type"),
    (WHOLE, float("inf"), "type"),
    (WHOLE, 10**13, "max"),
    (WHOLE, 1.5, "digits"),
    (WHOLE, 0, "min"),
    (WHOLE, 10, "max"),
    (component("datetime"), "2024-03-08", "datetime"),
    (component("datetime"), "2023-02-29T10:00", "datetime"),
    (component("datetime"), "2024-03-08T25:00", "datetime"),
    (component("datetime"), "9999-12-31T23:59", "datetime"),
    (component("datetime"), "明天", "datetime"),
    (component("datetime"), 1709887800, "type"),
    (component("datetime", subtype="date"), "2024-03-08T10:00", "datetime"),
    (component("checkbox"), "on", "type"),
    (component("checkbox"), 1, "type"),
    (component("checkbox"), [True, True], "type"),
    (component("textarea"), ["甲", "乙"], "type"),
    (component("number"), [1, 2], "type"),
    (component("datetime"), ["2024-03-08T16:50"] * 2, "type"),
    (SELECT, "q", "option"),
    (SELECT, ["x"], "type"),
    (SELECT, {"x": 1}, "type"),
    (SEVERAL, "y", "type"),
    (SEVERAL, ["q"], "option"),
    (SEVERAL, ["y", "y"], "duplicate"),
    (SEVERAL, ["x", "y"], "exclusive"),
    (SEVERAL, [["y"]], "type"),
    (SEVERAL, ["y"] * 101, "count"),
    (component("filepicker"), ["a1", "a2"], "count"),
    (component("filepicker", multiple=True), ["a1", "a1"], "duplicate"),
    (component("filepicker"), "../../etc/passwd", "type"),
    (component("filepicker"), {**FILE, "sha256": "xyz"}, "type"),
    (component("filepicker"), {**FILE, "path": "/etc"}, "type"),
    (component("filepicker"), {**FILE, "size": -1}, "type"),
    (component("filepicker"), {"name": "x"}, "type"),
]


@pytest.mark.parametrize("field,sent,value", TAKEN)
def test_a_value_is_taken_with_its_type(field, sent, value):
    form = a_form(field)

    found = read(form, {"a": sent})["a"]

    assert found == value
    assert type(found) is type(value)
    assert form.decode(json.loads(json.dumps(form.encode({"a": found})))) == (
        {} if value is None else {"a": value}
    )


@pytest.mark.parametrize("field,sent,code", REFUSED)
def test_a_value_is_refused_at_its_field(field, sent, code):
    assert refusals(a_form(field), {"a": sent}) == [("a", code)]


def test_the_reading_at_a_bound_is_taken():
    assert [read(a_form(WHOLE), {"a": bound})["a"] for bound in (1, 9)] == [1, 9]


@pytest.mark.parametrize("values", [None, [], "x", 5])
def test_a_submission_that_is_no_set_of_fields_is_refused(values):
    assert refusals(a_form(component("textfield")), values) == [("", "type")]


def test_unknown_fields_are_refused_by_their_path():
    form = a_form({"type": "group", "path": "g", "components": [component("textfield", "x")]})

    assert refusals(form, {"g": {"x": "1", "y": "2"}, "h": 3}) == [("h", "unknown"), ("g.y", "unknown")]
    assert refusals(form, {"g": "x"}) == [("g", "unknown")]
    assert refusals(form, {7: "x"}) == [("?", "unknown")]


def test_a_flood_of_unknown_fields_is_answered_briefly():
    flood = {f"k{number}": number for number in range(5000)}

    assert len(refusals(a_form(component("textfield")), flood)) == 20


def test_a_group_with_a_path_holds_its_fields_and_is_null_when_empty():
    form = a_form(
        {
            "type": "group",
            "path": "g",
            "components": [component("textfield", "x"), component("textfield", "y")],
        }
    )

    assert read(form, {"g": {"x": "1"}}) == {"g": {"x": "1", "y": None}}
    assert read(form, {"g": {"x": " "}}) == {"g": None}
    assert read(form, {}) == {"g": None}


def test_a_hidden_field_is_not_judged_and_does_not_count():
    form = a_form(
        component("radio", "kind", values=options("x", "y")),
        component("textfield", "b", validate={"required": True}, conditional={"hide": '=kind != "x"'}),
    )

    assert read(form, {"kind": "y", "b": 5}) == {"kind": "y", "b": None}
    assert read(form, {"kind": "x", "b": "甲"}) == {"kind": "x", "b": "甲"}
    assert refusals(form, {"kind": "x"}) == [("b", "required")]


def test_a_hidden_group_hides_what_is_in_it():
    group = {
        "type": "group",
        "conditional": {"hide": "=not(c)"},
        "components": [component("textfield", "b", validate={"required": True})],
    }
    form = a_form(component("checkbox", "c"), group)

    assert read(form, {"b": "甲"}) == {"c": False, "b": None}
    assert refusals(form, {"c": True}) == [("b", "required")]


def test_what_is_hidden_counts_as_empty_for_the_conditions_after_it():
    form = a_form(
        component("checkbox", "a"),
        component("textfield", "b", conditional={"hide": "=not(a)"}),
        component("textfield", "c", conditional={"hide": "=b = null"}),
    )

    assert read(form, {"a": False, "b": "甲", "c": "乙"}) == {"a": False, "b": None, "c": None}


def test_a_condition_sees_the_case_and_the_fields_of_the_form_before_it():
    form = a_form(
        component("textfield", "b", conditional={"hide": '=dispatch.urgency = "urgent" or b = "x"'})
    )

    assert read(form, {"b": "甲"}, {"dispatch": {"urgency": "urgent"}, "b": "y"}) == {"b": None}
    assert read(form, {"b": "甲"}, {"dispatch": {"urgency": "normal"}, "b": "x"}) == {"b": "甲"}


@pytest.mark.parametrize("text", ['="x"', "=1", "=null", "=nothing", "=[true]"])
def test_a_condition_hides_only_where_it_is_exactly_true(text):
    form = a_form(component("textfield", "b", conditional={"hide": text}))

    assert read(form, {"b": "甲"}) == {"b": "甲"}


def test_a_bound_may_read_the_case():
    form = a_form(component("number", "n", validate={"max": "=request_extension.requested_days"}))
    document = {"request_extension": {"requested_days": 2}}

    assert read(form, {"n": 2}, document) == {"n": 2}
    with pytest.raises(FormInvalid):
        read(form, {"n": 3}, document)


def test_run_time_options_are_those_handed_in():
    form = a_form(component("select", "d", valuesKey="departments"))

    assert read(form, {"d": "dept_it"}, departments={"dept_it"}) == {"d": "dept_it"}
    assert refusals(form, {"d": "dept_x"}, departments={"dept_it"}) == [("d", "option")]
    assert refusals(form, {"d": "dept_it"}) == [("d", "option")]


def test_defaults_read_the_case_and_the_fields_before_them():
    form = a_form(
        component("textfield", "x", defaultValue="甲"),
        component("textfield", "y", properties={"default": '=x + "乙"'}),
        component("textfield", "z", defaultValue="=case.case_no"),
        component("datetime", "t", defaultValue="=now"),
        component("number", "n", defaultValue="=1 + 1"),
        component("textfield", "none", defaultValue="=nothing.here"),
    )
    scope = over({"case": {"case_no": "JSJB-1"}, "now": datetime(2024, 3, 8, 8, 50, tzinfo=UTC)})

    assert form.defaults(scope) == {"x": "甲", "y": "甲乙", "z": "JSJB-1", "t": "2024-03-08T16:50", "n": 2}
    assert form.defaults(scope, {"x": "丙", "n": 5}) == {"y": "丙乙", "z": "JSJB-1", "t": "2024-03-08T16:50"}


@pytest.mark.parametrize(
    "broken, told",
    [
        ({"key": "a", "label": "甲"}, "没有写类型"),
        ({"type": "textfield", "label": "甲"}, "没有名称"),
        ({"type": ["x"], "key": "a", "label": "甲"}, "[…]"),
        (component("textfield", validate={"required": None, "min": []}), "min"),
        (component("checkbox", multiple={}), "{}"),
    ],
)
def test_what_is_wrong_is_told_in_the_words_of_the_file(broken, told):
    with pytest.raises(ContentInvalid) as refused:
        a_form(broken)

    said = "；".join(finding.message for finding in refused.value.findings)
    assert told in said
    assert "None" not in said
    assert "'" not in said


def test_every_broken_field_is_named_at_once():
    form = a_form(component("textfield", "x", validate={"required": True}), component("number", "y"))

    assert refusals(form, {"y": "5", "z": 1}) == [("z", "unknown"), ("x", "required"), ("y", "type")]


def test_a_condition_that_asks_for_too_much_is_the_contents_fault():
    endless = "=count(for a in 1..1000, b in 1..1000 return a + b) > 5"
    form = a_form(component("textfield", "b", conditional={"hide": endless}))

    with pytest.raises(ContentInvalid):
        read(form, {"b": "甲"})


@pytest.mark.parametrize(
    "raw, value, codes",
    [
        (WITHIN, "2024-03-04T09:00", []),
        (WITHIN, "2024-03-08T16:00", []),
        (WITHIN, "2024-03-04T08:59", ["earliest"]),
        (WITHIN, "2024-03-08T16:01", ["latest"]),
        (DAY_WITHIN, "2024-03-04", []),
        (DAY_WITHIN, "2024-03-08", []),
        (DAY_WITHIN, "2024-03-03", ["earliest"]),
        (DAY_WITHIN, "2024-03-09", ["latest"]),
        (component("datetime", properties={"latest": "=null"}), "2099-01-01T00:00", []),
    ],
)
def test_a_time_keeps_to_its_bounds_which_may_read_the_case(
    raw: dict[str, Any], value: str, codes: list[str]
) -> None:
    form = a_form(raw)
    found: list[str] = []
    try:
        read(form, {"a": value}, UNTIL)
    except FormInvalid as refused:
        found = [field.code for field in refused.fields]

    assert found == codes


def test_a_text_that_is_only_shown_is_what_the_form_says_whatever_was_sent() -> None:
    shown_only = component(
        "textarea", "b", readonly=True, properties={"default": '="本期 " + string(received) + " 件"'}
    )
    form = a_form(component("textfield"), shown_only)

    for sent in ("本期 0 件", None, ""):
        assert read(form, {"a": "甲", "b": sent}, {"received": 3}) == {"a": "甲", "b": "本期 3 件"}
    assert read(form, {"a": "甲"}, {"received": 4}) == {"a": "甲", "b": "本期 4 件"}


def test_a_text_that_is_only_shown_and_has_nothing_to_show_is_empty() -> None:
    form = a_form(component("textfield", "b", readonly=True, properties={"default": "=nothing"}))

    assert read(form, {"b": "改过的"}, {"nothing": None}) == {"b": None}
