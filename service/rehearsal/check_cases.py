"""`jsjb check scenarios`: worked cases against the content, each in a database of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.content import Content, load
from service.domain.errors import ContentInvalid, Finding, JsjbError, Unavailable
from service.engine import Definition, parse
from service.rehearsal.case_file_check import unknown_words
from service.rehearsal.case_file_format import WorkedCase
from service.rehearsal.case_file_source import read_worked_cases
from service.rehearsal.case_file_words import Words
from service.rehearsal.mismatch import Mismatch
from service.rehearsal.play import Played, compare_clocks, play
from service.rehearsal.world import World, world_for
from service.store.files import FolderKeep
from service.store.scratch import Scratch, scratch


@dataclass(frozen=True, slots=True)
class CheckedContent:
    """Content that worked cases are played on: its diagrams parsed once, and the words a case may use."""

    content: Content
    definition: Definition
    words: Words

    @classmethod
    def of(cls, content: Content) -> CheckedContent:
        """Raises: DiagramRefused where its diagrams cannot be run."""
        definition = parse(content.diagrams)
        return cls(content, definition, Words.of(content, definition))


@dataclass(slots=True)
class Checked:
    """What a run over worked cases found."""

    scenarios: int = 0
    steps: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, played: Played) -> None:
        """Count one more."""
        self.scenarios += 1
        self.steps += played.steps
        self.mismatches.extend(played.mismatches)
        self.findings.extend(played.findings)

    @property
    def wrong(self) -> int:
        """How many things are not as they should be: what differs, and what means nothing."""
        return len(self.mismatches) + len(self.findings)

    def summary(self) -> str:
        """The closing line."""
        return f"{self.scenarios} scenarios, {self.steps} steps, {self.wrong} mismatches"


def check_files(
    paths: Iterable[Path],
    files: Mapping[str, bytes],
    *,
    database: str | None = None,
    only: Sequence[str] = (),
) -> Iterator[Played]:
    """Play the worked cases of files against content; yields each as it is done.

    `database` names a server to make scratch databases on; `only` the ids of the cases wanted.
    Raises: ContentInvalid for content or a file that cannot be read.
    """
    checked = CheckedContent.of(load(files))
    cases = [case for path in paths for case in read_worked_cases(path.read_bytes(), path.name)]
    wanted = [case for case in cases if not only or case.id in only]
    missing = set(only) - {case.id for case in cases}
    if missing:
        raise ContentInvalid([], f"文件中没有这些情景：{'、'.join(sorted(missing))}")
    with scratch(database) as databases:
        for case in wanted:
            yield check_case(case, checked, databases)


def check_case(case: WorkedCase, checked: CheckedContent, databases: Scratch) -> Played:
    """Play one worked case, then its timeline again under each other reading of the policy it names.

    One that says what means nothing is not played, and gives its findings.
    """
    if findings := (*case.findings, *unknown_words(case, checked.content, checked.words)):
        return Played(case, findings=findings)
    try:
        return play_through(case, checked, databases)
    except Unavailable:
        raise  # nothing about the case
    except JsjbError as error:
        stuck = Mismatch(case.file, case.id, None, "走不下去", "走到结尾", error.message)
        return Played(case, mismatches=[stuck])


def play_through(case: WorkedCase, checked: CheckedContent, databases: Scratch) -> Played:
    """Play a case and its alternatives. Raises: JsjbError where it cannot be played to its end."""
    with fresh_world(case, checked, databases, {}) as world:
        played = play(world, case)
    for alternative in case.alternatives:
        with fresh_world(case, checked, databases, alternative.policy) as world:
            played.mismatches.extend(play(world, case, compare=False).mismatches)
            played.mismatches.extend(compare_clocks(world, case, list(alternative.clocks)))
    return played


@contextmanager
def fresh_world(
    case: WorkedCase, checked: CheckedContent, databases: Scratch, policy: Mapping[str, Any]
) -> Iterator[World]:
    """A world of its own for one playing, with its database and its folder of files; gone afterwards."""
    with databases.database() as store, tempfile.TemporaryDirectory(prefix="jsjb-files-") as folder:
        keep = FolderKeep(Path(folder))
        yield world_for(case, checked.content, store, keep, policy, definition=checked.definition)
