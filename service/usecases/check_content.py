"""Check content before it is released: everything that is wrong, where, by which rule, with its cure."""

from __future__ import annotations

from collections.abc import Mapping

from service.content import load
from service.domain.errors import ContentInvalid, Finding
from service.engine import parse


def check_content(files: Mapping[str, bytes]) -> list[Finding]:
    """Every finding about a set of content files, errors first. Never raises for what is in the files."""
    try:
        content = load(files)
    except ContentInvalid as refused:
        return list(refused.findings)
    try:
        parse(content.diagrams)
    except ContentInvalid as refused:
        return list(refused.findings)
    return []
