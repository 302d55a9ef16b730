"""From an error page on to somewhere: the case it was about, the page one came from, the person's own first page."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Flask, g, request, url_for

from service.web.navigation import first_entry


@dataclass(frozen=True, slots=True)
class Way:
    """A link and what it says."""

    label: str
    href: str


def ways_on(*, to_case: bool) -> list[Way]:
    """Where one may go from here, the likeliest first. Never to the page that has just failed."""
    if g.get("person") is None:
        return [Way("去登录", url_for("login.log_in"))]
    found = []
    if to_case and (case := case_asked_for()):
        found.append(case)
    if back := page_before():
        found.append(Way("返回上一页", back))
    if first := first_entry():
        found.append(Way(f"回到{first.label}", url_for(first.endpoint)))
    failed = request.full_path.rstrip("?") if request.method == "GET" else None
    return [way for way in found if way.href != failed]


def case_asked_for() -> Way | None:
    """The case in the address."""
    case_no = (request.view_args or {}).get("case_no")
    return Way(f"打开 {case_no}", url_for("staff.case_page", case_no=case_no)) if case_no else None


def page_before() -> str | None:
    """The page of ours from which one came; on it stands what was typed."""
    came_from = urlsplit(request.referrer or "")
    if came_from.netloc != request.host or not came_from.path.startswith("/"):
        return None
    return came_from.path + (f"?{came_from.query}" if came_from.query else "")


def init_app(app: Flask) -> None:
    app.jinja_env.globals["ways_on"] = ways_on
