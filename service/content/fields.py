"""What one field of a form asks for: its type, options and bounds, and when it is hidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

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
    """What a value must keep to beyond its type. A bound that is FEEL starts with `=`.

    `earliest` and `latest` bound an instant or a day: FEEL, inclusive; null leaves it open.
    """

    min: int | float | str | None = None
    max: int | float | str | None = None
    min_length: int | str | None = None
    max_length: int | str | None = None
    pattern: str | None = None
    pattern_message: str | None = None
    kind: str | None = None  # email | phone
    decimal_digits: int | None = None
    earliest: str | None = None
    latest: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is asked for.

    `path` is where its value lies in a submission (`("narrative", "contact")`). `hide` is the FEEL text of
    its own condition, `hides` those of the groups around it and its own, outermost first: the field is
    hidden where one of them is true. `choices` names options that are known only at run time
    (`departments`, `people`, `cases`). `offered` is the FEEL text of those of the options that make sense now: the
    page offers no others, and a rule says why to whoever sends another. `exclusive` is an option that stands alone.
    """

    path: tuple[str, ...]
    label: str
    type: str
    required: bool = False
    options: tuple[Option, ...] = ()
    choices: str | None = None
    offered: str | None = None
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
    def withheld(self) -> bool:
        """Whether its files hold contacts, and go only to whoever sees these."""
        return self.masked and self.type == "filepicker"

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


class Asked(Protocol):
    """What a submission is held against: fields in order, under the key of their form."""

    @property
    def key(self) -> str: ...

    @property
    def fields(self) -> tuple[Field, ...]: ...

    @property
    def coded_fields(self) -> tuple[Field, ...]: ...
