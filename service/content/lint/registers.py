"""What can be wrong with the deadline table, the facts and the policy register that read well by themselves."""

from __future__ import annotations

from collections.abc import Iterator

from service.content.lint.expressions import did_you_mean, findings, problems
from service.content.lint.kinds import NOTICES
from service.content.lint.shapes import VALUE
from service.content.lint.types import BOOLEAN
from service.content.lint.vocabulary import HARD_CASE, Vocabulary
from service.content.load import DEADLINES, FACTS, PAPERS, POLICY
from service.content.release import Content
from service.content.yaml_source import Source, read_yaml
from service.domain.errors import ContentInvalid, Finding
from service.feel import compile as compile_feel

# The mechanisms of the house ask for these by name.
NEEDED_FACTS = {
    "dispatch_count": "第几次派单",
    "lead_department": "现承办部门",
    "former_departments": "以前承办过的部门",
    "released_departments": "不再协办的部门",
    "complained_departments": "被反映的部门",
    "restricted": "是否限制查看",
}
OF_A_CASE = frozenset({"case", "actor", "now"})
# What each criterion of the figures is told.
FIGURE_CRITERIA = {"frequent": ("category", "received"), "hard": HARD_CASE}


def fact_expressions(content: Content, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Facts and columns that name what does not exist."""
    source = yaml_of(content, FACTS)
    for part, texts in (("facts", content.facts), ("columns", content.columns)):
        for name, text in texts.items():
            line = source.line(part, name) if source else None
            yield from findings(problems(text, vocabulary), f"“{name}”", FACTS, line, name)


def figure_criteria(content: Content, vocabulary: Vocabulary) -> Iterator[Finding]:
    """What counts in the figures: what the house asks for is there, and names only what a figure is made of."""
    source = yaml_of(content, FACTS)
    for name, text in content.figures.items():
        line = source.line("figures", name) if source else None
        if name not in FIGURE_CRITERIA:
            message = f"统计不按“{name}”计，不起作用。"
            yield Finding("facts.figures", message, f"可用：{'、'.join(FIGURE_CRITERIA)}", FACTS, line, name)
            continue
        if strange := compile_feel(text).names & OF_A_CASE:
            message = f"“{name}”用了 {'、'.join(sorted(strange))}：统计时没有正在办的一件。"
            cure = f"可用：{'、'.join((*FIGURE_CRITERIA[name], 'policy'))}"
            yield Finding("facts.figures", message, cure, FACTS, line, name)
        own = dict.fromkeys(FIGURE_CRITERIA[name], VALUE)
        found = problems(text, vocabulary.of_figures, own=own, wanted=BOOLEAN)
        yield from findings(found, f"“{name}”", FACTS, line, name)
    for name in FIGURE_CRITERIA.keys() - content.figures.keys():
        if FACTS in content.files:
            message = f"缺少统计口径 {name}：没有一件会算作这一类。"
            yield Finding("facts.needed", message, f"在 figures 里写上 {name}。", FACTS, 1, name)


def fact_names(content: Content, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Facts that hide a form or a fixed name, and facts that the house needs and that are not there."""
    source = yaml_of(content, FACTS)
    for name in content.facts:
        if name in content.forms or name in vocabulary.fixed or name in vocabulary.functions:
            message = f"事实 {name} 与表单、固定名称或函数同名，表达式里分不清。"
            line = source.line("facts", name) if source else None
            yield Finding("facts.hides", message, "给事实换一个名称。", FACTS, line, name)
    for name, meaning in NEEDED_FACTS.items():
        if FACTS in content.files and name not in content.facts:
            message = f"缺少事实 {name}（{meaning}），系统要按这个名称取用。"
            yield Finding("facts.needed", message, f"在 facts 里写上 {name}。", FACTS, 1, name)


def deadline_cells(content: Content, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Cells of the deadline table that name what does not exist."""
    source = content.deadlines.source
    if source is None:
        return
    table, own = source.table, {"kind": VALUE}
    for column in table.inputs:
        found = problems(column.expression, vocabulary, own=own)
        yield from findings(found, f"输入列“{column.label}”", DEADLINES, None, source.id)
    for row in table.rules:
        line = source.lines.get(row.id)
        for column, test in zip(table.inputs, row.tests, strict=True):
            found = problems(test, vocabulary, own=own, tested=column.expression)
            yield from findings(found, f"“{column.label}”一格", DEADLINES, line, row.id)
        for output, text in zip(table.outputs, row.results, strict=True):
            found = problems(text, vocabulary, own=own)
            yield from findings(found, f"“{output.name}”一格", DEADLINES, line, row.id)


def deadline_articles(content: Content, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Rows of the deadline table without a row of the regulation, or with one that does not exist."""
    for kind in content.deadlines.kinds:
        article = content.deadlines.rule(kind).article
        if not article:
            message = f"时限“{kind}”没有写明落实哪一条。"
            yield Finding(
                "article.missing", message, "填写条款行号，例如 A6-4。", DEADLINES, None, kind, "warning"
            )
        elif article not in vocabulary.articles:
            message = f"时限“{kind}”写的 {article} 不是办法里的行。"
            cure = did_you_mean(article, vocabulary.articles)
            yield Finding("article.unknown", message, cure, DEADLINES, None, kind)


def policy_words(content: Content, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Roles and rows of the regulation in the policy register that do not exist."""
    source = yaml_of(content, POLICY)
    for key, entry in content.policy.entries.items():
        line = source.line("entries", key) if source else None
        if entry.article and entry.article not in vocabulary.articles:
            message = f"“{entry.label}”写的 {entry.article} 不是办法里的行。"
            cure = did_you_mean(entry.article, vocabulary.articles)
            yield Finding("article.unknown", message, cure, POLICY, line, key)
        if entry.kind == "channels" and isinstance(entry.value, dict):
            for notice in sorted(entry.value.keys() - NOTICES):
                message = f"“{entry.label}”里的通知 {notice} 没有中文名称；图里没有它，这一行就不起作用。"
                cure = did_you_mean(notice, NOTICES)
                yield Finding("notice.unknown", message, cure, POLICY, line, key, "warning")
        if entry.kind == "roles":
            named = {*content.policy.fallback, *content.policy.fallback.values()}
            for role in sorted(named - vocabulary.roles):
                message = f"“{entry.label}”里没有角色 {role}。"
                yield Finding(
                    "role.unknown", message, did_you_mean(role, vocabulary.roles), POLICY, line, key
                )


def paper_words(content: Content, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Expressions and fields of the papers that name what does not exist."""
    for place, text in content.papers.expressions():
        yield from findings(problems(text, vocabulary), f"“{place}”", PAPERS, None, place)
    known = {f"{form.key}.{field.name}" for form in content.forms.values() for field in form.fields}
    for place, name in content.papers.fields():
        if name not in known:
            message = f"“{place}”写的 {name} 不是表单的字段。"
            yield Finding("papers.field", message, did_you_mean(name, known), PAPERS, None, place)
    package = content.papers.package
    for one in (*content.papers.papers.values(), *((package,) if package else ())):
        if one.article not in vocabulary.articles:
            message = f"“{one.title}”写的 {one.article} 不是办法里的行。"
            cure = did_you_mean(one.article, vocabulary.articles)
            yield Finding("article.unknown", message, cure, PAPERS, None, one.title)


def yaml_of(content: Content, name: str) -> Source | None:
    """A file of the content with its lines; None where there is none that can be read."""
    try:
        return read_yaml(name, content.files[name]) if name in content.files else None
    except ContentInvalid:
        return None
