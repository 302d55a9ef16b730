"""Addresses of the rows of a list: the very ones that each row would be given by itself."""

from __future__ import annotations

import pytest
from flask import url_for

from service.web.addresses import address_of
from tests.web.office import Office


@pytest.mark.parametrize(
    "endpoint, values",
    [
        ("staff.case_page", {"case_no": "JSJB-2026-00001"}),
        ("staff.claim", {"case_no": "JSJB-2026-00001", "task_id": "a b/c?d#e&f"}),
        ("staff.task_form", {"case_no": "JSJB-2026-00001", "form": "review", "task": "一&二=三 四"}),
        ("staff.task_form", {"case_no": "~~form~~", "form": "~~task~~", "task": "x"}),
    ],
)
def test_an_address_filled_in_leads_to_the_same_place(
    office: Office, endpoint: str, values: dict[str, str]
) -> None:
    with office.app.test_request_context():
        filled = address_of(endpoint, *values)(**values)
        by_itself = url_for(endpoint, **values)

        assert places(office, filled) == places(office, by_itself)


def places(office: Office, address: str) -> tuple[str, dict[str, str], dict[str, str]]:
    """Which page an address leads to, with what it is given."""
    with office.app.test_request_context(address) as context:
        request = context.request
        return request.endpoint or "", dict(request.view_args or {}), dict(request.args)
