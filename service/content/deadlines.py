"""The deadline table (`bpmn/deadlines.dmn`): each kind of clock to the rule that `timers` computes with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from service.content.findings import Findings, refuse, shortened
from service.content.reading import Layered
from service.content.tables import TableSource, read_tables
from service.domain.errors import ContentInvalid, Finding
from service.feel import Expression, FeelError, UnaryTests, compile, compile_unary
from service.feel.tables import DecisionTable
from timers.deadlines import DeadlineRule, RuleRefused

DECISION = "deadlines"
OUTPUTS = frozenset(
    {"label", "amount", "unit", "day_count", "rollover", "cutoff", "lead", "not_before", "article", "basis"}
)
FIGURE = frozenset(
    {"amount", "unit", "day_count", "rollover", "cutoff", "not_before"}
)  # what a row reckons with
# `natural` is the word of the policy register; `duration` says that the amount carries its own unit.
UNITS = {"natural": "natural_day"}

_KIND = re.compile(r'"([a-z][a-z0-9_]*)"', re.ASCII)
_KINDS = re.compile(r'"[a-z0-9_]+"(?:\s*,\s*"[a-z0-9_]+")*', re.ASCII)

Functions = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class DeadlineTable:
    """The rows of one release, read with the switches of one policy version."""

    source: TableSource | None
    policy: Mapping[str, Any]
    file: str = "bpmn/deadlines.dmn"

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of clock that the table names, in its order."""
        if self.source is None:
            return ()
        named = (kind for rule in self.source.table.rules for kind in _KIND.findall(rule.tests[0]))
        return tuple(dict.fromkeys(named))

    def rule(
        self, kind: str, variables: Mapping[str, Any] | None = None, functions: Functions | None = None
    ) -> DeadlineRule:
        """The rule of a clock as the table gives it for this case.

        Raises ContentInvalid where the table has no row for it, or one that makes no sense.
        """
        if kind in self._same_rules:
            return self._same_rules[kind]
        row = self._row(kind, variables or {}, functions)
        if row is None:
            message = f"时限表里没有“{shortened(kind)}”这一行"
            raise refuse(self.file, "deadlines.kind", message, "请在时限表里加一行", element=kind)
        try:
            if row.get("amount") is None:
                raise ValueError(self._no_amount(kind))
            rule = _rule(kind, row)
        except (RuleRefused, ValueError) as err:
            message = f"“{kind}”的时限算不出：{err}"
            raise refuse(
                self.file, "deadlines.row", message, "请改正该行", line=self._line(kind), element=kind
            ) from err
        if kind in self._same_for_all:
            self._same_rules[kind] = rule
        return rule

    def lead(
        self, kind: str, variables: Mapping[str, Any] | None = None, functions: Functions | None = None
    ) -> timedelta | None:
        """How long before its due time a clock reminds; null for a clock without a row of its own."""
        if kind in self._same_leads:
            return self._same_leads[kind]
        row = self._row(kind, variables or {}, functions)
        lead = row.get("lead") if row else None
        found = lead if isinstance(lead, timedelta) else None
        if kind in self._same_for_all:
            self._same_leads[kind] = found
        return found

    def label(self, kind: str) -> str:
        """What people call a clock; its kind where the table does not say."""
        row = self._row(kind, {}, None)
        found = row.get("label") if row else None
        return found if isinstance(found, str) else kind

    def adds_nothing(self, kind: str) -> bool:
        """Whether a row, for every case, gives the start itself: its instant is worked out elsewhere."""
        rule = self.rule(kind)
        is_nothing = rule.amount == 0 and rule.unit in ("hour", "minute") and not rule.not_before
        return is_nothing and kind in self._same_for_all

    def is_same_for_all(self, kind: str) -> bool:
        """Whether a row reads the policy only, so that it cannot differ from case to case."""
        table = self._narrow.get(kind)
        return table is not None and not table.calls and table.names <= {"kind", "policy"}

    def inputs(self, kind: str) -> tuple[str, ...]:
        """The names of the other due times that a clock needs: its due is never before any of them."""
        return self.rule(kind).not_before

    def reckoned_with(self, kind: str) -> Iterator[Expression | UnaryTests]:
        """What is read to work out the due time of a clock: which row it is, and the cells of a row that count."""
        table = self._narrow.get(kind)
        if table is None:
            return
        yield from (compile(column.expression) for column in table.inputs)
        for rule in table.rules:
            yield from map(compile_unary, rule.tests)
            for output, cell in zip(table.outputs, rule.results, strict=True):
                if output.name in FIGURE:
                    yield compile(cell)

    def cells(self) -> Iterator[str]:
        """Every expression of the table's inputs and results."""
        if self.source is not None:
            yield from (column.expression for column in self.source.table.inputs)
            for rule in self.source.table.rules:
                yield from rule.results

    def with_policy(self, policy: Mapping[str, Any]) -> DeadlineTable:
        """The same rows read with other switches."""
        return DeadlineTable(self.source, policy, self.file)

    def findings(self) -> list[Finding]:
        """What is wrong with any row, as it is read without a case."""
        found: list[Finding] = []
        for kind in self.kinds:
            try:
                self.rule(kind)
            except ContentInvalid as err:
                found.extend(err.findings)
        return found

    def _row(
        self, kind: str, variables: Mapping[str, Any], functions: Functions | None
    ) -> Mapping[str, Any] | None:
        if kind in self._same_for_all:
            return self._same_for_all[kind]
        if self.source is None:
            return None
        table = self._narrow.get(kind, self.source.table)
        try:
            row = table.decide(Layered({"kind": kind, "policy": self.policy}, variables), functions)
        except FeelError as err:
            message = f"“{kind}”的时限算不出：{err}"
            raise refuse(
                self.file, "deadlines.row", message, "请改正该行", line=self._line(kind), element=kind
            ) from err
        found = row if isinstance(row, Mapping) else None
        if self.is_same_for_all(kind):
            self._same_for_all[kind] = found
        return found

    @cached_property
    def _same_for_all(self) -> dict[str, Mapping[str, Any] | None]:
        """Rows that read the policy only, once they were decided: they cannot differ from case to case."""
        return {}

    @cached_property
    def _same_rules(self) -> dict[str, DeadlineRule]:
        """The rules of these rows."""
        return {}

    @cached_property
    def _same_leads(self) -> dict[str, timedelta | None]:
        """How long before its due time a clock of these rows reminds."""
        return {}

    @cached_property
    def _narrow(self) -> Mapping[str, DecisionTable]:
        """For each kind the rows that may be about it, without the columns that these leave open."""
        if self.source is None:
            return {}
        table = self.source.table
        found = {}
        for kind in self.kinds:
            rules = [rule for rule in table.rules if _about(rule.tests[0], kind)]
            kept = [n for n in range(len(table.inputs)) if any(rule.tests[n] != "-" for rule in rules)]
            found[kind] = replace(
                table,
                inputs=tuple(table.inputs[n] for n in kept),
                rules=tuple(replace(rule, tests=tuple(rule.tests[n] for n in kept)) for rule in rules),
            )
        return found

    def _no_amount(self, kind: str) -> str:
        """Why a row has no amount, with the cell as it is written: what it names may not exist."""
        if self.source is None:
            return "amount 没有填"
        table = self._narrow.get(kind, self.source.table)
        place = [output.name for output in table.outputs].index("amount")
        cells = dict.fromkeys(rule.results[place] for rule in table.rules if _about(rule.tests[0], kind))
        written = "、".join(shortened(cell) for cell in cells if cell != "null")
        if not written:
            return "amount 没有填"
        return f"amount 写的是 {written}，算出来是空：没有这个名称，或者它没有值"

    def _line(self, kind: str) -> int | None:
        if self.source is None:
            return None
        for rule in self.source.table.rules:
            if kind in _KIND.findall(rule.tests[0]):
                return self.source.lines.get(rule.id)
        return None


