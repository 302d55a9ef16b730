"""A form as the service knows it: fields in order, the tree they are shown in, and what may be entered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from service.content import reading
from service.content.field_values import CODED_TYPES
from service.content.fields import NOTHING, Field
from service.content.reading import Choices, Evaluate


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

    @cached_property
    def coded_fields(self) -> tuple[Field, ...]:
        """Those whose values are something else in JSON."""
        return tuple(one for one in self.fields if one.type in CODED_TYPES)

    def read(self, values: object, scope: Evaluate, choices: Choices = NOTHING) -> dict[str, Any]:
        """The typed values of a submission; see `service.content.reading.read`. Raises FormInvalid."""
        return reading.read(self, values, scope, choices)

    def defaults(self, scope: Evaluate, given: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
        """What the fields absent from `given` start with, as a submission would hold it."""
        return reading.defaults(self, scope, given)

    def visible(self, values: Mapping[str, Any], scope: Evaluate) -> tuple[Field, ...]:
        """The fields that are shown while the form holds these values."""
        return reading.visible(self, values, scope)

    def unfinished(
        self, values: Mapping[str, Any], scope: Evaluate, choices: Choices = NOTHING
    ) -> tuple[dict[str, Any], tuple[Field, ...]]:
        """The typed values of a form that is still being filled in, and the shown fields that do not pass."""
        return reading.unfinished(self, values, scope, choices)

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
            if one.offered:
                yield one.name, one.offered
            for value in (
                one.default,
                one.limits.min,
                one.limits.max,
                one.limits.min_length,
                one.limits.max_length,
                one.limits.earliest,
                one.limits.latest,
            ):
                if isinstance(value, str) and value.startswith("="):
                    yield one.name, value[1:]
        yield from _expressions(component.children)
