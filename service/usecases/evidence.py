"""Files named in a form: attachment ids become what the submission keeps of them."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from service.content.forms import Form
from service.domain.case import Attachment
from service.domain.errors import FieldError, FormInvalid
from service.domain.people import Person
from service.domain.ports import UnitOfWork


def with_files(
    uow: UnitOfWork, form: Form, values: Mapping[str, Any], person: Person, case_id: str
) -> dict[str, Any]:
    """The raw values with each attachment id in a file field replaced by `{id, name, sha256, size}`.

    A file may be named by who uploaded it, or where it belongs to this very case.
    Raises: FormInvalid with the path of a field that names a file which is not there.
    """
    found = dict(deepcopy(dict(values)))
    for field in form.file_fields:
        holder = inner(found, field.path[:-1])
        given = holder.get(field.key) if holder is not None else None
        if not given or holder is None:
            continue
        ids = ids_of(given)
        kept = {a.id: a for a in uow.attachments(ids) if a.case_id == case_id or a.by == person.id}
        missing = [one for one in ids if one not in kept]
        if missing:
            raise FormInvalid([FieldError(field.name, "file", f"{field.label}：文件未上传成功，请重新选择")])
        holder[field.key] = [described(kept[one]) for one in ids]
    return found


def inner(values: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any] | None:
    """The mapping in which a field lies, or None where its group was not sent."""
    for key in path:
        below = values.get(key)
        if not isinstance(below, dict):
            return None
        values = below
    return values


def ids_of(given: Any) -> list[str]:
    """The ids in what a page or a program sent: one, several, or what was described before."""
    several = given if isinstance(given, (list, tuple)) else [given]
    return [
        str(one["id"]) if isinstance(one, Mapping) and "id" in one else str(one) for one in several if one
    ]


def described(attachment: Attachment) -> dict[str, Any]:
    """What a submission keeps of a file."""
    return {
        "id": attachment.id,
        "name": attachment.name,
        "sha256": attachment.sha256,
        "size": attachment.size_bytes,
    }
