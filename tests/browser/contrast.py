"""Whether the texts of a page can be read, at whatever hour of the day one looks at it."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page

from service.web import words
from service.web.admin import wording

PRESSES = ("overdue", "hour", "day", "later")
TEMPLATES = Path(words.__file__).parent / "templates"
MEASURE = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")


def badge_colours() -> list[str]:
    """Every colour that a pale badge may take: of the tables of words, and of the templates."""
    tables = (words.STATUS_COLOURS, words.CLOCK_COLOURS, wording.STATE_COLOURS, wording.TIMER_COLOURS)
    found = {colour for table in tables for colour in table.values()}
    for template in TEMPLATES.rglob("*.html"):
        found |= set(re.findall(r"\bbg-([a-z]+)-lt\b", template.read_text(encoding="utf-8")))
    return sorted(found)


def pale_text(page: Page) -> str | None:
    """Which texts stand out too little from what is behind them, in any state that the hour may give them."""
    found: list[str] = page.evaluate(MEASURE, {"presses": PRESSES, "colours": badge_colours()})
    return "; ".join(found[:6]) or None
