"""What a list shows: the cases on it."""

from __future__ import annotations

import re

from tests.web.office import Browser, Office


def case_numbers(text: str) -> list[str]:
    """The numbers of the cases listed, in order, each once."""
    body = text[text.index("<main") :]
    return list(dict.fromkeys(re.findall(r"/cases/(JSJB-\d{4}-\d{5})\"", body)))


def listed(browser: Browser, path: str) -> list[str]:
    return case_numbers(browser.get(path).text)


def task_path(office: Office, case_no: str, form: str) -> str:
    """The address of the open task with this form."""
    with office.store.begin(reading=True) as uow:
        tasks = uow.load(uow.case_of_no(case_no).id).tasks
    return f"/cases/{case_no}/tasks/{next(one.id for one in tasks if one.form == form)}"
