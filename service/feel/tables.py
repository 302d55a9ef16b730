"""Decision tables with the hit policies of DMN. Reading them from a file is for whoever holds the file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from service.feel.compare import equal
from service.feel.errors import FeelError, TableError
from service.feel.expression import Expression, Functions, UnaryTests, Variables, compile, compile_unary
from service.feel.limits import Run
from service.feel.values import Value

HitPolicy = Literal["UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT"]
Aggregation = Literal["SUM", "COUNT", "MIN", "MAX"]

_POLICIES = ("UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT")
_AGGREGATES = {"SUM": "sum(hits)", "COUNT": "count(hits)", "MIN": "min(hits)", "MAX": "max(hits)"}


@dataclass(frozen=True)
class Input:
    """A column of conditions: its heading, and the expression whose value the cells test."""

    label: str
    expression: str


@dataclass(frozen=True)
class Output:
    """A column of results; `values` lists what is allowed, best first, as FEEL: `"high", "low"`."""

    name: str
    values: str = ""
    default: str | None = None


@dataclass(frozen=True)
class Rule:
    """A row: one test for each input, one expression for each output."""

    id: str
    tests: tuple[str, ...]
    results: tuple[str, ...]
    annotation: str = ""


@dataclass(frozen=True)
class _Row:
    rule: Rule
    tests: tuple[UnaryTests, ...]
    results: tuple[Expression, ...]


@dataclass(frozen=True)
class DecisionTable:
    """A table, compiled when it is made.

    Raises: TableError where it is out of shape or a cell cannot be read, naming the rule and the column.
    """

    name: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    hit_policy: HitPolicy = "UNIQUE"
    aggregation: Aggregation | None = None
    names: frozenset[str] = field(init=False)
    paths: frozenset[tuple[str, ...]] = field(init=False)
    calls: frozenset[str] = field(init=False)
    literal_calls: frozenset[tuple[str, str]] = field(init=False)
    _asked: tuple[Expression, ...] = field(init=False, repr=False, compare=False)
    _rows: tuple[_Row, ...] = field(init=False, repr=False, compare=False)
    _defaults: tuple[Expression | None, ...] = field(init=False, repr=False, compare=False)
    _ranks: tuple[list[Value], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._check_shape()
        put = object.__setattr__
        put(self, "_asked", tuple(self._expression(i.expression, f"输入列“{i.label}”") for i in self.inputs))
        put(self, "_rows", tuple(self._row(rule) for rule in self.rules))
        put(self, "_defaults", tuple(self._default(output) for output in self.outputs))
        put(self, "_ranks", tuple(self._rank(output) for output in self.outputs))
        cells: list[Expression | UnaryTests] = [*self._asked, *(d for d in self._defaults if d is not None)]
        for row in self._rows:
            cells += [*row.tests, *row.results]
        for taken in ("names", "paths", "calls", "literal_calls"):
            put(self, taken, frozenset().union(*(getattr(cell, taken) for cell in cells)))

    def decide(self, variables: Variables, functions: Functions | None = None) -> Value:
        """The answer of the table: one result (a context where there are several outputs), or a list of them.

        Where no rule holds: the defaults if there are any; else null, or for a collecting policy an empty list
        and a count of 0.

        Raises: TableError where rules clash that the hit policy says cannot.
        """
        rows = self._hits(variables, functions)
        if not rows:
            return self._nothing(variables, functions)
        if self.hit_policy == "FIRST":
            return self._shaped(self._results(rows[0], variables, functions))
        if self.hit_policy == "UNIQUE" and len(rows) > 1:
            raise self._clash("有多条规则同时成立，而命中策略是 UNIQUE（只许一条）", rows)
        results = [self._results(row, variables, functions) for row in rows]
        if self.hit_policy == "ANY":
            self._agreed(rows, results)
        if self.hit_policy in ("PRIORITY", "OUTPUT ORDER"):
            results.sort(key=self._standing)
        if self.hit_policy in ("UNIQUE", "ANY", "PRIORITY"):
            return self._shaped(results[0])
        shaped = [self._shaped(result) for result in results]
        if self.aggregation is None:
            return shaped
        return compile(_AGGREGATES[self.aggregation])({"hits": shaped})

    def hits(self, variables: Variables, functions: Functions | None = None) -> tuple[Rule, ...]:
        """The rules that hold, in their order."""
        return tuple(row.rule for row in self._hits(variables, functions))

    def _hits(self, variables: Variables, functions: Functions | None) -> list[_Row]:
        values = [asked(variables, functions) for asked in self._asked]
        found: list[_Row] = []
        for row in self._rows:
            pairs = zip(row.tests, values, strict=True)
            if all(test(value, variables, functions) is True for test, value in pairs):
                found.append(row)
                if self.hit_policy == "FIRST":
                    break
        return found

    def _results(self, row: _Row, variables: Variables, functions: Functions | None) -> list[Value]:
        return [result(variables, functions) for result in row.results]

    def _shaped(self, results: Sequence[Value]) -> Value:
        if len(results) == 1:
            return results[0]
        return {output.name: value for output, value in zip(self.outputs, results, strict=True)}

    def _nothing(self, variables: Variables, functions: Functions | None) -> Value:
        several = self.hit_policy in ("RULE ORDER", "OUTPUT ORDER", "COLLECT")
        if any(default is not None for default in self._defaults):
            values = [None if d is None else d(variables, functions) for d in self._defaults]
            return [self._shaped(values)] if several and self.aggregation is None else self._shaped(values)
        if self.aggregation is not None:
            return 0 if self.aggregation == "COUNT" else None
        return [] if several else None

    def _agreed(self, rows: list[_Row], results: list[list[Value]]) -> None:
        run = Run()
        for result in results[1:]:
            if equal(result, results[0], run) is not True:
                raise self._clash("多条规则同时成立而结果不同，而命中策略是 ANY（结果必须相同）", rows)

    def _standing(self, results: list[Value]) -> tuple[int, ...]:
        """How good a row's results are by the order of the allowed values; what is not listed comes last."""
        run = Run()
        return tuple(
            next((i for i, allowed in enumerate(ranks) if equal(value, allowed, run) is True), len(ranks))
            for ranks, value in zip(self._ranks, results, strict=True)
        )

    def _clash(self, message: str, rows: list[_Row]) -> TableError:
        ids = tuple(row.rule.id for row in rows)
        return TableError(f"{message}：{'、'.join(ids)}", table=self.name, rules=ids)

    def _check_shape(self) -> None:
        if self.hit_policy not in _POLICIES:
            raise TableError(f"不认识的命中策略 {self.hit_policy}", table=self.name)
        if self.aggregation is not None and self.aggregation not in _AGGREGATES:
            raise TableError(f"不认识的汇总方式 {self.aggregation}", table=self.name)
        if self.aggregation is not None and (self.hit_policy != "COLLECT" or len(self.outputs) != 1):
            raise TableError("汇总只能用于 COLLECT，且只能有一个输出列", table=self.name)
        if not self.outputs:
            raise TableError("没有输出列", table=self.name)
        for rule in self.rules:
            if (len(rule.tests), len(rule.results)) != (len(self.inputs), len(self.outputs)):
                message = f"规则 {rule.id} 的格数与列数不符"
                raise TableError(message, table=self.name, rules=(rule.id,))

    def _row(self, rule: Rule) -> _Row:
        tests = []
        for test, column in zip(rule.tests, self.inputs, strict=True):
            try:
                tests.append(compile_unary(test.strip() or "-"))
            except FeelError as error:
                raise self._unread(f"规则 {rule.id} 的“{column.label}”一格", error, (rule.id,)) from None
        results = tuple(
            self._expression(result, f"规则 {rule.id} 的“{output.name}”一格", (rule.id,))
            for result, output in zip(rule.results, self.outputs, strict=True)
        )
        return _Row(rule, tuple(tests), results)

    def _expression(self, text: str, where: str, rules: tuple[str, ...] = ()) -> Expression:
        try:
            return compile(text.strip() or "null")
        except FeelError as error:
            raise self._unread(where, error, rules) from None

    def _unread(self, where: str, error: FeelError, rules: tuple[str, ...]) -> TableError:
        return TableError(f"{where}：{error}", table=self.name, rules=rules, text=error.text)

    def _default(self, output: Output) -> Expression | None:
        if output.default is None or not output.default.strip():
            return None
        return self._expression(output.default, f"输出列“{output.name}”的默认值")

    def _rank(self, output: Output) -> list[Value]:
        text = output.values.strip()
        listed = self._expression(f"[{text}]", f"输出列“{output.name}”的取值")({}) if text else []
        if not listed and self.hit_policy in ("PRIORITY", "OUTPUT ORDER"):
            message = f"命中策略 {self.hit_policy} 要求输出列“{output.name}”列出取值，从最优先的起"
            raise TableError(message, table=self.name)
        return list(listed)
