"""Whether the rows of the regulation are those that are written down beside them, each binding as it is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from service.content.lint.vocabulary import Vocabulary
from service.content.load import REGULATION
from service.content.regulation import BINDING
from service.content.release import Content
from service.content.yaml_source import Source, read_yaml
from service.domain.errors import ContentInvalid, Finding

ROWS = "bpmn/regulation_rows.yaml"
DECIDED = f"改回来；确是办法修订或改判强制力的，另在 {ROWS} 里改，发布理由写明依据。"


def rows_and_binding(content: Content, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Rows that were dropped, added or bound otherwise in one of the two files alone. Article: A16-1."""
    if ROWS not in content.files:
        return  # content older than the list
    try:
        written = read_yaml(ROWS, content.files[ROWS])
    except ContentInvalid as refused:
        yield from refused.findings
        return
    if not is_list_of_rows(written.value):
        message = f"应按强制力 {'、'.join(BINDING)} 列出行号"
        yield Finding("article.binding", message, "例如 E: [A6-1, A6-4]", ROWS, 1)
        return
    bound = {row: binding for binding, rows in written.value.items() for row in rows}
    source = read_yaml(REGULATION, content.files[REGULATION])
    yield from differing(bound, content, source, written)


def is_list_of_rows(value: object) -> bool:
    """Whether it lists ids under kinds of binding, and none twice."""
    if not isinstance(value, Mapping) or not set(value) <= set(BINDING):
        return False
    if not all(isinstance(rows, list) for rows in value.values()):
        return False
    ids = [row for rows in value.values() for row in rows]
    return all(isinstance(row, str) for row in ids) and len(ids) == len(set(ids))


def differing(
    bound: Mapping[str, str], content: Content, source: Source, written: Source
) -> Iterator[Finding]:
    """A finding for each row that the two files do not tell alike."""
    for row, binding in bound.items():
        if row not in content.regulation:
            message = f"办法的 {row} 在 {REGULATION} 里没有了。"
            yield Finding("article.binding", message, DECIDED, ROWS, written.line(binding), row)
    for row, one in content.regulation.items():
        line = source.line("rows", row)
        if row not in bound:
            message = f"{row} 不在 {ROWS} 所列的行里。"
            yield Finding("article.binding", message, f"在 {ROWS} 里写上它的强制力。", REGULATION, line, row)
        elif one.binding != bound[row]:
            message = f"{row} 的强制力写的是 {one.binding}，{ROWS} 里是 {bound[row]}。"
            yield Finding("article.binding", message, DECIDED, REGULATION, line, row)
