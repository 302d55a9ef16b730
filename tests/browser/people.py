"""People at their browsers: they log in, find what waits for them, fill in forms and hand them in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from service.ops.settings import DEMO_PASSWORD
from tests.browser.complaints import Complaints

CASE_NO = re.compile(r"JSJB-\d{4}-\d{5}")

DISPATCHER = "paidan"
DIRECTOR = "zhuren"
LEADING_GROUP = "lingdao"
LIAISON = "zhuanren_logistics"
HANDLER = "chengban_logistics"
HEAD = "fuzeren_logistics"
URGENT_HANDLER = "chengban_security"


class AtDesk:
    """One person at one browser."""

    def __init__(self, page: Page, home: str, account: str, complaints: Complaints) -> None:
        self.page = page
        self.home = home
        self.account = account
        self.complaints = complaints

    def log_in(self) -> None:
        self.page.goto(f"{self.home}/login")
        self.type_credentials()
        expect(self.page.locator("header.app-header")).to_be_visible()

    def type_credentials(self) -> None:
        self.page.get_by_label("账号", exact=True).fill(self.account)
        self.page.get_by_label("密码", exact=True).fill(DEMO_PASSWORD)
        self.page.get_by_role("button", name="登录", exact=True).click()

    def go(self, path: str) -> None:
        self.page.goto(self.home + path)

    # -- what waits, and where ------------------------------------------------------------------------------
    def to_do(self, case_no: str) -> Locator:
        """The row of a case in 待办."""
        return self.page.locator("article.todo", has_text=case_no)

    def take_up(self, case_no: str) -> None:
        """From 待办 into the form of the task that waits."""
        self.go("/")
        self.to_do(case_no).get_by_role("link", name="办理").click()
        expect(self.form()).to_be_visible()

    def open_case(self, case_no: str) -> None:
        self.go(f"/cases/{case_no}")
        expect(self.head()).to_contain_text(case_no)

    def head(self) -> Locator:
        """The head of the case page: number, title, state, department."""
        return self.page.locator("header.case-head")

    def choose_action(self, case_no: str, form: str) -> None:
        """From the case page into the form of an action that is open to this person."""
        self.open_case(case_no)
        actions = self.page.get_by_role("region", name="我可以办理")
        link = actions.locator(f'a[href*="/forms/{form}"]')
        if not link.is_visible():
            actions.locator("summary").click()
        link.click()
        expect(self.form()).to_be_visible()

    def case_no(self) -> str:
        """The case whose page is open."""
        found = CASE_NO.search(self.page.url)
        assert found, f"no case page: {self.page.url}"
        return found[0]

    # -- forms ----------------------------------------------------------------------------------------------
    def form(self) -> Locator:
        return self.page.locator("form[data-task-form]")

    def field(self, path: str) -> Locator:
        return self.page.locator(f'[data-path="{path}"]')

    def fill(self, values: Mapping[str, Any]) -> None:
        """Fill in fields by what people read on them: the label of an option, not its value."""
        for path, value in values.items():
            field = self.field(path)
            match field.get_attribute("data-kind"):
                case "select":
                    field.locator("select").select_option(label=value)
                case "radio":
                    field.get_by_label(value, exact=True).check()
                case "checklist":
                    for one in value:
                        field.get_by_label(one, exact=True).check()
                case "checkbox":
                    field.get_by_role("checkbox").set_checked(value)
                case "filepicker":
                    self.upload(path, value)
                case _:
                    field.locator("input, textarea").fill(value)

    def upload(self, path: str, file: Path) -> None:
        """Choose a file, and wait until it is there."""
        field = self.field(path)
        field.locator('input[type="file"]').first.set_input_files(file)
        kept = field.locator(".kept-file", has_text=file.name)
        expect(kept).to_be_visible()
        expect(kept.locator("progress")).to_have_count(0)

    def hand_in(self) -> None:
        """Press the button, whatever the answer is."""
        self.form().get_by_role("button", name="提交", exact=True).click()

    def submit(self, values: Mapping[str, Any]) -> None:
        """Fill in a form and have it accepted: the case page says so."""
        self.fill(values)
        self.hand_in()
        expect(self.page.get_by_role("status").first).to_contain_text("已提交")
        expect(self.head()).to_be_visible()

    def filled_in(self) -> dict[str, str]:
        """What stands in the fields of the form now, as text, in the order of the page."""
        found: dict[str, str] = self.page.evaluate(
            """() => Object.fromEntries([...document.querySelectorAll("[data-path]")].map((field) => [
              field.dataset.path,
              [...field.querySelectorAll("input:not([type=file]), select, textarea")]
                .filter((one) => (["radio", "checkbox"].includes(one.type) ? one.checked : one.value))
                .map((one) => one.value).join("|"),
            ]))"""
        )
        return found
