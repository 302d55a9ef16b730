"""Collecting what is wrong with one file, so that its author sees all of it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.domain.errors import ContentInvalid, Finding

# A hostile file must not make us write an endless list.
MOST = 200


@dataclass(slots=True)
class Findings:
    """What was found in one file so far."""

    file: str
    found: list[Finding] = field(default_factory=list)

    def add(
        self,
        rule: str,
        message: str,
        cure: str = "",
        *,
        line: int | None = None,
        element: str | None = None,
        severity: str = "error",
    ) -> None:
        """Note one thing that is wrong; past the limit only that there is more."""
        if len(self.found) < MOST:
            self.found.append(Finding(rule, message, cure, self.file, line, element, severity))

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.found if finding.severity == "error"]

    def raise_errors(self) -> None:
        """Raises ContentInvalid where anything found is an error."""
        if self.errors:
            raise ContentInvalid(self.found)


def refuse(
    file: str, rule: str, message: str, cure: str = "", *, line: int | None = None, element: str | None = None
) -> ContentInvalid:
    """The refusal of a file that cannot be read any further."""
    return ContentInvalid([Finding(rule, message, cure, file, line, element)])


def shortened(value: object, most: int = 40) -> str:
    """A value as it may stand in a message: short, in one line, in the words of the file and not in ours."""
    text = " ".join(_as_read(value)[: most * 4].split())
    return text if len(text) <= most else text[:most] + "…"


def _as_read(value: object) -> str:
    match value:
        case None:
            return "空"
        case bool():
            return str(value).lower()
        case dict():
            return "{…}" if value else "{}"
        case list() | tuple():
            return "[…]" if value else "[]"
        case _:
            return str(value)


def as_mapping(value: object) -> Mapping[str, object]:
    """The value where it is a mapping with text keys, else an empty one."""
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return value
    return {}
