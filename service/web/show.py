"""How values look on a page: instants in Beijing time, ends of days as 24:00, sizes, masked contacts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from flask import Flask
from markupsafe import Markup, escape

from service.domain.people import ROLE_NAMES
from service.domain.permissions import mask
from service.web import words
from service.web.surroundings import now, settings
from timers.clock import BEIJING
from timers.deadlines import show_due
from timers.periods import PeriodRefused, said

SIZES = ("B", "KB", "MB", "GB")
SOON_S = 3600
DAY_S = 24 * 3600


def beijing(at: datetime | None) -> str:
    """An instant at which something happened, in Beijing time; the year only where it is another one."""
    if at is None:
        return "—"
    local = at.astimezone(BEIJING)
    same_year = local.year == now().astimezone(BEIJING).year
    return local.strftime("%m-%d %H:%M" if same_year else "%Y-%m-%d %H:%M")


def due_text(at: datetime | None) -> str:
    """An instant by which something is due: the end of a day is 24:00 of it, never 00:00 of the next."""
    if at is None:
        return "—"
    return show_due(at, now().astimezone(BEIJING).date())


def near_text(at: datetime | None) -> str:
    """The same, with today and tomorrow by name, where a person has to act on it."""
    if at is None:
        return "—"
    today = now().astimezone(BEIJING).date()
    day, _, time = show_due(at.replace(second=0)).partition(" ")
    names = {today.isoformat(): "今天", (today + timedelta(days=1)).isoformat(): "明天"}
    return f"{names[day]} {time}" if day in names else due_text(at)


def utc_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def remaining(seconds: float) -> str:
    """A stretch of time in the two largest units, as the page's script goes on to count it."""
    whole = int(abs(seconds))
    days, hours, minutes = whole // DAY_S, whole % DAY_S // 3600, whole % 3600 // 60
    if days:
        return f"{days}天{hours}小时"
    if hours:
        return f"{hours}小时{minutes}分"
    return f"{minutes}分{whole % 60}秒" if minutes else f"{whole}秒"


def press(at: datetime) -> str:
    """How hard a due time presses: overdue, within the hour, within a day, later."""
    left_s = (at - now()).total_seconds()
    if left_s < 0:
        return "overdue"
    return "hour" if left_s < SOON_S else "day" if left_s < DAY_S else "later"


def countdown(at: datetime | None) -> Markup:
    """What is left until an instant, as text that a script goes on counting down."""
    if at is None:
        return Markup("")
    left_s = (at - now()).total_seconds()
    text = f"逾期 {remaining(left_s)}" if left_s < 0 else f"剩余 {remaining(left_s)}"
    due = utc_text(at)
    # of numbers and words of ours alone: nothing in it is to be escaped
    shown = (
        f'<time class="countdown" data-due="{due}" datetime="{due}" data-state="{press(at)}">{text}</time>'
    )
    return Markup(shown)  # noqa: S704


def size_text(size_bytes: int) -> str:
    amount = float(size_bytes)
    for unit in SIZES[:-1]:
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} {SIZES[-1]}"


def upload_most() -> int:
    """The size of the largest file that is taken."""
    return settings().upload_max_bytes


def upload_limit() -> str:
    """The largest file that is taken, as people read it."""
    return f"{settings().upload_max_bytes // 1024**2} MB"


def paragraphs(text: object) -> Markup:
    """A text of several lines, its line breaks kept, everything else as text."""
    return Markup("<br>").join(escape(line) for line in str(text).splitlines())


def period_text(period: str) -> str:
    """A month or quarter as people read it: 2024年5月; what is neither as it stands."""
    try:
        return said(period)
    except PeriodRefused:
        return period


def given(attributes: Mapping[str, object]) -> dict[str, object]:
    """The attributes that have a value: one that is none would be drawn as the word."""
    return {name: value for name, value in attributes.items() if value is not None}


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        at=beijing,
        due=due_text,
        near=near_text,
        utc=utc_text,
        countdown=countdown,
        press=press,
        filesize=size_text,
        given=given,
        paragraphs=paragraphs,
        masked=mask,
        period=period_text,
        status=words.status_name,
        clock=words.clock_name,
    )
    app.jinja_env.globals.update(
        words=words, ROLE_NAMES=ROLE_NAMES, upload_limit=upload_limit, upload_most=upload_most
    )
