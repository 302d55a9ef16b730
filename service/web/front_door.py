"""Whoever has no to-dos of their own is led from the first page to the first room that is theirs."""

from __future__ import annotations

from flask import Flask, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from service.web.navigation import FIRST_PAGE, first_entry


def lead_home() -> ResponseReturnValue | None:
    """From the list of to-dos on to the person's own first entry, where to-dos are none of theirs."""
    if request.endpoint != FIRST_PAGE or g.get("person") is None:
        return None
    own = first_entry()
    return redirect(url_for(own.endpoint)) if own and own.endpoint != FIRST_PAGE else None


def init_app(app: Flask) -> None:
    app.before_request(lead_home)
