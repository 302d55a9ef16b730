"""条款: the regulation row by row, with what carries each, and jumps to where that is drawn or asked for."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from flask import render_template

from service.content.regulation import BINDING
from service.domain.errors import Missing
from service.web.naming import current
from service.web.owner.blueprint import blueprint

if TYPE_CHECKING:
    from service.usecases.coverage import Coverage

UNPROVEN = 9  # so many are named at the top; all are marked where they stand


@blueprint.get("/articles")
def articles() -> str:
    """Every row of the release in force, article by article."""
    release = current()
    if release is None:
        raise Missing("还没有已生效的内容版本。")
    from service.rehearsal.proving_cases import proving_cases  # noqa: PLC0415 - heavy, and needed only here
    from service.usecases.coverage import coverage_of, gaps  # noqa: PLC0415 - as above

    proving = proving_cases(release.content, release.definition)
    found = coverage_of(release.content, release.definition, proving.cases)
    return render_template(
        "owner/articles.html",
        release=release.row,
        regulation=release.content.rules.title,
        articles=by_article(found),
        total=len(found),
        open_rows=gaps(found),
        senseless=proving.findings,
        unproven=[one for one in found if one.is_unproven],
        named=UNPROVEN,
        binding=BINDING,
    )


def by_article(found: tuple[Coverage, ...]) -> list[tuple[str, list[Coverage]]]:
    """The rows under their articles (第六条), in the order of the regulation."""
    return [(article, list(rows)) for article, rows in groupby(found, key=article_of)]


def article_of(one: Coverage) -> str:
    return one.row.citation.partition("条")[0] + "条"
