"""A worked case against the words that have a meaning: each that has none, where it stands, and the nearest that has.

An expectation about a word that nobody knows would hold for ever: `not_notices: [overdu]`. It is an error instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.content import Content
from service.content.findings import shortened
from service.content.lint.problems import did_you_mean
from service.domain.errors import ContentInvalid, Finding, FormInvalid
from service.rehearsal.case_file_format import MONTHLY, WorkedCase, WorkedStep, beijing
from service.rehearsal.case_file_words import Words
from service.rehearsal.past_cases import COLUMNS, NEEDED_COLUMNS
from service.usecases.monthly_report import bounds

RULE = "case.word"
OFFICE = "office"


def unknown_words(case: WorkedCase, content: Content, words: Words) -> list[Finding]:
    """Every word of a case that means nothing to the content, to its own file or to the format."""
    checking = Checking(case, content, words.with_those_of(case))
    checking.whole()
    for step in case.steps:
        checking.step(step)
    checking.ending()
    return checking.found


@dataclass(slots=True)
class Checking:
    """One case while its words are looked at."""

    case: WorkedCase
    content: Content
    words: Words
    found: list[Finding] = field(default_factory=list)

    def tell(self, message: str, cure: str, where: str, line: int | None = None) -> None:
        """Note what is wrong at a place of the case."""
        element = f"{self.case.id} {where}".strip()
        self.found.append(Finding(RULE, message, cure, self.case.file, line or self.case.line, element))

    def word(self, what: str, word: Any, known: Iterable[str], where: str, line: int | None = None) -> None:
        """A word must be one of those that are known; nothing at all is none."""
        if word is not None and str(word) not in (there := frozenset(known)):
            self.tell(f"没有名为“{shortened(word)}”的{what}", did_you_mean(str(word), there), where, line)

    def whole(self) -> None:
        """What is given, which rows of the regulation it covers, and under which readings it is played."""
        for row in self.case.covers:
            self.word("条款", row, self.words.rows, "covers")
        for key, given in self.case.cases.items():
            for name in given:
                self.word("给定项", name, self.words.given, f"诉求件 {key}")
        for version in self.case.policy_versions:
            self.policy(version.values, "policy_versions")
        for alternative in self.case.alternatives:
            self.policy(alternative.policy, "alternatives")
            for clock in alternative.clocks:
                self.clock(clock, "alternatives", None)
        if self.case.dataset is not None:
            self.dataset(self.case.dataset)

    def policy(self, values: Mapping[str, Any], where: str) -> None:
        """Readings of the policy must be ones the register has, with a value they may have."""
        register = self.content.policy
        for key in values:
            self.word("口径", key, register.entries, where)
        try:
            register.with_values({k: v for k, v in values.items() if k in register.entries}, "worked case")
        except ContentInvalid as refused:
            for finding in refused.findings:
                self.tell(finding.message, finding.cure, where)

    def dataset(self, dataset: Mapping[str, Any]) -> None:
        """The columns of past cases, and that every row fills them."""
        columns = [str(name) for name in dataset.get("columns") or ()]
        for name in columns:
            self.word("列", name, COLUMNS, "dataset")
        if missing := [name for name in NEEDED_COLUMNS if name not in columns]:
            self.tell(f"dataset 缺少列 {'、'.join(missing)}", "补上这一列", "dataset")
        for number, row in enumerate(dataset.get("rows") or (), 1):
            if len(row) != len(columns):
                self.tell(f"第 {number} 行应有 {len(columns)} 项，现有 {len(row)} 项", "请补齐", "dataset")
            elif not missing:
                self.instant(row[columns.index("received_at")], f"dataset 第 {number} 行 received_at")

    def step(self, step: WorkedStep) -> None:
        """Who, what, about which case, and what is expected."""
        where = f"第 {step.number} 步"
        self.word("岗位（actor）", step.actor, self.words.actors, where, step.line)
        self.word("表单或动作（do）", step.do, self.words.actions, where, step.line)
        begun = (step.case or "").partition(":")[0] in self.words.begun  # `monthly_analysis:dept_it`
        if self.case.cases and not begun:
            self.word("诉求件（case）", step.case, self.case.cases, where, step.line)
        self.department(step.department, where, step.line)
        expect = step.expect
        self.word("拒绝代码", expect.get("error"), self.words.codes, f"{where} error", step.line)
        self.word("状态", expect.get("status"), self.words.statuses, f"{where} status", step.line)
        for clock in expect.get("clocks") or ():
            self.clock(clock, where, step.line)
        for key in ("notices", "not_notices"):
            for notice in expect.get(key) or ():
                self.notice(notice, f"{where} {key}", step.line)
        for name in expect.get("facts") or ():
            self.word("事实", name, self.words.facts, f"{where} facts", step.line)

    def clock(self, clock: Mapping[str, Any], where: str, line: int | None) -> None:
        """The kind of a clock, its state, and its parts."""
        where = f"{where} clocks"
        if "kind" not in clock:
            self.tell("时钟缺少 kind", "例如 {kind: dispatch, state: met}", where, line)
        self.word("时钟", clock.get("kind"), self.words.clocks, where, line)
        self.word("时钟状态", clock.get("state"), self.words.states, where, line)
        self.department(clock.get("dept"), where, line)
        for name, value in clock.items():
            self.word("时钟项", name, self.words.clock_parts, where, line)
            if name in self.words.instants and value is not None:
                self.instant(value, f"{where} {name}", line)

    def notice(self, notice: Mapping[str, Any], where: str, line: int | None) -> None:
        """The kind of a notice, and what it is about."""
        self.word("通知", notice.get("kind"), self.words.notices, where, line)
        self.word("时钟", notice.get("clock"), self.words.clocks, where, line)
        self.word("线索项（item）", notice.get("item"), self.words.items, where, line)

    def department(self, key: Any, where: str, line: int | None = None) -> None:
        """A department must be one of those the file sets up, where it sets up any."""
        if self.case.departments:
            self.word("部门", key, {OFFICE, *self.case.departments}, where, line)

    def instant(self, value: Any, where: str, line: int | None = None) -> None:
        """A time must be one."""
        try:
            beijing(value)
        except ValueError:
            self.tell(f"不是时间：{shortened(value)}", '例如 "2024-03-04T09:05:00"', where, line)

    def ending(self) -> None:
        """Who looks at which case at the end, and which report is drawn up."""
        for sight in self.case.visibility:
            self.word("岗位（role）", sight.get("role"), self.words.actors, "visibility")
            self.department(sight.get("department"), "visibility")
            if self.case.cases:
                self.word("诉求件（case）", sight.get("case"), self.case.cases, "visibility")
        for report in self.case.reports:
            self.word("报表", report.get("report", ""), {MONTHLY}, "reports")
            try:
                bounds(str(report.get("month", "")))
            except FormInvalid as wrong:
                self.tell(wrong.fields[0].message, "改正 month", "reports")
