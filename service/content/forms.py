"""A form as the service knows it: fields in order, the tree they are shown in, and what may be entered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from service.content import reading
from service.content.reading import Choices, Evaluate

NOTHING: Mapping[str, Any] = MappingProxyType({})

TEXT_TYPES = frozenset({"textfield", "textarea"})
ONE_OF_TYPES = frozenset({"radio", "select"})
SEVERAL_TYPES = frozenset({"checklist", "taglist"})
FIELD_TYPES = TEXT_TYPES | ONE_OF_TYPES | SEVERAL_TYPES | {"number", "datetime", "checkbox", "filepicker"}
LAYOUT_TYPES = frozenset({"group", "text", "spacer", "separator"})


@dataclass(frozen=True, slots=True)
class Option:
    """One value that may be chosen, and what people read."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What a value must keep to beyond its type. A bound that is FEEL starts with `=`."""

    min: int | float | str | None = None
    max: int | float | str | None = None
    min_length: int | str | None = None
    max_length: int | str | None = None
    pattern: str | None = None
    pattern_message: str | None = None
    kind: str | None = None  # email | phone
    decimal_digits: int | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is asked for.

    `path` is where its value lies in a submission (`("narrative", "contact")`). `hide` is the FEEL text of
    its own condition, `hides` those of the groups around it and its own, outermost first: the field is
    hidden where one of them is true. `choices` names options that are known only at run time
    (`departments`, `people`, `cases`). `exclusive` is an option that stands alone.
    """

    path: tuple[str, ...]
    label: str
    type: str
    required: bool = False
    options: tuple[Option, ...] = ()
    choices: str | None = None
    default: Any = None
    hide: str | None = None
    hides: tuple[str, ...] = ()
    limits: Limits = Limits()
    article: str | None = None
    masked: bool = False
    description: str = ""
    multiple: bool = False
    read_only: bool = False
    date_only: bool = False
    exclusive: str | None = None
    accept: str = ""
    properties: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    @property
    def key(self) -> str:
        return self.path[-1]

    @property
    def name(self) -> str:
        """The path as people and error messages write it."""
        return ".".join(self.path)

    def labels(self) -> Mapping[str, str]:
        """What each fixed option is called."""
        return {option.value: option.label for option in self.options}


@dataclass(frozen=True, slots=True)
class Component:
    """One node of the tree a page is drawn from: a field, or a group, text, spacer or separator."""

    id: str
    type: str
    properties: Mapping[str, str]
    label: str = ""
    text: str = ""
    field: Field | None = None
    children: tuple[Component, ...] = ()
    hide: str | None = None
    columns: int | None = None


@dataclass(frozen=True)
class Form:
    """One form of a release. `key` is the action's name."""

    key: str
    title: str
    fields: tuple[Field, ...]
    components: tuple[Component, ...]
    article: str | None = None
    description: str = ""
    properties: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """The fields by their dotted path."""
        return {one.name: one for one in self.fields}

    @cached_property
    def file_fields(self) -> tuple[Field, ...]:
        return tuple(one for one in self.fields if one.type == "filepicker")

    def read(self, values: object, scope: Evaluate, choices: Choices = NOTHING) -> dict[str, Any]:
        """The typed values of a submission; see `service.content.reading.read`. Raises FormInvalid."""
        return reading.read(self, values, scope, choices)

    def defaults(self, scope: Evaluate, given: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
        """What the fields absent from `given` start with, as a submission would hold it."""
        return reading.defaults(self, scope, given)

    def visible(self, values: Mapping[str, Any], scope: Evaluate) -> tuple[Field, ...]:
        """The fields that are shown while the form holds these values."""
        return reading.visible(self, values, scope)

    def encode(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Typed values as JSON; what is null is left out."""
        return reading.encode(self, values)

    def decode(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Typed values from the JSON that `encode` made."""
        return reading.decode(self, values)

    def expressions(self) -> Iterator[tuple[str, str]]:
        """Every FEEL text of the form with the name of the field or group that holds it."""
        yield from _expressions(self.components)


def _expressions(components: tuple[Component, ...]) -> Iterator[tuple[str, str]]:
    for component in components:
        if component.hide:
            yield component.id, component.hide
        if component.field is not None:
            one = component.field
            for value in (
                one.default,
                one.limits.min,
                one.limits.max,
                one.limits.min_length,
                one.limits.max_length,
            ):
                if isinstance(value, str) and value.startswith("="):
                    yield one.name, value[1:]
        yield from _expressions(component.children)
