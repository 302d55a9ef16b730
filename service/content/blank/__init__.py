"""New files of the content: a diagram with a start and an end, a form with one field, a file of worked cases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from string import Template

import yaml

_HERE = Path(__file__).parent


def blank_diagram(
    key: str, title: str, *, role: str, role_name: str, article: str | None, form: str | None
) -> bytes:
    """A process with one lane, from its start to its end; started by a form, or by another process."""
    start = f' jsjb:form="{escape(form)}" jsjb:subject="any"' if form else ""
    return _filled(
        "diagram.bpmn",
        key=key,
        title=escape(title),
        role=escape(role),
        role_name=escape(role_name),
        article=f' jsjb:article="{escape(article)}"' if article else "",
        start=start,
    )


def blank_form(key: str, title: str, *, article: str | None) -> bytes:
    """A form that asks for one text."""
    properties = {"title": title, **({"article": article} if article else {})}
    written = json.dumps(properties, ensure_ascii=False, indent=2).replace("\n", "\n  ")
    return _filled("form.form", key=key, properties=written)


def blank_cases(title: str, departments: Mapping[str, str]) -> bytes:
    """A file for worked cases, none in it yet, with how one is written and the departments there are."""
    lines = yaml.safe_dump(dict(departments), allow_unicode=True, sort_keys=False, default_flow_style=False)
    listed = "\n".join(f"    {line}" for line in lines.strip().splitlines())
    return _filled("cases.yaml", title=" ".join(title.split()), departments=listed)


def blank_ids(key: str) -> frozenset[str]:
    """The ids of a new diagram that no other diagram may have."""
    return frozenset({key, f"{key}_began", f"{key}_done"})


def _filled(name: str, **values: str) -> bytes:
    return Template((_HERE / name).read_text(encoding="utf-8")).substitute(values).encode()
