"""A place in a file of worked cases or vectors: what stands there, read by its shape, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from service.content.findings import shortened
from service.content.yaml_source import Source
from service.domain.errors import Finding
from service.rehearsal.case_file_format import beijing

RULE = "case.format"
# Nobody means a time outside of these: a year is mistyped, and days counted from it would leave the calendar.
YEARS = range(1970, 2200)


@dataclass(frozen=True, slots=True)
class Place:
    """Reads what stands below a path of keys. Whatever has not the shape it must have is told in `found`."""

    file: str
    source: Source
    path: tuple[str, ...] = ()
    where: str = ""
    found: list[Finding] = field(default_factory=list)

    def below(self, *keys: str) -> Place:
        """The place under a key, its findings gathered with these."""
        return replace(self, path=(*self.path, *keys), where=" ".join([self.where, *keys]).strip())

    def aside(self, key: str, number: int, where: str, *, shared: bool = False) -> Place:
        """The place of the n-th of a list, called `where`; its findings are its own unless `shared`."""
        path = (*self.path, key, f"[{number - 1}]")
        return replace(self, path=path, where=where, found=self.found if shared else [])

    def called(self, where: str) -> Place:
        """The same place under another name."""
        return replace(self, where=where)

    def line(self, *keys: str) -> int | None:
        """The line on which it stands."""
        return self.source.line(*self.path, *keys) or (None if self.path or keys else 1)

    def wrong(self, message: str, cure: str, *keys: str) -> None:
        """Tell that something here is wrong."""
        element = self.where or None
        self.found.append(Finding(RULE, message, cure, self.file, self.line(*keys), element))

    def mapping(self, value: Any, keys: frozenset[str] | None = None) -> Mapping[str, Any]:
        """A mapping, with no key but these; an empty one for nothing, and for what is none."""
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.wrong(f"应为“名称: 值”的形式，现为 {shortened(value)}", "写成 名称: 值")
            return {}
        for key in value:
            if keys is not None and key not in keys:
                self.wrong(
                    f"不认识“{shortened(key)}”；可用：{'、'.join(sorted(keys))}", "请改正或删去", str(key)
                )
        return {str(key): one for key, one in value.items()}

    def listing(self, value: Any, *, one: bool = False) -> Sequence[Any]:
        """A list; an empty one for nothing, and for what is none. With `one` a single text stands for a list of it."""
        if value is None:
            return ()
        if isinstance(value, list):
            return value
        if one and isinstance(value, str | Mapping):
            return (value,)
        self.wrong(f"应为列表，现为 {shortened(value)}", "写成 [ … ]，或每行以 - 开头")
        return ()

    def texts(self, value: Any) -> dict[str, str]:
        """A mapping of names to texts."""
        return {key: str(text) for key, text in self.mapping(value).items()}

    def instant(self, value: Any, key: str) -> datetime | None:
        """An instant, in Beijing time where no zone is written; None for what is none."""
        try:
            found = beijing(value)
            if found.year not in YEARS:
                raise ValueError(f"year {found.year}")
        except ValueError:
            message = f"{key} 应为时间，现为 {shortened(value)}" if value is not None else f"缺少 {key}"
            self.wrong(message, f'例如 {key}: "2024-03-04T09:05:00"', key)
            return None
        return found
