"""The rows of the regulation: what each asks, in our own words, and whether the system can bind to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from service.content.findings import Findings, as_mapping, refuse, shortened
from service.content.yaml_source import read_yaml

BINDING = {"E": "系统强制或计量", "M": "部分强制、部分存证", "V": "只能存证"}
FIELDS = frozenset({"citation", "title", "substance", "binding"})
_ID = re.compile(r"A\d{1,2}-\d{1,2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `citation` (第六条第二款第（二）项), `substance` in our words, `binding` E, M or V."""

    id: str
    citation: str
    title: str
    substance: str
    binding: str


@dataclass(frozen=True, slots=True)
class Regulation:
    """The regulation as rows, and since when it is in force."""

    title: str
    effective_from: date | None
    rows: Mapping[str, Row]


EMPTY = Regulation("", None, MappingProxyType({}))


def read_regulation(file: str, data: bytes) -> Regulation:
    """The rows of a file. Raises ContentInvalid with every row that is incomplete."""
    source = read_yaml(file, data)
    findings = Findings(file)
    top = as_mapping(source.value)
    raw = as_mapping(top.get("rows"))
    title, since = top.get("title"), top.get("effective_from")
    if not raw or not isinstance(title, str) or type(since) is not date:
        raise refuse(file, "regulation.shape", "应有 title、effective_from（日期）和 rows", "请补全", line=1)
    rows = {}
    for identity, value in raw.items():
        line = source.line("rows", identity)
        row = as_mapping(value)
        if not _ID.fullmatch(identity):
            message = f"行号“{shortened(identity)}”无效"
            findings.add("regulation.id", message, "例如 A6-4", line=line, element=identity)
        elif set(row) != FIELDS or not all(isinstance(text, str) and text.strip() for text in row.values()):
            message = f"每行应有 {'、'.join(sorted(FIELDS))}，均为文字"
            findings.add("regulation.row", message, "请补全", line=line, element=identity)
        elif row["binding"] not in BINDING:
            findings.add(
                "regulation.binding", "binding 应为 E、M 或 V", "请改正", line=line, element=identity
            )
        else:
            rows[identity] = Row(identity, **{name: str(row[name]).strip() for name in FIELDS})
    findings.raise_errors()
    return Regulation(title, since, MappingProxyType(rows))
