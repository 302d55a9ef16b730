"""Where two changes of the content meet: what one does that another does too, and what one does that another undoes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from service.content.diagram_differences import Change
from service.content.differences import ADDED, CHANGED, REMOVED, FileChange, compare

Files = Mapping[str, bytes]
WHOLE = ("新增", "删除")  # what is said of an element, a row or an entry that came or went as a whole
LAYOUT = "版面"


@dataclass(frozen=True, slots=True)
class Revision:
    """The files before a change and after it."""

    before: Files
    after: Files

    def changes(self) -> dict[str, FileChange]:
        """What it changes, by the name of the file; files that are only written otherwise are left out."""
        found = {one.name: one for one in compare(self.before, self.after)}
        return {name: one for name, one in found.items() if not one.is_same_in_meaning}


def repeated(of: Revision, by: Revision) -> list[FileChange]:
    """What `of` changes and `by` changes to the same."""
    others = by.changes()
    found = []
    for name, one in of.changes().items():
        other = others.get(name)
        if other is None:
            continue
        if of.after.get(name) == by.after.get(name) or one.how == other.how == ADDED:
            found.append(one)
        elif one.how == other.how == CHANGED:
            theirs = {(change.element, change.what, change.after) for change in other.changes}
            kept = tuple(
                change
                for change in one.changes
                if (change.element, change.what, change.after) in theirs and change.where != LAYOUT
            )
            lines = tuple(line for line in one.lines if says_something(line) and line in other.lines)
            found += [replace(one, changes=kept, lines=lines)] if kept or lines else []
    return found


def undone(of: Revision, by: Files) -> list[FileChange]:
    """What `of` changes and is otherwise again with the files `by`."""
    others = Revision(of.after, by).changes()
    found = []
    for name, one in of.changes().items():
        other = others.get(name)
        if other is None:
            continue
        if one.how != CHANGED or other.how == REMOVED:
            found.append(one)
            continue
        kept = tuple(change for change in one.changes if is_touched(change, other))
        gone = set(map(turned, other.lines))
        lines = tuple(line for line in one.lines if says_something(line) and line in gone)
        found += [replace(one, changes=kept, lines=lines)] if kept or lines else []
    return found


def is_touched(change: Change, by: FileChange) -> bool:
    """Whether another change is of the same part, or of the whole of what has that part. Where it lies in a drawing is
    no matter."""
    return change.where != LAYOUT and any(
        one.element == change.element
        and (one.what == change.what or one.what.startswith(WHOLE) or change.what.startswith(WHOLE))
        for one in by.changes
    )


def says_something(line: str) -> bool:
    """Whether a line of a comparison is one that came or went and holds more than signs."""
    return line[:1] in "+-" and any(sign.isalnum() for sign in line)


def turned(line: str) -> str:
    """The line that takes this one back."""
    return {"+": "-", "-": "+"}.get(line[:1], " ") + line[1:]
