"""The fields of WTForms that a form of the content is drawn with. They carry what was typed, as it was typed;
whether it will do is decided by the content's own check alone."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Field,
    Form,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, DateInput, DateTimeLocalInput, ListWidget, TextInput

from service.content.fields import Field as ContentField
from service.content.forms import Form as ContentForm
from service.domain.errors import FieldError

CASES = "cases"  # too many to choose from: their number is typed, the latest ones are suggested
PREFIX = "v."  # before the path of each field, so that no field can be taken for one of the page's own
NOT_CHOSEN = SelectChoice("", "请选择")
NOTHING_TO_CHOOSE = SelectChoice("", "现在没有可选的")


class Choice(Protocol):
    """One option known only at run time."""

    @property
    def value(self) -> str: ...

    @property
    def label(self) -> str: ...


Choices = Mapping[str, Sequence[Choice]]
Offered = Mapping[str, Container[str]]  # by the name of a field, those of its options that make sense now


class Checklist(SelectMultipleField):
    """Several of a few options, each with a box of its own."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class FilesField(Field):
    """The ids of files that were uploaded before."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = [one for one in valuelist if one]

    def process_data(self, value: Any) -> None:
        self.data = list(value or [])


def drawn(
    form: ContentForm,
    choices: Choices,
    *,
    posted: MultiDict[str, str] | None = None,
    defaults: Mapping[str, Any] | None = None,
    errors: Sequence[FieldError] = (),
    offered: Offered = MappingProxyType({}),
) -> Form:
    """The form ready to be drawn: with what was posted, else with its defaults, each error at its field."""
    fields = {one.name: unbound(one, choices, offered.get(one.name)) for one in form.fields}
    kind = type("TaskForm", (Form,), fields)
    start = {one.name: value_at(defaults or {}, one.path) for one in form.fields}
    bound: Form = kind(posted, prefix=PREFIX, data=start)
    for error in errors:
        if error.path in fields:
            bound[error.path].errors = [
                *bound[error.path].errors,
                without_label(error.message, form, error.path),
            ]
    return bound


def unbound(field: ContentField, choices: Choices, offered: Container[str] | None = None) -> Any:
    """The WTForms field for one field of the content."""
    label, description = field.label, field.description
    if field.type == "textarea":
        return TextAreaField(label, description=description)
    if field.type == "checkbox":
        return BooleanField(label, description=description)
    if field.type == "filepicker":
        return FilesField(label, description=description)
    if field.type in ("radio", "select", "checklist", "taglist") and field.choices != CASES:
        return chosen(field, choices, offered)
    widget: Any = TextInput()
    if field.type == "datetime":
        widget = DateInput() if field.date_only else DateTimeLocalInput()
    return StringField(label, description=description, widget=widget)


def chosen(field: ContentField, choices: Choices, offered: Container[str] | None = None) -> Any:
    """A field of options: those of the form that are offered now, or those given at run time."""
    options = [
        SelectChoice(option.value, option.label)
        for option in field.options
        if offered is None or option.value in offered
    ]
    if field.choices:
        options = [SelectChoice(choice.value, choice.label) for choice in choices.get(field.choices, ())]
    named: dict[str, Any] = {"description": field.description, "validate_choice": False}
    if field.type == "radio":
        return RadioField(field.label, choices=options, **named)
    if field.type == "select":
        return SelectField(
            field.label, choices=[NOT_CHOSEN if options else NOTHING_TO_CHOOSE, *options], **named
        )
    # nobody finds several entries of a list box: tags are boxes as well
    return Checklist(field.label, choices=options, **named)


def value_at(values: Mapping[str, Any], path: Sequence[str]) -> Any:
    """The value that lies at a path, None where there is none."""
    found: Any = values
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def without_label(message: str, form: ContentForm, path: str) -> str:
    """The sentence of an error without the field's name, which stands above it anyway."""
    return message.removeprefix(f"{form.by_name[path].label}：")
