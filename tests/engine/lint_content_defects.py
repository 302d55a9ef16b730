"""Defects of forms, tables, facts and policy in the sound release, each one or more small edits."""

from __future__ import annotations

from service.content.lint import binding, forms, heads, registers
from tests.engine.lint_release import FACTS, LISTED, POLICY, ROWS, TABLE, defect

CONTENT = [
    defect(
        "feel.unknown_option",
        forms.form_expressions,
        "urgency",
        (
            "forms/register.form",
            '"defaultValue": "normal"',
            '"defaultValue": "=if note = null then \\"normal\\" else \\"urgnt\\""',
        ),
        cure="urgent",
    ),
    defect(
        "feel.unknown_name",
        forms.form_expressions,
        "reason",
        ("forms/review.form", "=answer.text", "=anser.text"),
        cure="answer",
    ),
    defect(
        "feel.unknown_option",
        forms.form_expressions,
        "evidence",
        ("forms/answer.form", '=result = \\"undone\\"', '=result = \\"not done\\"'),
        cure="undone",
    ),
    defect(
        "feel.constant",
        forms.form_expressions,
        "evidence",
        ("forms/answer.form", '=result = \\"undone\\"', "=1 = 1"),
    ),
    defect(
        "article.missing",
        forms.form_articles,
        "note",
        ("forms/note.form", '"title": "记录",\n    "article": "A1-1"', '"title": "记录"'),
    ),
    defect(
        "article.unknown",
        forms.form_articles,
        "note",
        (
            "forms/note.form",
            '"title": "记录",\n    "article": "A1-1"',
            '"title": "记录",\n    "article": "A1-7"',
        ),
        cure="A1-1",
    ),
    defect(
        "feel.unknown_field",
        registers.fact_expressions,
        "lead_department",
        (FACTS, "answer.department\n  former", "answer.departmnt\n  former"),
        cure="department",
    ),
    defect(
        "feel.unknown_field",
        registers.fact_expressions,
        "title",
        (FACTS, "register.title", "register.titel"),
        cure="title",
    ),
    defect(
        "feel.unknown_field",
        registers.fact_expressions,
        "former_departments",
        (FACTS, "return a.department", "return a.dept"),
        cure="department",
    ),
    defect(
        "article.binding", binding.rows_and_binding, "A2-1", (ROWS, "binding: M", "binding: V"), cure=LISTED
    ),
    defect("article.binding", binding.rows_and_binding, "A1-1", (LISTED, "E: [A1-1]", "E: []"), cure=LISTED),
    defect(
        "article.binding", binding.rows_and_binding, "A4-1", (LISTED, "[A3-1]", "[A3-1, A4-1]"), cure="改回来"
    ),
    defect("article.binding", binding.rows_and_binding, None, (LISTED, "[A3-1]", "A3-1"), cure="E: [A6-1"),
    defect("facts.hides", registers.fact_names, "note", (FACTS, "columns:", "  note: true\ncolumns:")),
    defect(
        "facts.elsewhere",
        heads.kept_heads,
        "restricted",
        (FACTS, 'restricted: register.urgency = "urgent"', "restricted: is_restricted(register.title)"),
        cure="related_case",
    ),
    defect(
        "facts.elsewhere",
        heads.kept_heads,
        "inner",
        (
            FACTS,
            'restricted: register.urgency = "urgent"',
            "restricted: inner\n  inner: is_restricted(register.title)",
        ),
        cure="related_case",
    ),
    defect(
        "facts.elsewhere",
        heads.kept_heads,
        "title",
        (
            FACTS,
            "  title: register.title",
            "  title: if is_restricted(register.title) then null else register.title\n  related_case: answer.department",
        ),
        cure="related_case",
    ),
    defect(
        "facts.head",
        heads.kept_heads,
        "restricted",
        (FACTS, 'restricted: register.urgency = "urgent"', "restricted: now > register.at"),
        cure="restricted",
    ),
    defect(
        "facts.head",
        heads.kept_heads,
        "restricted",
        (FACTS, 'restricted: register.urgency = "urgent"', "restricted: case.lead_department != null"),
        cure="lead_department",
    ),
    defect(
        "facts.head",
        heads.kept_heads,
        "inner",
        (
            FACTS,
            'restricted: register.urgency = "urgent"',
            "restricted: inner\n  inner: order_exists(register.title)",
        ),
        cure="lead_department",
    ),
    defect(
        "facts.needed",
        registers.fact_names,
        "restricted",
        (FACTS, "restricted:", "limited:"),
        cure="restricted",
    ),
    defect("facts.needed", registers.figure_criteria, "hard", (FACTS, "hard:", "difficult:"), cure="figures"),
    defect(
        "facts.figures", registers.figure_criteria, "difficult", (FACTS, "hard:", "difficult:"), cure="hard"
    ),
    defect(
        "facts.figures",
        registers.figure_criteria,
        "hard",
        (FACTS, ">= 2", ">= 2 or case.no = 1"),
        cure="rounds",
    ),
    defect(
        "feel.unknown_name",
        registers.figure_criteria,
        "hard",
        (FACTS, "extensions >=", "extension >="),
        cure="extensions",
    ),
    defect("feel.result", registers.figure_criteria, "frequent", (FACTS, "received >= 3", "3")),
    defect(
        "feel.unknown_policy",
        registers.deadline_cells,
        "row_answer",
        (TABLE, "policy.answer_days", "if kind = null then policy.answr_days else 3"),
        cure="answer_days",
    ),
    defect(
        "feel.unknown_name",
        registers.deadline_cells,
        "deadlines",
        (TABLE, "register.urgency", "registr.urgency"),
        cure="register",
    ),
    defect(
        "feel.unknown_option",
        registers.deadline_cells,
        "row_review",
        (
            TABLE,
            '<inputEntry id="row_review_urgency"><text></text>',
            '<inputEntry id="row_review_urgency"><text>"urgnt", null</text>',
        ),
        cure="urgent",
    ),
    defect(
        "article.missing",
        registers.deadline_articles,
        "review",
        (
            TABLE,
            '<outputEntry id="row_review_article"><text>"A2-1"</text>',
            '<outputEntry id="row_review_article"><text></text>',
        ),
    ),
    defect(
        "article.unknown",
        registers.deadline_articles,
        "review",
        (
            TABLE,
            '<outputEntry id="row_review_article"><text>"A2-1"</text>',
            '<outputEntry id="row_review_article"><text>"A2-2"</text>',
        ),
        cure="A2-1",
    ),
    defect(
        "role.unknown",
        registers.policy_words,
        "fallback",
        (POLICY, "{dept_handler: dept_head}", "{dept_handler: dept_hed}"),
        cure="dept_head",
    ),
    defect(
        "article.unknown",
        registers.policy_words,
        "answer_days",
        (POLICY, "article: A2-1\n  count_from", "article: A2-5\n  count_from"),
        cure="A2-1",
    ),
]
