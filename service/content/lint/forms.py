"""What can be wrong with a form that reads well by itself: its expressions, its rows of the regulation."""

from __future__ import annotations

from collections.abc import Iterator

from service.content.forms import Form
from service.content.json_source import line_of
from service.content.lint.expressions import constant, did_you_mean, findings, problems
from service.content.lint.vocabulary import Vocabulary
from service.content.release import Content
from service.domain.errors import Finding


def form_expressions(content: Content, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Conditions, defaults and bounds that name what does not exist, and conditions that never change."""
    for form in content.forms.values():
        file, text = _file(form), _text(content, form)
        own = vocabulary.own(form.key)
        for element, expression in form.expressions():
            line = _line(text, element)
            field = form.by_name.get(element)
            is_default = field is not None and field.default == f"={expression}"
            allowed = (
                frozenset(field.labels()) if field is not None and field.options and is_default else None
            )
            found = problems(expression, vocabulary, own=own, allowed=allowed)
            yield from findings(found, f"“{element}”的表达式", file, line, element)
        for one in form.fields:
            if one.hide is not None and constant(one.hide):
                message = f"字段“{one.label}”的隐藏条件总是同一个结果：{one.hide}。"
                cure = "删去这个条件，或删去这个字段。"
                line = _line(text, one.key)
                yield Finding("feel.constant", message, cure, file, line, one.name, "warning")


def form_articles(content: Content, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Rows of the regulation that a form or a field names and that do not exist; forms without a row."""
    for form in content.forms.values():
        file, text = _file(form), _text(content, form)
        named = [(form.key, form.article), *((one.name, one.article) for one in form.fields)]
        for element, article in named:
            if article and article not in vocabulary.articles:
                yield _unknown(article, vocabulary, file, _line(text, element), element)
        if not form.article:
            message = f"表单“{form.title}”没有写明落实哪一条。"
            cure = "在表单的 properties 里写 article，例如 A6-4。"
            yield Finding("article.missing", message, cure, file, 1, form.key, "warning")


def _unknown(article: str, vocabulary: Vocabulary, file: str, line: int | None, element: str) -> Finding:
    message = f"办法里没有 {article} 这一行。"
    return Finding(
        "article.unknown", message, did_you_mean(article, vocabulary.articles), file, line, element
    )


def _file(form: Form) -> str:
    return f"forms/{form.key}.form"


def _text(content: Content, form: Form) -> str:
    return content.files[_file(form)].decode("utf-8-sig", errors="replace")


def _line(text: str, element: str) -> int | None:
    key = element.rpartition(".")[2]
    return line_of(text, f'"key": "{key}"', f'"id": "{key}"', f'"{key}"')
