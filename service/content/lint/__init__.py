"""What can be wrong with content as a whole, where no diagram is needed to tell: forms, tables, facts, policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from service.content.lint import binding, forms, heads, registers
from service.content.lint.vocabulary import Vocabulary, vocabulary_of
from service.content.release import Content
from service.domain.errors import Finding

CHECKS: tuple[Callable[[Content, Vocabulary], Iterator[Finding]], ...] = (
    forms.form_expressions,
    forms.form_articles,
    registers.fact_expressions,
    registers.fact_names,
    heads.kept_heads,
    registers.figure_criteria,
    registers.deadline_cells,
    registers.deadline_articles,
    registers.policy_words,
    registers.paper_words,
    binding.rows_and_binding,
)


def lint_content(content: Content, vocabulary: Vocabulary | None = None) -> list[Finding]:
    """Every finding about the forms, tables, facts and readings of a release that was read without errors."""
    known = vocabulary or vocabulary_of(content)
    return [finding for check in CHECKS for finding in check(content, known)]


__all__ = ["CHECKS", "Vocabulary", "lint_content", "vocabulary_of"]
