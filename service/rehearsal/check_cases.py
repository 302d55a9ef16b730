"""`jsjb check scenarios`: worked cases against the content, each in a database of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.content import Content, load
from service.domain.errors import ContentInvalid
from service.rehearsal.case_file_format import WorkedCase, read_worked_cases
from service.rehearsal.mismatch import Mismatch
from service.rehearsal.play import Played, compare_clocks, play
from service.rehearsal.world import World, world_for
from service.store.files import FolderKeep
from service.store.scratch import Scratch, scratch


@dataclass(slots=True)
class Checked:
    """What a run over worked cases found."""

    scenarios: int = 0
    steps: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)

    def add(self, played: Played) -> None:
        """Count one more."""
        self.scenarios += 1
        self.steps += played.steps
        self.mismatches.extend(played.mismatches)

    def summary(self) -> str:
        """The closing line."""
        return f"{self.scenarios} scenarios, {self.steps} steps, {len(self.mismatches)} mismatches"


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
    content = load(files)
    cases = [case for path in paths for case in read_worked_cases(path.read_bytes(), path.name)]
    wanted = [case for case in cases if not only or case.id in only]
    missing = set(only) - {case.id for case in cases}
    if missing:
        raise ContentInvalid([], f"文件中没有这些情景：{'、'.join(sorted(missing))}")
    with scratch(database) as databases:
        for case in wanted:
            yield check_case(case, content, databases)


def check_case(case: WorkedCase, content: Content, databases: Scratch) -> Played:
    """Play one worked case, then its timeline again under each other reading of the policy it names."""
    with fresh_world(case, content, databases, {}) as world:
        played = play(world, case)
    for alternative in case.alternatives:
        with fresh_world(case, content, databases, alternative.policy) as world:
            play(world, case, compare=False)
            played.mismatches.extend(compare_clocks(world, case, list(alternative.clocks)))
    return played


@contextmanager
def fresh_world(
    case: WorkedCase, content: Content, databases: Scratch, policy: Mapping[str, Any]
) -> Iterator[World]:
    """A world of its own for one playing, with its database and its folder of files; gone afterwards."""
    with databases.database() as store, tempfile.TemporaryDirectory(prefix="jsjb-files-") as folder:
        yield world_for(case, content, store, FolderKeep(Path(folder)), policy)
