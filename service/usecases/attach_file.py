"""Upload a file, and open one again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import IO, Any, BinaryIO

from service.content.fields import Field
from service.domain.case import Attachment, Submission
from service.domain.errors import Invalid, Missing, Refused
from service.domain.people import Person
from service.domain.ports import Kept
from service.usecases.access import note_look
from service.usecases.authorize import require_sight
from service.usecases.case_work import CaseWork
from service.usecases.house import House, Release
from service.usecases.kept_apart import kept_apart
from service.usecases.media import OFFICE_PARTS, TYPES, WITH_MACROS, ending_of, is_office_document, media_type
from service.usecases.upload_quota import known_case, room, room_for

LONGEST_NAME = 120
ACCEPTED = "录音、视频、图片、PDF、Office 文档、文本、压缩包"


def attach_file(
    house: House, stream: IO[bytes], name: str, person: Person, *, case_no: str | None, limit: int
) -> Attachment:
    """Keep a file under its hash. Until a form names it, only who uploaded it can use it.

    `case_no` is the case it is meant for, as far as there is one: with it the quota is asked before all has come.
    Raises: Invalid (empty, too large, beyond the quota, of another type than its name says).
    """
    kept = house.files.keep(room_for(house, person, case_no).measured(stream), limit=limit)
    if kept.size_bytes == 0:
        raise Invalid(f"“{shown_name(name)}”是空文件，没有内容。", code="file.empty")
    attachment = Attachment(
        id=house.new_id(),
        case_id=None,
        sha256=kept.sha256,
        name=shown_name(name),
        media_type=checked_type(house, kept, name),
        size_bytes=kept.size_bytes,
        by=person.id,
        at=house.clock.now(),
    )
    with house.store.begin() as uow:
        room(house, uow, person, known_case(uow, person, case_no)).require(attachment.size_bytes)
        uow.add_attachment(attachment)
        uow.commit()
    return attachment


def checked_type(house: House, kept: Kept, name: str) -> str:
    """The type by the file's own bytes. Raises: Invalid where it is none of ours, or its name claims another."""
    shown = shown_name(name)
    ending = ending_of(shown)
    if ending in WITH_MACROS:
        message = f"“{shown}”是带宏的 Office 文档（.{ending}），不能上传；请另存为不带宏的 .docx、.xlsx、.pptx 或 PDF。"
        raise Invalid(message, code="file.type")
    if ending not in TYPES:
        what = f"这种类型（.{ending}）" if ending else "没有扩展名的文件"
        raise Invalid(f"“{shown}”：{what}不能上传；可以上传{ACCEPTED}。", code="file.type")
    found = media_type(kept.head, shown)
    if found is not None and ending in OFFICE_PARTS:
        with house.files.open(kept.sha256) as held:
            found = found if is_office_document(held, ending) else None
    if found is None:
        raise Invalid(
            f"“{shown}”的内容不是 .{ending} 文件，可能已损坏或改过扩展名；请打开看一看，再用原来的程序另存后上传。",
            code="file.disguised",
        )
    return found


def shown_name(name: str) -> str:
    """The name people gave, as it may be shown: no folders, no control or direction marks, not too long."""
    last = re.split(r"[\\/]", name)[-1]
    clean = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    clean = clean.strip(" .") or "未命名文件"
    if len(clean) <= LONGEST_NAME:
        return clean
    stem, dot, ending = clean.rpartition(".")
    return f"{stem[: LONGEST_NAME - 12]}{dot}{ending[:10]}" if dot else clean[:LONGEST_NAME]


def open_attachment(house: House, attachment_id: str, person: Person) -> tuple[Attachment, BinaryIO]:
    """A file for whoever may see the content of its case, or who uploaded it; one that holds contacts for whoever sees
    these, and that they took it is recorded.

    Article: A15-6. Raises: Missing; Refused E_NOT_AUTHORIZED (contacts masked for this person).
    """
    withheld = None
    with house.store.begin() as uow:
        found = uow.attachments([attachment_id])
        if not found:
            raise Missing("没有这个文件，或者您无权查看。", code="file.missing")
        attachment = found[0]
        if attachment.case_id is not None:
            loaded = uow.load(attachment.case_id)
            work = CaseWork.of(house, uow, loaded, house.clock.now(), "")
            seen = require_sight(work, person)
            apart = kept_apart(work.release, loaded, person)
            if not seen.content or attachment.submission_id in apart.submissions:
                raise Missing("没有这个文件，或者您无权查看。", code="file.missing")
            withheld = withheld_by(work.release, work.submissions, attachment.sha256)
            if withheld and not seen.contact:
                raise Refused(
                    "E_NOT_AUTHORIZED",
                    f"“{withheld.label}”含诉求人的联系方式，只有党政办公室和承办部门可以下载。",
                    article="A15-6",
                )
        elif attachment.by != person.id:
            raise Missing("没有这个文件，或者您无权查看。", code="file.missing")
    if withheld and attachment.case_id is not None:
        told = {"what": withheld.name, "sha256": attachment.sha256}
        note_look(house, attachment.case_id, person, "exported", told)
    return attachment, house.files.open(attachment.sha256)


def withheld_by(release: Release, submissions: Iterable[Submission], sha256: str) -> Field | None:
    """The field that says that this file holds contacts; also where the same bytes were handed in elsewhere."""
    for submission in submissions:
        for field in release.content.forms[submission.form].fields:
            if field.withheld and sha256 in hashes_in(submission.values, field):
                return field
    return None


def hashes_in(values: Mapping[str, Any], field: Field) -> list[str]:
    """The hashes of the files that were handed in with a field."""
    value: Any = values
    for key in field.path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return [str(one["sha256"]) for one in value or ()]
