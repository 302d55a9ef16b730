"""Check content before it is released: everything that is wrong, where, by which rule, with its cure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from service.content import load
from service.content.release import hash_of
from service.content.stale_basis import stale_basis
from service.domain.errors import ContentInvalid, Finding
from service.engine import whole

if TYPE_CHECKING:
    from service.content.lint import Vocabulary


def check_content(files: Mapping[str, bytes], *, complete: bool = True) -> list[Finding]:
    """Every finding about a set of content files, errors first. Never raises for what is in the files.

    Where the forms, tables or facts cannot be read, the diagrams are looked at by themselves. With
    `complete=False` parts of a release may be missing.
    """
    from service.content.lint import lint_content, vocabulary_of  # noqa: PLC0415 - heavy, and needed only here
    from service.engine.lint import certain, drawn_words, lint_diagrams, read_plan  # noqa: PLC0415 - as above

    diagrams = {name: data for name, data in files.items() if name.endswith(".bpmn")}
    try:
        content = load(files, complete=complete)
    except ContentInvalid as refused:
        found = [*refused.findings, *lint_diagrams(diagrams)]
    else:
        vocabulary = vocabulary_of(content) if complete else None
        found = lint_diagrams(diagrams, vocabulary) if diagrams or complete else []
        plan, _ = read_plan(diagrams)
        known = vocabulary_of(content).with_diagrams(**drawn_words(plan))
        found += certain(lint_content(content, known), plan) if complete else []
    return sorted(found, key=lambda f: (f.severity != "error", f.file, f.line or 0, f.rule))


def findings_of(files: Mapping[str, bytes]) -> list[Finding]:
    """What `check_content` finds. A check takes a second, and the pages of an owner ask for the same one again
    and again: what was found in the contents looked at last is kept."""
    return list(_kept(_Looked(hash_of(files), files)))


def findings_of_draft(before: Mapping[str, bytes], files: Mapping[str, bytes]) -> list[Finding]:
    """The same for a draft, with what shows only beside the release it changes."""
    return [*findings_of(files), *stale_basis(before, files)]


@dataclass(frozen=True, slots=True)
class _Looked:
    """Content that is looked at, known by its hash."""

    hash: str
    files: Mapping[str, bytes] = field(compare=False, repr=False)


@lru_cache(maxsize=4)
def _kept(looked: _Looked) -> tuple[Finding, ...]:
    return tuple(check_content(looked.files))


def names_of(files: Mapping[str, bytes]) -> Vocabulary:
    """The names that expressions of this content may use, with what its diagrams add.

    Raises: ContentInvalid where forms, tables or facts cannot be read.
    """
    from service.content.lint import vocabulary_of  # noqa: PLC0415 - as above
    from service.engine.lint import drawn_words, read_plan  # noqa: PLC0415 - as above

    plan, _ = read_plan({name: data for name, data in files.items() if name.endswith(".bpmn")})
    return vocabulary_of(load(files)).with_diagrams(**drawn_words(plan))


def ids_drawn(files: Mapping[str, bytes]) -> set[str]:
    """The ids in some diagrams that no other diagram of the release may use."""
    from service.engine.lint import read_plan  # noqa: PLC0415 - as above

    plan, _ = read_plan({name: data for name, data in files.items() if name.endswith(".bpmn")})
    return set[str]().union(*map(whole.claimed, plan.sources))
