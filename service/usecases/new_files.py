"""New files for a draft, from what their owner says about them: a name, a title, how it begins, what it is for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from service.content.blank import blank_cases, blank_diagram, blank_form, blank_ids
from service.content.load import NEEDED
from service.domain.errors import FieldError, FormInvalid
from service.domain.people import ROLE_NAMES
from service.usecases.check_content import ids_drawn
from service.usecases.draft_files import CASES, SHAPE, AddFile
from service.usecases.drafts import DraftView

LONGEST_TITLE = 30
LONGEST_NAME = 100
KEY = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
BY_FORM, BY_PROCESS = "form", "process"
FOLDERS = {".bpmn": "bpmn/", ".dmn": "bpmn/", ".form": "forms/", ".yaml": CASES}


@dataclass(frozen=True, slots=True)
class NewFile:
    """What was said about a new file. `begins`: by a form that somebody hands in, or by another process."""

    key: str
    title: str
    article: str = ""
    role: str = ""
    begins: str = BY_FORM


def new_diagram(view: DraftView, new: NewFile) -> list[AddFile]:
    """A process from its start to its end; where a form begins it, that form as well.

    Raises: FormInvalid (`key`, `title`, `role`).
    """
    errors = named(new)
    if new.role not in ROLE_NAMES:
        errors.append(FieldError("role", "required", "请选择由谁办理。"))
    if not errors and blank_ids(new.key) & ids_drawn(view.files):
        errors.append(
            FieldError("key", "taken", f"别的流程图里已有名为 {new.key} 的流程或元素，请换一个名称。")
        )
    if errors:
        raise FormInvalid(errors)
    by_form = new.begins != BY_PROCESS
    drawn = blank_diagram(
        new.key,
        new.title.strip(),
        role=new.role,
        role_name=ROLE_NAMES[new.role],
        article=new.article or None,
        form=new.key if by_form else None,
    )
    return [AddFile(f"bpmn/{new.key}.bpmn", drawn), *(new_form(new) if by_form else ())]


def new_form(new: NewFile) -> list[AddFile]:
    """A form with one field. Raises: FormInvalid (`key`, `title`)."""
    if errors := named(new):
        raise FormInvalid(errors)
    drawn = blank_form(new.key, new.title.strip(), article=new.article or None)
    return [AddFile(f"forms/{new.key}.form", drawn)]


def new_cases(new: NewFile, departments: Mapping[str, str]) -> list[AddFile]:
    """A file for worked cases. Raises: FormInvalid (`key`, `title`)."""
    if errors := named(new):
        raise FormInvalid(errors)
    return [AddFile(f"{CASES}{new.key}.yaml", blank_cases(new.title.strip(), departments))]


def uploaded_file(file_name: str, content: bytes, name: str, *, replaces: bool) -> list[AddFile]:
    """A file that was uploaded, under the name given for it, else its own. Raises: FormInvalid (`file`)."""
    own = PurePath(file_name.replace("\\", "/")).name
    suffix = PurePath(own).suffix.lower()
    if suffix not in FOLDERS:
        message = "只收流程图（.bpmn）、时限表（.dmn）、表单（.form）和验收情景（.yaml）。"
        raise FormInvalid([FieldError("file", "kind", message)])
    stem = (name.strip() or PurePath(own).stem)[:LONGEST_NAME]
    known = next((one for one in NEEDED if one == f"bpmn/{stem}{suffix}"), None)
    return [AddFile(known or f"{FOLDERS[suffix]}{stem}{suffix}", content, replaces)]


def named(new: NewFile) -> list[FieldError]:
    """What is wrong with a name or a title."""
    errors = []
    if not KEY.fullmatch(new.key):
        errors.append(FieldError("key", "shape", SHAPE))
    title = new.title.strip()
    if not title or len(title) > LONGEST_TITLE or not title.isprintable():
        errors.append(FieldError("title", "required", f"请写明中文名称，最多 {LONGEST_TITLE} 个字。"))
    return errors
