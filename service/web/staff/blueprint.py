"""The blueprint that the modules of this package put their pages on."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("staff", __name__)
