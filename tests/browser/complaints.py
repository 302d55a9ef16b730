"""What a browser complains of while a page is used: errors of scripts, of the content policy, of requests."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

# A page that is left while it still loads something is nobody's fault.
LEFT = "net::ERR_ABORTED"
# A question that a page asks each minute and that found no answer within it is asked again: on a machine that is busy
# with other things that says nothing about the page.
ASKED_AGAIN = "htmx:error: timeout"
_LOADED_AS = re.compile(r"Failed to load resource: the server responded with a status of (\d{3})")


class Complaints:
    """Everything that went wrong in one context, but for the answers that a test means to get."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.expected: set[int] = set()
        self._home = home
        self._found: list[tuple[int | None, str]] = []
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self._note(f"script: {error.error}"))
        context.on("request", self._on_request)
        context.on("requestfailed", self._on_request_failed)
        context.on("response", self._on_response)

    def expect(self, *statuses: int) -> None:
        """From now on these answers are part of the test."""
        self.expected |= set(statuses)

    def all(self) -> list[str]:
        """What nobody expected."""
        return [text for status, text in self._found if status not in self.expected]

    def _note(self, text: str, status: int | None = None) -> None:
        self._found.append((status, text))

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning") or ASKED_AGAIN in message.text:
            return
        loaded_as = _LOADED_AS.match(message.text)
        where = message.page.url if message.page else "?"
        self._note(f"console at {where}: {message.text}", int(loaded_as[1]) if loaded_as else None)

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self._home, "data:", "blob:")):
            self._note(f"asked another host: {request.url}")

    def _on_request_failed(self, request: Request) -> None:
        if request.failure != LEFT:
            self._note(f"{request.method} {request.url}: {request.failure}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self._note(f"{response.request.method} {response.url}: {response.status}", response.status)


def overflow(page: Page) -> str | None:
    """Which elements stick out to the right, where the page as a whole has to be scrolled sideways."""
    found: list[str] = page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width && window.innerWidth <= width) return [];
          return [...document.body.querySelectorAll("*")]
            .filter((one) => one.getBoundingClientRect().right > width + 1)
            .map((one) => `${one.tagName.toLowerCase()}.${one.className}`);
        }"""
    )
    return ", ".join(found[:5]) or None
