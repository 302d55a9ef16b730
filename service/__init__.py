"""The complaint service. Importing it is cheap: Flask is loaded only when the application is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["create_app"]


def create_app(**wiring: Any) -> Flask:
    """Make the Flask application; see `service.ops.factory.create_app` for what can be wired."""
    from service.ops.factory import create_app as make

    return make(**wiring)
