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


def found(browser: Browser, path: str, words: str, **filters: str) -> str:
    """The page of a list on which somebody looked for words."""
    browser.get(path)
    answer = browser.post(path, {"q": words, **filters})
    assert answer.status_code == 303
    return browser.get(answer.location).text


def listed_for(browser: Browser, path: str, words: str) -> list[str]:
    return case_numbers(found(browser, path, words))


def task_path(office: Office, case_no: str, form: str) -> str:
    """The address of the open task with this form."""
    with office.store.begin(reading=True) as uow:
        tasks = uow.load(uow.case_of_no(case_no).id).tasks
    return f"/cases/{case_no}/tasks/{next(one.id for one in tasks if one.form == form)}"
