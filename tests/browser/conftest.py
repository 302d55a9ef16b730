"""A real Chromium before the real service. At the end of each test no page may have complained of anything."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.browser.complaints import Complaints
from tests.browser.people import AtDesk
from tests.browser.serving import RunningService

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Nothing but the service is to be asked; and a container has neither a sandbox nor much shared memory.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--lang=zh-CN",
)
WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)  # a busy machine is no failure

PageFor = Callable[..., AtDesk]
_reports = pytest.StashKey[dict[str, pytest.TestReport]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep how a test went, so that its fixtures know at the end whether there is something to show."""
    report = yield
    item.stash.setdefault(_reports, {})[report.when] = report
    return report


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    running = RunningService(tmp_path_factory.mktemp("service"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a file."""
    path = next((found for name in CHROMIUM_NAMES if (found := shutil.which(name))), None)
    assert path, f"no Chromium on this machine: none of {', '.join(CHROMIUM_NAMES)}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=ARGUMENTS, env={**os.environ, "LANGUAGE": "zh_CN"}
        )
        yield browser
        browser.close()


@pytest.fixture
def viewport() -> ViewportSize:
    """How large the screens are; a test is parametrized with another where it matters."""
    return WIDE


@pytest.fixture
def page_for(
    service: RunningService,
    chromium: Browser,
    viewport: ViewportSize,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> Iterator[PageFor]:
    """`page_for(account)`: that person, logged in, at a browser of their own; the same one when asked again."""
    desks: dict[str, AtDesk] = {}

    def at_desk(account: str, *, log_in: bool = True) -> AtDesk:
        if account not in desks:
            desks[account] = _sit_down(chromium, service.url, account, viewport)
            if log_in:
                desks[account].log_in()
        return desks[account]

    yield at_desk

    called = request.node.stash.get(_reports, {}).get("call")
    if called is None or called.failed:
        _show(desks, tmp_path, service)
    complaints = [f"{desk.account}: {text}" for desk in desks.values() for text in desk.complaints.all()]
    for desk in desks.values():
        desk.page.context.close()
    if called is not None and called.passed:
        assert not complaints, "\n".join([*complaints, service.said()])


def _sit_down(chromium: Browser, home: str, account: str, viewport: ViewportSize) -> AtDesk:
    phone: dict[str, Any] = {"is_mobile": True, "has_touch": True} if viewport["width"] < 768 else {}
    context = chromium.new_context(
        viewport=viewport, locale="zh-CN", timezone_id="Asia/Shanghai", accept_downloads=True, **phone
    )
    context.set_default_timeout(PATIENCE_MS)
    complaints = Complaints(context, home)
    return AtDesk(context.new_page(), home, account, complaints)


def _show(desks: dict[str, AtDesk], folder: Path, service: RunningService) -> None:
    """Screenshots and the end of the log, where a test failed."""
    for desk in desks.values():
        for number, page in enumerate(desk.page.context.pages):
            picture = folder / f"{re.sub(r'[^a-z_]', '', desk.account)}-{number}.png"
            with suppress(PlaywrightError):  # a page that hangs has no picture
                page.screenshot(path=picture, full_page=True, timeout=5_000)
            print(f"{desk.account} at {page.url}: {picture}")
        print(*desk.complaints.all(), sep="\n")
    print(f"the service said:\n{service.said()}")
