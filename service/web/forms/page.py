"""One task form ready for its template: the bound fields, which are hidden, the files already there, and what went wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Form as BoundForm

from service.content.forms import Component
from service.domain.case import Attachment
from service.domain.errors import FieldError, KeyReused, Refused
from service.store.reads.case_page import uploaded
from service.store.reads.cases import CaseRow, Wanted, list_cases
from service.usecases.open_actions import FormPage
from service.web.forms.conditions import for_browser, seen_by_conditions
from service.web.forms.fields import CASES, drawn, value_at
from service.web.forms.posted import values_of
from service.web.surroundings import now, person, store


@dataclass(frozen=True)
class DrawnForm:
    """What the template of a task form is given."""

    page: FormPage
    bound: BoundForm
    hides: Mapping[str, str]
    hidden: frozenset[str]
    files: Mapping[str, Attachment]
    context: str
    upload_url: str
    key: str
    errors: Sequence[FieldError] = ()
    refused: Refused | None = None
    reused: KeyReused | None = None
    unplaced: Sequence[str] = field(default=())
    suggested: Sequence[CaseRow] = ()

    def is_hidden(self, group: Component) -> bool:
        """A group is hidden with the last of its fields."""
        inside = list(names_in(group))
        return bool(inside) and all(name in self.hidden for name in inside)

    def anchor(self, error: FieldError) -> str:
        """Where the summary of errors leads to."""
        return f"field-{self.bound[error.path].id}"


def names_in(group: Component) -> Iterator[str]:
    for child in group.children:
        if child.field is not None:
            yield child.field.name
        yield from names_in(child)


def draw(
    page: FormPage,
    *,
    key: str,
    upload_url: str,
    posted: MultiDict[str, str] | None = None,
    errors: Sequence[FieldError] = (),
    refused: Refused | None = None,
    reused: KeyReused | None = None,
) -> DrawnForm:
    """The form with its defaults, or with all that was typed and what is wrong with it."""
    form = page.form
    values: Mapping[str, Any] = values_of(form, posted) if posted is not None else page.defaults
    shown = {one.name for one in form.visible(values, page.evaluate)}
    placed = [error for error in errors if error.path in form.by_name]
    bound = drawn(
        form,
        page.choices,
        posted=posted,
        defaults=page.defaults,
        errors=placed,
        offered=still_offered(page, values),
    )
    ids = [one for name in form.file_fields for one in bound[name.name].data]
    return DrawnForm(
        page=page,
        bound=bound,
        hides={one.name: for_browser(one, form, page.evaluate) for one in form.fields},
        hidden=frozenset(form.by_name) - shown,
        files=kept_files(ids),
        context=json.dumps(seen_by_conditions(form, page.evaluate), ensure_ascii=False),
        upload_url=upload_url,
        key=key,
        errors=placed,
        refused=refused,
        reused=reused,
        suggested=latest_cases() if any(one.choices == CASES for one in form.fields) else (),
        unplaced=[error.message for error in errors if error.path not in form.by_name],
    )


def still_offered(page: FormPage, values: Mapping[str, Any]) -> Mapping[str, frozenset[str]]:
    """The options that are offered, and what was chosen before: it stays to be seen."""
    return {
        name: sense | chosen_in(value_at(values, page.form.by_name[name].path))
        for name, sense in page.offered.items()
    }


def chosen_in(value: Any) -> frozenset[str]:
    """What is chosen in a field of options, one or several."""
    return frozenset(value if isinstance(value, list) else [value] if isinstance(value, str) else [])


def kept_files(ids: Sequence[str]) -> Mapping[str, Attachment]:
    """The files that were uploaded for this form, to show their names again."""
    if not ids:
        return {}
    with store().reading() as connection:
        return uploaded(connection, list(ids), person().id)


def latest_cases() -> Sequence[CaseRow]:
    """The latest cases this person sees, to be suggested where the number of a case is asked for."""
    with store().reading() as connection:
        return list_cases(connection, person(), Wanted(), now()).rows