def read_deadlines(file: str, data: bytes, policy: Mapping[str, Any]) -> DeadlineTable:
    """The deadline table of a file. Raises ContentInvalid with every defect of the file and of its rows."""
    tables = read_tables(file, data)
    findings = Findings(file)
    source = tables.get(DECISION)
    if source is None:
        raise refuse(
            file, "deadlines.missing", f"没有 id 为 {DECISION} 的决策表", f"请把决策的 id 改为 {DECISION}"
        )
    named = {output.name for output in source.table.outputs}
    if not {"amount", "unit"} <= named <= OUTPUTS:
        wrong = "、".join(sorted((named - OUTPUTS) | ({"amount", "unit"} - named)))
        findings.add(
            "deadlines.columns", f"输出列缺少或不认识：{wrong}", f"可用：{'、'.join(sorted(OUTPUTS))}"
        )
    if not source.table.inputs or source.table.inputs[0].expression != "kind":
        findings.add("deadlines.columns", "第一个输入列应为时钟种类", "把它的表达式改为 kind")
    if source.table.hit_policy in ("COLLECT", "RULE ORDER"):
        findings.add("deadlines.hit_policy", "每种时钟只能得到一条时限", "请用 UNIQUE 或 FIRST")
    findings.raise_errors()
    table = DeadlineTable(source, policy, file)
    findings.found.extend(table.findings())
    findings.raise_errors()
    return table


