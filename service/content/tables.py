"""Decision tables as dmn-js writes them (DMN 1.3 XML), read into the tables that FEEL decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import get_args

from lxml import etree

from service.content.findings import Findings, refuse, shortened
from service.content.xml_source import line, read_xml
from service.feel import FeelError, compile_unary
from service.feel import compile as compile_feel
from service.feel.tables import Aggregation, DecisionTable, HitPolicy, Input, Output, Rule

NAMESPACES = frozenset(
    f"https://www.omg.org/spec/DMN/{version}/MODEL/"
    for version in ("20180521", "20191111", "20211108", "20230324")
)
DRAWING = ("https://www.omg.org/spec/DMN/", "http://www.omg.org/spec/DMN/")
HIT_POLICIES: Mapping[str, HitPolicy] = {policy: policy for policy in get_args(HitPolicy)}
AGGREGATIONS: Mapping[str, Aggregation] = {name: name for name in get_args(Aggregation)}
KNOWN = frozenset({
    "definitions", "decision", "variable", "decisionTable", "rule", "text", "description",
    "input", "inputExpression", "inputValues", "inputEntry",
    "output", "outputValues", "defaultOutputEntry", "outputEntry",
    "annotation", "annotationEntry", "extensionElements",
})  # fmt: skip
MAX_RULES = 1000
MAX_COLUMNS = 50


@dataclass(frozen=True, slots=True)
class TableSource:
    """A decision table with where each of its rows stands in the file."""

    id: str
    name: str
    table: DecisionTable
    lines: Mapping[str, int]


def read_tables(file: str, data: bytes) -> Mapping[str, TableSource]:
    """The decision tables of a file by the id of their decision. Raises ContentInvalid with all defects."""
    root = read_xml(file, data)
    space = etree.QName(root).namespace
    if etree.QName(root).localname != "definitions" or space not in NAMESPACES:
        raise refuse(
            file, "dmn.root", "不是 DMN 决策文件", "请用决策表编辑器另存（DMN 1.3）", line=line(root)
        )
    findings = Findings(file)
    _known_elements(root, str(space), findings)
    findings.raise_errors()
    found: dict[str, TableSource] = {}
    for decision in root.findall(f"{{{space}}}decision"):
        identity = decision.get("id", "")
        if not identity or identity in found:
            findings.add("dmn.id", "决策没有 id，或 id 重复", "请改正 id", line=line(decision))
            continue
        source = _Decision(file, findings, f"{{{space}}}", decision).read()
        if source is not None:
            found[identity] = source
    if not found and not findings.errors:
        findings.add("dmn.empty", "文件里没有决策表", "请加一张决策表", line=line(root))
    findings.raise_errors()
    return MappingProxyType(found)


def _known_elements(root: etree._Element, space: str, findings: Findings) -> None:
    for node in _elements(root):
        name = etree.QName(node)
        if name.namespace == space and name.localname not in KNOWN:
            findings.add(
                "dmn.element",
                f"不支持 {shortened(name.localname)}",
                "只用决策表：输入列、输出列和规则行",
                line=line(node),
                element=node.get("id"),
            )


def _elements(root: etree._Element) -> Iterator[etree._Element]:
    """Every element but the drawing (DMNDI) and what extensions hold."""
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        if etree.QName(node).localname == "extensionElements":
            continue
        pending.extend(
            child for child in node.iterchildren("*") if not _drawing(str(etree.QName(child).namespace))
        )


def _drawing(namespace: str) -> bool:
    return namespace.startswith(DRAWING) and namespace not in NAMESPACES


class _Decision:
    """One decision being read."""

    def __init__(self, file: str, findings: Findings, space: str, node: etree._Element) -> None:
        self.file = file
        self.findings = findings
        self.space = space
        self.node = node
        self.lines: dict[str, int] = {}

    def read(self) -> TableSource | None:
        table = self.node.find(f"{self.space}decisionTable")
        if table is None:
            self.refuse("dmn.table", "决策里没有决策表", "请改用决策表", self.node)
            return None
        before = len(self.findings.errors)
        inputs = tuple(self.input(one) for one in table.findall(f"{self.space}input"))
        outputs = tuple(self.output(one) for one in table.findall(f"{self.space}output"))
        policy = table.get("hitPolicy", "UNIQUE")
        if policy not in HIT_POLICIES:
            self.refuse(
                "dmn.hit_policy", f"不支持命中策略 {shortened(policy)}", "例如 UNIQUE 或 FIRST", table
            )
        if not outputs or len(inputs) + len(outputs) > MAX_COLUMNS:
            self.refuse("dmn.columns", f"没有输出列，或列数超过 {MAX_COLUMNS}", "请增删列", table)
        if len({output.name for output in outputs}) != len(outputs):
            self.refuse("dmn.columns", "有重名的输出列", "请改名", table)
        rows = table.findall(f"{self.space}rule")
        if len(rows) > MAX_RULES:
            self.refuse("dmn.too_large", f"规则超过 {MAX_RULES} 行", "请拆分", table)
            return None
        rules = tuple(self.rule(row, number, len(inputs), len(outputs)) for number, row in enumerate(rows, 1))
        aggregation = table.get("aggregation")
        if aggregation is not None and aggregation not in AGGREGATIONS:
            self.refuse("dmn.hit_policy", f"不支持汇总 {shortened(aggregation)}", "例如 SUM 或 COUNT", table)
        if len(self.findings.errors) > before:
            return None
        identity = self.node.get("id") or ""
        name = self.node.get("name") or identity
        try:
            made = DecisionTable(
                name, inputs, outputs, rules, HIT_POLICIES[policy], AGGREGATIONS.get(aggregation or "")
            )
        except FeelError as err:
            self.refuse("dmn.table", f"决策表有误：{err}", "请改正", table)
            return None
        return TableSource(identity, name, made, MappingProxyType(self.lines))

    def refuse(self, rule: str, message: str, cure: str, node: etree._Element) -> None:
        self.findings.add(rule, message, cure, line=line(node), element=node.get("id"))

    def input(self, node: etree._Element) -> Input:
        expression = node.find(f"{self.space}inputExpression")
        text = self.text(expression) if expression is not None else ""
        self.feel(text, node)
        return Input(node.get("label") or text, text)

    def output(self, node: etree._Element) -> Output:
        name = node.get("name", "")
        if not name:
            self.refuse("dmn.columns", "输出列没有名称", "请填写列的名称（name）", node)
        allowed = node.find(f"{self.space}outputValues")
        default = node.find(f"{self.space}defaultOutputEntry")
        values = self.text(allowed) if allowed is not None else ""
        fallback = self.text(default) if default is not None else ""
        for text in filter(None, (values, fallback)):
            self.feel(f"[{text}]" if text is values else text, node)
        return Output(name, values, fallback or None)

    def rule(self, node: etree._Element, number: int, inputs: int, outputs: int) -> Rule:
        identity = node.get("id") or f"row_{number}"
        self.lines[identity] = line(node) or 0
        tests = tuple(self.text(one) for one in node.findall(f"{self.space}inputEntry"))
        results = tuple(self.text(one) for one in node.findall(f"{self.space}outputEntry"))
        if len(tests) != inputs or len(results) != outputs:
            self.refuse("dmn.row", f"第 {number} 行的单元格数与列数不符", "请补齐单元格", node)
        for text in tests:
            self.unary(text, node, number)
        for text in results:
            self.feel(text or "null", node, number)
        notes = [self.text(one) for one in node.findall(f"{self.space}annotationEntry")]
        described = node.find(f"{self.space}description")
        if described is not None:
            notes.append((described.text or "").strip())
        return Rule(
            identity,
            tuple(test or "-" for test in tests),
            tuple(one or "null" for one in results),
            "；".join(filter(None, notes)),
        )

    def text(self, node: etree._Element) -> str:
        language = node.get("expressionLanguage", "")
        if language and "feel" not in language.lower():
            self.refuse("dmn.language", f"不支持表达式语言 {shortened(language)}", "请改用 FEEL", node)
        inner = node.find(f"{self.space}text")
        return (inner.text or "").strip() if inner is not None else ""

    def feel(self, text: str, node: etree._Element, number: int | None = None) -> None:
        try:
            compile_feel(text)
        except FeelError as err:
            where = f"第 {number} 行" if number else "列"
            self.refuse("dmn.expression", f"{where}的“{shortened(text)}”有误：{err}", "请改正单元格", node)

    def unary(self, text: str, node: etree._Element, number: int) -> None:
        try:
            compile_unary(text or "-")
        except FeelError as err:
            message = f"第 {number} 行的条件“{shortened(text)}”有误：{err}"
            self.refuse("dmn.expression", message, "请改正单元格", node)
