"""The files of a release as people look for them: in groups, under Chinese names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape

from service.content import load
from service.content.release import Content
from service.domain.errors import ContentInvalid

DIAGRAMS = "流程图"
TABLES = "时限表"
FORMS = "表单"
RULES = "口径与事实"
CASES = "验收情景"
GROUPS = (DIAGRAMS, TABLES, FORMS, RULES, CASES)
KNOWN = {
    "bpmn/deadlines.dmn": "时限表",
    "bpmn/policy.yaml": "口径表（各项开关与参数）",
    "bpmn/facts.yaml": "事实（许多地方共用的表达式）",
    "bpmn/regulation.yaml": "条款（办法逐条）",
    "bpmn/regulation_rows.yaml": "条款的行与强制力（核对用）",
    "bpmn/papers.yaml": "文书（各种单据怎样写）",
}
KINDS = {".bpmn": "diagram", ".dmn": "table"}
# the name of a diagram that may be too broken to be parsed: that of its pool, else of its process
_POOL = re.compile(r"<(?:\w+:)?participant\b[^>]*\bname=\"([^\"]+)\"")
_PROCESS = re.compile(r"<(?:\w+:)?process\b[^>]*\bname=\"([^\"]+)\"")
_TITLE = re.compile(r'"title"\s*:\s*"([^"]+)"')
# the first words of the first comment in a file of worked cases
_ABOUT = re.compile(r"\A#\s*([^\n。.（(：:]{2,40})")


@dataclass(frozen=True, slots=True)
class Item:
    """One file on the shelf."""

    name: str
    title: str
    group: str


def group_of(name: str) -> str:
    if name.endswith(".bpmn"):
        return DIAGRAMS
    if name.endswith(".dmn"):
        return TABLES
    if name.startswith("forms/"):
        return FORMS
    return CASES if name.startswith("bpmn/cases/") else RULES


def kind_of(name: str) -> str:
    """Which editor opens it: diagram, table or text."""
    return next((kind for suffix, kind in KINDS.items() if name.endswith(suffix)), "text")


def title_of(name: str, data: bytes, content: Content | None) -> str:
    """What people call a file."""
    if name in KNOWN:
        return KNOWN[name]
    key = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    if name.startswith("forms/"):
        form = content.forms.get(key) if content else None
        found = _TITLE.search(data.decode("utf-8", "replace"))
        return form.title if form else found[1] if found else key
    if name.endswith(".bpmn"):
        text = data.decode("utf-8", "replace")
        named = _POOL.search(text) or _PROCESS.search(text)
        return unescape(named[1]) if named else key
    about = _ABOUT.search(data.decode("utf-8", "replace")) if name.startswith("bpmn/cases/") else None
    return about[1].strip() if about else key


def shelf(files: Mapping[str, bytes]) -> dict[str, list[Item]]:
    """Group → its files, in the order of the groups and of their titles' files."""
    content = readable(files)
    found: dict[str, list[Item]] = {group: [] for group in GROUPS}
    for name in sorted(files):
        group = group_of(name)
        found[group].append(Item(name, title_of(name, files[name], content), group))
    return found


def titles(files: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Each file with what people call it."""
    for items in shelf(files).values():
        for item in items:
            yield item.name, item.title


def readable(files: Mapping[str, bytes]) -> Content | None:
    """The content, where it can be read at all."""
    try:
        return load(files)
    except ContentInvalid:
        return None
