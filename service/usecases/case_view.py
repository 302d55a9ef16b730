"""Look at a case: what a person sees of it, and the record that they looked where that must be kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.content.fields import Field
from service.content.forms import Form
from service.domain.case import CaseFile, Submission
from service.domain.changes import LoadedCase
from service.domain.errors import FieldError, FormInvalid, Missing
from service.domain.people import Person
from service.domain.permissions import Sight, mask, sees_every_case, sight
from service.domain.roster import Directory
from service.usecases.access import note_look
from service.usecases.authorize import relations, require_sight
from service.usecases.case_work import CaseWork
from service.usecases.house import House, Release
from service.usecases.judge import SIMILAR
from service.usecases.kept_apart import Apart, kept_apart
from service.usecases.open_actions import Action, side_actions, task_actions
from service.usecases.papers.complete import lacking

SHORTEST_REASON = 2
# a fact of the content by its name
ENTRY_MARKS = "entry_marks"


@dataclass(frozen=True, slots=True)
class Shown:
    """One value of a submitted form as people read it."""

    field: Field
    value: Any
    is_masked: bool = False


@dataclass(frozen=True, slots=True)
class EntryMark:
    """What the content marks one submission with, and when that of which it tells happened."""

    text: str
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class ShownForm:
    """One submission as people read it; no values and no mark where they may not see its content."""

    submission: Submission
    form: Form
    values: tuple[Shown, ...]
    mark: EntryMark | None = None


@dataclass(frozen=True, slots=True)
class CaseRead:
    """A case and what was handed in on it, as one person sees it."""

    loaded: LoadedCase  # without what is kept from this person
    release: Release
    sight: Sight
    forms: tuple[ShownForm, ...]
    apart: Apart  # what is kept from this person, and left out of all the others

    @property
    def case(self) -> CaseFile:
        return self.loaded.case


@dataclass(frozen=True, slots=True)
class CaseView(CaseRead):
    """A case as its page shows it: with what this person may do on it, and what there is to know around it."""

    actions: tuple[Action, ...]
    directory: Directory
    package_lacks: tuple[str, ...]  # what is missing before the report can be packed
    similar: tuple[CaseFile, ...]  # earlier cases that may be about the same, as far as theirs to know


def view_case(house: House, case_id: str, person: Person) -> CaseView:
    """The case as this person may see it. A look at a restricted one is written into its audit chain.

    Article: A8-3, A15-1, A15-6. Raises: Missing, also where it is not theirs to know.
    """
    with looked_at(house, case_id, person) as (work, loaded, seen):
        tasks = task_actions(work, person)
        read = read_by(work, loaded, person, seen, tasks)
        view = CaseView(
            read.loaded,
            read.release,
            seen,
            read.forms,
            read.apart,
            actions=(*tasks, *side_actions(work, person)),
            directory=work.uow.directory(work.now),
            package_lacks=lacking(work, work.release.content.papers.package),
            similar=suggested(work, person) if seen.content else (),
        )
    keep_look(house, view, person)
    return view


def read_case(house: House, case_id: str, person: Person) -> CaseRead:
    """What stands beside a form that is filled in on a case; looked at like its page, and recorded like it.

    Article: A8-3, A15-1, A15-6. Raises: Missing, also where it is not theirs to know.
    """
    with looked_at(house, case_id, person) as (work, loaded, seen):
        read = read_by(work, loaded, person, seen, task_actions(work, person) if seen.own_task_only else ())
    keep_look(house, read, person)
    return read


@contextmanager
def looked_at(house: House, case_id: str, person: Person) -> Iterator[tuple[CaseWork, LoadedCase, Sight]]:
    """A case and how much of it this person sees, while it is read. Raises: Missing."""
    with house.store.begin(reading=True) as uow:
        loaded = uow.load(case_id)
        work = CaseWork.of(house, uow, loaded, house.clock.now(), "")
        yield work, loaded, require_sight(work, person)


def read_by(
    work: CaseWork, loaded: LoadedCase, person: Person, seen: Sight, tasks: Iterable[Action]
) -> CaseRead:
    """What this person, for whom these tasks wait, reads of a case."""
    own = {one.instance_id for one in tasks if one.instance_id}
    apart, marks = kept_apart(work.release, loaded, person), entry_marks(work)
    forms = tuple(
        shown(work.release, one, seen, one.started in own, marks.get((one.form, one.at)))
        for one in work.submissions
        if one.id not in apart.submissions
    )
    return CaseRead(apart.without(loaded), work.release, seen, forms, apart)


def keep_look(house: House, read: CaseRead, person: Person) -> None:
    """Record the look where it must be."""
    if read.sight.logged:
        note_look(house, read.case.id, person, "looked", {})


def suggested(work: CaseWork, person: Person) -> tuple[CaseFile, ...]:
    """Earlier cases that may be about the same matter: a suggestion of the content, for people to decide.

    Article: A8-2.
    """
    wide = sees_every_case(person)
    found = work.uow.cases_of_numbers([str(number) for number in work.scope().fact(SIMILAR) or ()])
    return tuple(case for case in found if wide or sight(person, relations(case, ())).title)


def entry_marks(work: CaseWork) -> dict[tuple[str, datetime], EntryMark]:
    """The marks of single submissions, by form and instant: that one was entered after it happened, and how long after.

    Article: A9-1.
    """
    told = work.scope().fact(ENTRY_MARKS) or ()
    return {(one["form"], one["at"]): EntryMark(one["mark"], one["happened"]) for one in told}


def shown(
    release: Release, submission: Submission, seen: Sight, is_own_task: bool, mark: EntryMark | None = None
) -> ShownForm:
    """A submission with the values this person may see."""
    form = release.content.forms[submission.form]
    if not (seen.content or (seen.own_task_only and is_own_task)):
        return ShownForm(submission, form, ())
    return ShownForm(submission, form, tuple(values_of(form.fields, submission.values, seen.contact)), mark)


def values_of(fields: Iterable[Field], values: Mapping[str, Any], shows_contact: bool) -> Iterable[Shown]:
    """The values that were entered, in the order of the form; contacts masked for who may not see them."""
    for field in fields:
        value: Any = values
        for key in field.path:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is None or value == []:
            continue
        if field.withheld and not shows_contact:
            yield Shown(field, [f"{one['name']}（含联系方式，不能下载）" for one in value], is_masked=True)
        elif field.masked and not shows_contact:
            yield Shown(field, mask(str(value)), is_masked=True)
        else:
            yield Shown(field, value)


def disclose(house: House, case_id: str, person: Person, reason: str) -> list[Shown]:
    """The contact of the complainant as it was entered, for a reason that goes into the audit chain.

    Article: A15-6. Raises: Missing; FormInvalid where no reason is given.
    """
    if len(reason.strip()) < SHORTEST_REASON:
        raise FormInvalid([FieldError("reason", "required", "请写明查看联系方式的理由。")])
    with looked_at(house, case_id, person) as (work, _, seen):
        if not (seen.contact or seen.contact_masked):
            raise Missing("没有找到，或者您无权查看。", code="case.missing")
    note_look(house, case_id, person, "disclosed", {"reason": reason.strip()[:500]})
    found: dict[str, Shown] = {}
    for submission in work.submissions:
        for field in work.release.content.forms[submission.form].fields:
            value = submission.values.get(field.key) if len(field.path) == 1 else None
            if field.masked and not field.withheld and value:
                found[field.name] = Shown(field, value)
    return list(found.values())
