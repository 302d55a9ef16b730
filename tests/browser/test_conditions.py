"""The shared table of form conditions, in the script that the pages of task forms load."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Route

TABLE = Path(__file__).parents[1] / "rules" / "form_condition_cases.yaml"
CASES: list[dict[str, Any]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))["cases"]

pytestmark = pytest.mark.xdist_group("browser-conditions")


def test_the_script_of_the_pages_hides_what_the_table_says(page_for):
    someone = page_for("paidan", log_in=False)
    someone.page.route("**/table-of-conditions", lambda route: answer(route, CASES))

    someone.go("/table-of-conditions")
    someone.page.wait_for_selector("body[data-followed]")
    hidden = someone.page.eval_on_selector_all("[data-path=asked]", "all => all.map((one) => one.hidden)")

    assert {case["hidden"] for case in CASES} == {True, False}
    wrong = [case for case, is_hidden in zip(CASES, hidden, strict=True) if is_hidden is not case["hidden"]]
    assert wrong == []


def answer(route: Route, cases: list[dict[str, Any]]) -> None:
    """A page with a form for each row, as the server draws forms: what the case knows, and a field with a condition."""
    forms = "".join(
        f'<form data-task-form data-context="{attribute(case["context"])}">'
        f'<div data-path="asked" data-kind="textfield" data-hides="{attribute([case["condition"]])}">'
        "<input></div></form>"
        for case in cases
    )
    # scripts of type module run in order: the second one comes after the first has followed all forms
    scripts = (
        '<script type="module" src="/static/dist/forms.js"></script>'
        '<script type="module">document.body.dataset.followed = "yes"</script>'
    )
    route.fulfill(content_type="text/html; charset=utf-8", body=f"<!doctype html><body>{forms}{scripts}")


def attribute(value: object) -> str:
    return html.escape(json.dumps(value, ensure_ascii=False))
