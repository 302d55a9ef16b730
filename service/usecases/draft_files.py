"""Files of a draft: one more, one that goes, one that comes back. Until the release nothing of them is lost."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from service.content.load import load
from service.content.yaml_source import read_yaml
from service.domain.drafts import DraftFile, Drafts
from service.domain.errors import Conflict, ContentInvalid, FieldError, Finding, FormInvalid, Missing, Refused
from service.domain.people import Person
from service.usecases.check_content import findings_of
from service.usecases.drafts import DraftView, repeated, view_draft
from service.usecases.house import House
from service.usecases.save_draft import require_text

CASES = "bpmn/cases/"
_NEW = re.compile(r"(?:bpmn/{0}\.bpmn|bpmn/cases/{0}\.yaml|forms/{0}\.form)".format("[a-z][a-z0-9_]{0,63}"))
SHAPE = "名称只用小写字母、数字和下划线，以字母开头，最多 64 个字符，例如 check_materials。"


@dataclass(frozen=True, slots=True)
class AddFile:
    """A file to be added to a draft. `replaces`: it may take the place of one that is there."""

    name: str
    content: bytes
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Consequences:
    """What taking a file away would do: what the check would then find, and which worked cases use it."""

    findings: tuple[Finding, ...]
    cases: tuple[str, ...]
    is_complete: bool  # whether the draft could be read, so that the check looked at everything


def add_files(
    house: House, drafts: Drafts, draft_id: str, files: Sequence[AddFile], person: Person
) -> list[str]:
    """The files are in the draft; their names. Safe to repeat: the same bytes again change nothing.

    Raises: Refused E_NOT_AUTHORIZED; Missing; Invalid for what is no text; FormInvalid (`name`) where a name will
    not do or is taken. Nothing is added where one of them cannot be.
    """
    for file in files:
        require_text(file.content)
    view = view_draft(house, drafts, draft_id, person)
    wrong = [problem for file in files if (problem := name_problem(view, file))]
    if wrong:
        raise FormInvalid([FieldError("name", "name", problem) for problem in dict.fromkeys(wrong)])
    for file in files:
        repeated(partial(_put, house, drafts, draft_id, file, person))
    return [file.name for file in files]


def name_problem(view: DraftView, file: AddFile) -> str | None:
    """Why a file cannot be added under this name, or None."""
    there = view.files.get(file.name)
    if there == file.content:
        return None
    if there is not None:
        return None if file.replaces else f"内容里已有 {file.name}，请换一个名称。"
    if file.name in view.changed:
        return f"{file.name} 刚从这份草稿里移走，请先恢复它，或换一个名称。"
    if file.name.endswith(".dmn"):
        return "时限表只有一张，名为 deadlines.dmn。"
    return None if _NEW.fullmatch(file.name) else SHAPE


def remove_file(house: House, drafts: Drafts, draft_id: str, name: str, person: Person) -> None:
    """The file is no longer part of the draft; what it was stays until the release, to be restored.

    Safe to repeat. Raises: Refused E_NOT_AUTHORIZED, Refused `draft.needed` for a file no release can be without;
    Missing.
    """

    def once() -> None:
        view = view_draft(house, drafts, draft_id, person)
        require_removable(view, name)
        changed = view.changed.get(name)
        if changed is None or not changed.removed:
            content = changed.content if changed else None
            file = DraftFile(name, content, person.id, house.clock.now(), removed=True)
            drafts.put(view.draft, file)

    repeated(once)


def require_removable(view: DraftView, name: str) -> None:
    """Raises: Missing for a file that is not there, Refused for one no release can be without."""
    if name not in view.files and name not in view.changed:
        raise Missing("内容里没有这个文件。", code="draft.no_file")
    if not view.may_remove(name):
        raise Refused("draft.needed", "这个文件每一版都要有，不能移走；可以改它的内容。")


def restore_file(house: House, drafts: Drafts, draft_id: str, name: str, person: Person) -> None:
    """A file that was taken away is back, as it was. Safe to repeat. Raises: Refused, Missing."""

    def once() -> None:
        view = view_draft(house, drafts, draft_id, person)
        changed = view.changed.get(name)
        if changed is None or not changed.removed:
            return
        now = house.clock.now()
        if changed.content is None:
            drafts.take_back(view.draft, name, now)
        else:
            drafts.put(view.draft, replace(changed, removed=False, changed_by=person.id, changed_at=now))

    repeated(once)


def consequences(view: DraftView, name: str) -> Consequences:
    """What the check would find once the file is gone, and which worked cases use it."""
    without = {other: data for other, data in view.files.items() if other != name}
    known = {(f.rule, f.file, f.element, f.message) for f in findings_of(view.files)}
    new = [f for f in findings_of(without) if (f.rule, f.file, f.element, f.message) not in known]
    return Consequences(
        findings=tuple(new),
        cases=tuple(cases_with(without, name)),
        is_complete=is_readable(view.files),
    )


def is_readable(files: Mapping[str, bytes]) -> bool:
    try:
        load(files)
    except ContentInvalid:
        return False
    return True


def cases_with(files: Mapping[str, bytes], name: str) -> list[str]:
    """The ids of the worked cases in which somebody hands in this form."""
    if not name.startswith("forms/"):
        return []
    key = name.removeprefix("forms/").removesuffix(".form")
    return [
        str(case.get("id", "?"))
        for file in sorted(files)
        if file.startswith(CASES)
        for case in scenarios(file, files[file])
        if any(isinstance(step, Mapping) and step.get("do") == key for step in case.get("timeline") or ())
    ]


def scenarios(file: str, data: bytes) -> list[Mapping[str, Any]]:
    """The worked cases of a file as they are written; none where it cannot be read."""
    try:
        value = read_yaml(file, data).value
    except ContentInvalid:
        return []
    listed = value.get("scenarios") if isinstance(value, Mapping) else None
    return [one for one in listed or () if isinstance(one, Mapping)]


def _put(house: House, drafts: Drafts, draft_id: str, file: AddFile, person: Person) -> None:
    view = view_draft(house, drafts, draft_id, person)
    problem = name_problem(view, file)  # somebody may have added one of that name meanwhile
    if problem:
        raise Conflict(problem, code="draft.name_taken")
    now = house.clock.now()
    if view.files.get(file.name) == file.content:
        return
    if view.before.get(file.name) == file.content:
        drafts.take_back(view.draft, file.name, now)
    else:
        drafts.put(view.draft, DraftFile(file.name, file.content, person.id, now))
