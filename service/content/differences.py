"""What differs between two versions of the content, told as its owners would: element by element, cell by cell."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from service.content import diagram_differences, policy_differences, table_differences
from service.content.diagram_differences import Change
from service.content.release import POLICY_FILE
from service.domain.errors import ContentInvalid

ADDED = "added"
REMOVED = "removed"
CHANGED = "changed"
MOST_LINES = 400
# the end of a file's name → what tells its differences in the words of its owners
READERS: Mapping[str, Callable[[str, bytes, bytes], Iterable[Change]]] = {
    ".bpmn": diagram_differences.compare,
    ".dmn": table_differences.compare,
    POLICY_FILE: policy_differences.compare,
}


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that differs: `changes` where it can be told what of it, else `lines` as a text comparison."""

    name: str
    how: str  # added | removed | changed
    changes: tuple[Change, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def is_same_in_meaning(self) -> bool:
        """Whether only the way it is written differs."""
        return self.how == CHANGED and not self.changes and not self.lines


def compare(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[FileChange]:
    """Every file that differs, in order of name. Never raises for what is in the files."""
    names = sorted({*before, *after})
    return [
        told(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    ]


def told(name: str, before: bytes | None, after: bytes | None) -> FileChange:
    """One file that differs."""
    if before is None:
        return FileChange(name, ADDED)
    if after is None:
        return FileChange(name, REMOVED)
    read = next((reader for suffix, reader in READERS.items() if name.endswith(suffix)), None)
    if read is not None:
        try:
            return FileChange(name, CHANGED, tuple(read(name, before, after)))
        except ContentInvalid:
            pass  # too broken to be read: compared as text
    return FileChange(name, CHANGED, lines=tuple(lines(before, after)))


def lines(before: bytes, after: bytes) -> Iterator[str]:
    """The lines that differ, with two around them; cut short where there are very many."""
    old, new = (data.decode("utf-8", "replace").splitlines() for data in (before, after))
    for number, line in enumerate(difflib.unified_diff(old, new, lineterm="", n=2)):
        if number < 2:
            continue  # the two heading lines name no files here
        if number > MOST_LINES:
            yield "……（其余从略）"
            return
        yield line
