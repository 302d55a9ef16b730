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
from service.usecases.upload_quota import QuotaUsed, require_quota


def with_files(
    uow: UnitOfWork,
    form: Form,
    values: Mapping[str, Any],
    person: Person,
    case_id: str,
    submission_id: str,
    *,
    quota: int | None = None,
) -> dict[str, Any]:
    """The raw values with each attachment id in a file field replaced by `{id, name, sha256, size}`.

    The files are the case's from now on. One may be named by who uploaded it, until it belongs to a case,
    or where it belongs to this very case.
    Raises: FormInvalid with the path of a field that names a file which is not there, or no longer fits the case.
    """
    found = deepcopy(dict(values))
    named = {field.name: ids_of(reach(found, field.path)) for field in form.file_fields}
    wanted = list(dict.fromkeys(one for ids in named.values() for one in ids))
    if not wanted:
        return found
    taken = uow.take_attachments(wanted, case_id=case_id, submission_id=submission_id, person=person.id)
    try:
        require_quota(quota, uow, case_id, taken)
    except QuotaUsed as used:
        first = next(field for field in form.file_fields if named[field.name])
        raise FormInvalid([FieldError(first.name, used.code, f"{first.label}：{used.message}")]) from used
    kept = {attachment.id: attachment for attachment in taken}
    for field in form.file_fields:
        ids = named[field.name]
        if any(one not in kept for one in ids):
            raise FormInvalid([FieldError(field.name, "file", f"{field.label}：文件未上传成功，请重新选择")])
        if ids:
            inner(found, field.path)[field.key] = [described(kept[one]) for one in ids]
    return found


def reach(values: Any, path: tuple[str, ...]) -> Any:
    """What was sent for a field, None where its group was not sent."""
    for key in path:
        values = values.get(key) if isinstance(values, Mapping) else None
    return values


def inner(values: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """The mapping in which a field lies, which was sent."""
    for key in path[:-1]:
        values = values[key]
    return values


def ids_of(given: Any) -> list[str]:
    """The ids in what a page or a program sent: one, several, or what was described before."""
    several = given if isinstance(given, list | tuple) else [given]
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
