"""Papers made of a case: what stands on each, row by row, and what the package of a report holds and needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from service.content.findings import Findings, as_mapping, refuse, shortened
from service.content.yaml_source import Source, read_yaml
from service.feel import FeelError
from service.feel import compile as compile_feel

SHORT, LONG, DUE, SIGN = "short", "long", "due", "sign"
KINDS = (SHORT, LONG, DUE, SIGN)
ROW_KEYS = frozenset({"label", "field", "value", "at", "kind"})
PAPER_KEYS = frozenset({"title", "article", "rows"})
PACKAGE_KEYS = frozenset({"title", "article", "papers", "files", "needs"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a field of a form (`dispatch.lead_department`), a FEEL value, or a value shown as that field shows it;
    `at` is when it was signed."""

    label: str
    kind: str = SHORT
    form_field: str | None = None
    value: str | None = None
    at: str | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper. `key` names it in addresses and in the package."""

    key: str
    title: str
    article: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """What must hold before a package is given out (FEEL), and what is missing where it does not."""

    check: str
    message: str


@dataclass(frozen=True, slots=True)
class Package:
    """What is packed together: papers, the files of these fields, under these conditions."""

    title: str
    article: str
    papers: tuple[str, ...]
    files: tuple[str, ...]
    needs: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Papers:
    """The papers of a release by key, and its package; a release of older days has none."""

    papers: Mapping[str, Paper] = field(default_factory=lambda: MappingProxyType({}))
    package: Package | None = None

    def expressions(self) -> Iterator[tuple[str, str]]:
        """Each FEEL text, with what people call its place."""
        for paper in self.papers.values():
            for row in paper.rows:
                yield from ((f"{paper.title}·{row.label}", text) for text in (row.value, row.at) if text)
        for need in self.package.needs if self.package else ():
            yield need.message, need.check

    def fields(self) -> Iterator[tuple[str, str]]:
        """Each field of a form that is named (`dispatch.urgency`), with what people call its place."""
        for paper in self.papers.values():
            yield from (
                (f"{paper.title}·{row.label}", row.form_field) for row in paper.rows if row.form_field
            )
        if self.package:
            yield from ((self.package.title, one) for one in self.package.files)


EMPTY = Papers()


def read_papers(file: str, data: bytes) -> Papers:
    """The papers of a file. Raises ContentInvalid with each row that cannot be read."""
    source = read_yaml(file, data)
    findings = Findings(file)
    top = as_mapping(source.value)
    if not set(top) <= {"papers", "package"} or not as_mapping(top.get("papers")):
        raise refuse(file, "papers.shape", "应有 papers 和 package 两部分", "请补全", line=1)
    papers = {
        key: _paper(key, as_mapping(raw), source, findings) for key, raw in as_mapping(top["papers"]).items()
    }
    package = _package(as_mapping(top["package"]), papers, source, findings) if "package" in top else None
    findings.raise_errors()
    return Papers(MappingProxyType(papers), package)


def _paper(key: str, raw: Mapping[str, Any], source: Source, findings: Findings) -> Paper:
    line = source.line("papers", key)
    _known(raw, PAPER_KEYS, key, line, findings)
    rows = raw.get("rows")
    if not isinstance(rows, list) or not rows:
        findings.add("papers.rows", "没有任何一行", "请在 rows 里列出各行", line=line, element=key)
    return Paper(
        key,
        _text(raw, "title", key, line, findings),
        _text(raw, "article", key, line, findings),
        tuple(_row(as_mapping(one), key, line, findings) for one in rows or () if isinstance(rows, list)),
    )


def _row(raw: Mapping[str, Any], key: str, line: int | None, findings: Findings) -> Row:
    _known(raw, ROW_KEYS, key, line, findings)
    label = _text(raw, "label", key, line, findings)
    kind = raw.get("kind", SHORT)
    if kind not in KINDS:
        message = f"“{label}”的 kind 是“{shortened(kind)}”"
        findings.add("papers.kind", message, f"可用：{'、'.join(KINDS)}", line=line, element=key)
    named, value, at = (raw.get(name) for name in ("field", "value", "at"))
    if named is None and value is None and kind != SIGN:
        message = f"“{label}”应写 field、value 或两者"
        findings.add("papers.row", message, "请改正", line=line, element=key)
    for text in (value, at):
        _feel(text, label, key, line, findings)
    return Row(label, str(kind), *(str(one) if one is not None else None for one in (named, value, at)))


def _package(
    raw: Mapping[str, Any], papers: Mapping[str, Paper], source: Source, findings: Findings
) -> Package:
    key, line = "package", source.line("package")
    _known(raw, PACKAGE_KEYS, key, line, findings)
    named, files = _texts(raw.get("papers")), _texts(raw.get("files"))
    for one in named:
        if one not in papers:
            cure = f"可用：{'、'.join(papers)}"
            findings.add("papers.unknown", f"没有单据“{shortened(one)}”", cure, line=line, element=key)
    needs = []
    for need in map(as_mapping, raw.get("needs") or ()):
        message = _text(need, "message", key, line, findings)
        check = _text(need, "check", key, line, findings)
        _feel(check, message, key, line, findings)
        needs.append(Need(check, message))
    return Package(
        _text(raw, "title", key, line, findings),
        _text(raw, "article", key, line, findings),
        named,
        files,
        tuple(needs),
    )


def _feel(text: Any, place: str, key: str, line: int | None, findings: Findings) -> None:
    if text is None:
        return
    try:
        compile_feel(str(text))
    except FeelError as err:
        message = f"“{place}”的表达式有误：{err}"
        findings.add("papers.expression", message, "请改正表达式", line=line, element=key)


def _text(raw: Mapping[str, Any], name: str, key: str, line: int | None, findings: Findings) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not value.strip():
        findings.add("papers.text", f"缺少 {name}", "请填写文字", line=line, element=key)
        return ""
    return value.strip()


def _texts(value: Any) -> tuple[str, ...]:
    return (
        tuple(str(one) for one in value) if isinstance(value, Sequence) and not isinstance(value, str) else ()
    )


def _known(
    raw: Mapping[str, Any], keys: frozenset[str], key: str, line: int | None, findings: Findings
) -> None:
    for name in sorted(set(raw) - keys):
        message = f"不认识“{shortened(name)}”"
        findings.add("papers.key", message, f"可用：{'、'.join(sorted(keys))}", line=line, element=key)
