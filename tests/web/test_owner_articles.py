"""条款: the regulation row by row, with jumps to what carries each; what nothing carries is told first."""

from __future__ import annotations

import re

import pytest

from service.usecases.release_content import release_content
from tests.web.office import shipped
from tests.web.rooms import ADMIN, AtDrafts

REGULATION = "bpmn/regulation.yaml"
LISTED = "bpmn/regulation_rows.yaml"
UNCARRIED = "  A15-9: {citation: 第十五条, title: 无人落实的一行, substance: 还没有画。, binding: E}\n"


def test_every_row_stands_on_the_page_and_none_of_the_shipped_ones_is_a_gap(office):
    text = AtDrafts(office).browser.get("/owner/articles").text

    rows = re.findall(r"^  (A\d+-\d+):", shipped()[REGULATION].decode(), re.MULTILINE)
    assert len(rows) == 55
    assert all(f'id="{row}"' in text for row in rows)
    assert "没有落实" not in text


@pytest.mark.parametrize(
    "place",
    [
        "/files/bpmn/handling.bpmn#submit_report",
        "/files/forms/register_case.form#upstream_order_no",
        "/files/bpmn/cases/acceptance.yaml#S02",
    ],
)
def test_a_row_leads_to_where_it_is_carried_out(office, place):
    browser = AtDrafts(office).browser

    text = browser.get("/owner/articles").text

    link = next(found for found in re.findall(r'href="([^"]+)"', text) if found.endswith(place))
    assert browser.get(link.partition("#")[0]).status_code == 200


def test_a_binding_row_that_nothing_carries_is_told_at_the_top(office):
    files = dict(shipped())
    files[REGULATION] += UNCARRIED.encode()
    files[LISTED] = files[LISTED].replace(b"A17-1]", b"A17-1, A15-9]")
    release_content(office.house, files, by=None, reason="新增一行")

    text = AtDrafts(office).browser.get("/owner/articles").text

    assert "1 行有约束力的要求还没有落实" in text
    assert '<a href="#A15-9">第十五条 无人落实的一行</a>' in text


def test_a_file_of_worked_cases_that_cannot_be_read_is_named_at_the_top(office):
    files = {**shipped(), "bpmn/cases/broken.yaml": b"scenarios:\n  - {id: S1\n"}
    release_content(office.house, files, by=None, reason="新增情景")

    text = AtDrafts(office).browser.get("/owner/articles").text

    assert "情景里有 1 处读不懂" in text
    assert "bpmn/cases/broken.yaml" in text
    assert "也都有验收情景走到" not in text


@pytest.mark.parametrize("account", ["paidan", "jiwei", ADMIN])
def test_the_page_is_shut_to_others(office, account):
    assert office.browser(account).get("/owner/articles").status_code == 403
