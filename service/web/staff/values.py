"""Values of submitted forms as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask import url_for
from markupsafe import Markup, escape

from service.content.fields import Field
from service.usecases.case_view import Shown
from service.web.naming import department_name, person_name
from service.web.show import beijing, paragraphs, size_text


def value_text(shown: Shown) -> Markup:
    """One value: options by their labels, people and departments by name, files as links."""
    field, value = shown.field, shown.value
    if isinstance(value, (list, tuple)):
        between = Markup("<br>") if field.type == "filepicker" else Markup("、")
        return between.join(one_text(field, one) for one in value)
    return one_text(field, value)


def typed_text(field: Field, typed: Sequence[str]) -> Markup:
    """What somebody typed or chose in a field, before it was accepted, as they read it there."""
    if field.type == "checkbox":
        return one_text(field, bool(typed))
    if field.type == "datetime":
        return escape("；".join(one.replace("T", " ") for one in typed))
    return Markup("；").join(one_text(field, one) for one in typed if one)


def one_text(field: Field, value: Any) -> Markup:
    if isinstance(value, Mapping) and "id" in value:
        return file_link(value)
    if isinstance(value, bool):
        return escape("是" if value else "否")
    if isinstance(value, datetime):
        return escape(beijing(value))
    if isinstance(value, date):
        return escape(value.isoformat())
    if field.choices == "departments":
        return escape(department_name(str(value)))
    if field.choices == "people":
        return escape(person_name(str(value)))
    if field.options:
        return escape(field.labels().get(str(value), str(value)))
    return paragraphs(value)


def file_link(file: Mapping[str, Any]) -> Markup:
    """A file by its name, with its size; the link is a download."""
    name = file.get("name") or "文件"
    size = f"（{size_text(int(file['size']))}）" if file.get("size") is not None else ""
    return Markup('<a href="{}">{}</a>{}').format(
        url_for("staff.download", attachment_id=file["id"]), name, size
    )
