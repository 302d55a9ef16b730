"""Addresses that differ from row to row of a long list: worked out once, and only filled in for each row."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flask import Flask, url_for


def address_of(endpoint: str, *places: str) -> Callable[..., str]:
    """The addresses of one page, by what stands at some places of it: `address_of("staff.case_page", "case_no")`."""
    marks: dict[str, Any] = {name: f"~~{name}~~" for name in places}  # which no address changes
    pieces = re.split(r"~~(\w+)~~", url_for(endpoint, **marks))  # what is fixed, a place, what is fixed, …

    def filled(**values: str) -> str:
        return "".join(quote(values[one], safe="") if at % 2 else one for at, one in enumerate(pieces))

    return filled


def init_app(app: Flask) -> None:
    app.jinja_env.globals["address_of"] = address_of