def _about(test: str, kind: str) -> bool:
    """Whether a cell of the first column may hold for a kind; only a list of plain names can be ruled out."""
    return _KINDS.fullmatch(test) is None or kind in _KIND.findall(test)


def _rule(kind: str, row: Mapping[str, Any]) -> DeadlineRule:
    amount, unit = _amount(row.get("amount"), row.get("unit"))
    given = {name: row[name] for name in ("day_count", "rollover") if row.get(name) is not None}
    return DeadlineRule(
        kind=kind,
        amount=amount,
        unit=unit,
        cutoff=_text(row.get("cutoff"), "cutoff"),
        lead_for=_lead(row.get("lead")),
        article=_text(row.get("article"), "article"),
        basis=_text(row.get("basis"), "basis"),
        not_before=_names(row.get("not_before")),
        **given,
    )


def _amount(amount: Any, unit: Any) -> tuple[int, Any]:
    if isinstance(amount, timedelta):
        if unit != "duration":
            raise ValueError('amount 是时长时，unit 应为 "duration"')
        minutes, rest = divmod(amount, timedelta(minutes=1))
        if rest:
            raise ValueError("时长应为整分钟")
        return (minutes // 60, "hour") if minutes % 60 == 0 else (minutes, "minute")
    if isinstance(amount, bool) or not isinstance(amount, (int, Decimal)) or amount != int(amount):
        raise ValueError(f"amount 应为整数或时长，现为 {shortened(amount)}")
    if not isinstance(unit, str):
        raise ValueError(f'unit 应为文字，例如 "natural_day"，现为 {shortened(unit)}')  # noqa: TRY004 - told as any other
    return int(amount), UNITS.get(unit, unit)


def _lead(value: Any) -> timedelta | None:
    if value is not None and not isinstance(value, timedelta):
        raise ValueError('lead 应为时长，例如 duration("PT4H")')
    if value is not None and value < timedelta(0):
        raise ValueError("lead 不能为负")
    return value


def _text(value: Any, name: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{name} 应为文字")
    return value


def _names(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, (list, tuple)) or not all(isinstance(name, str) for name in names):
        raise ValueError('not_before 应为名称，例如 "dispatch_due"')
    return tuple(names)


EMPTY = DeadlineTable(None, {})
