"""Check content before it is released: everything that is wrong, where, by which rule, with its cure."""

from __future__ import annotations

from collections.abc import Mapping

from service.content import load
from service.content.lint import Vocabulary, lint_content, vocabulary_of
from service.domain.errors import ContentInvalid, Finding
from service.engine import whole
from service.engine.lint import drawn_words, lint_diagrams, read_plan


def check_content(files: Mapping[str, bytes], *, complete: bool = True) -> list[Finding]:
    """Every finding about a set of content files, errors first. Never raises for what is in the files.

    Where the forms, tables or facts cannot be read, the diagrams are looked at by themselves. With
    `complete=False` parts of a release may be missing.
    """
    diagrams = {name: data for name, data in files.items() if name.endswith(".bpmn")}
    try:
        content = load(files, complete=complete)
    except ContentInvalid as refused:
        found = [*refused.findings, *lint_diagrams(diagrams)]
    else:
        vocabulary = vocabulary_of(content) if complete else None
        found = lint_diagrams(diagrams, vocabulary) if diagrams or complete else []
        plan, _ = read_plan(diagrams)
        known = vocabulary_of(content).with_diagrams(**drawn_words(plan.processes))
        found += lint_content(content, known) if complete else []
    return sorted(found, key=lambda f: (f.severity != "error", f.file, f.line or 0, f.rule))


def names_of(files: Mapping[str, bytes]) -> Vocabulary:
    """The names that expressions of this content may use, with what its diagrams add.

    Raises: ContentInvalid where forms, tables or facts cannot be read.
    """
    plan, _ = read_plan({name: data for name, data in files.items() if name.endswith(".bpmn")})
    return vocabulary_of(load(files)).with_diagrams(**drawn_words(plan.processes))


def ids_drawn(files: Mapping[str, bytes]) -> set[str]:
    """The ids in some diagrams that no other diagram of the release may use."""
    plan, _ = read_plan({name: data for name, data in files.items() if name.endswith(".bpmn")})
    return set[str]().union(*map(whole.claimed, plan.sources))
