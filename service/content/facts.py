"""Named expressions of the content: facts that many places need, the columns of the lists, what figures count as."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from service.content.findings import Findings, as_mapping, refuse, shortened
from service.content.yaml_source import Source, read_yaml
from service.feel import FeelError
from service.feel import compile as compile_feel

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts, the columns and the criteria of figures of a release, as FEEL texts."""

    facts: Mapping[str, str]
    columns: Mapping[str, str]
    figures: Mapping[str, str]


EMPTY = Facts(MappingProxyType({}), MappingProxyType({}), MappingProxyType({}))


def read_facts(file: str, data: bytes) -> Facts:
    """The named expressions of a file. Raises ContentInvalid for bad FEEL, and for facts that need each other."""
    source = read_yaml(file, data)
    findings = Findings(file)
    top = as_mapping(source.value)
    if not top or not set(top) <= {"facts", "columns", "figures"}:
        raise refuse(file, "facts.shape", "应有 facts、columns 和 figures 三部分", "请补全", line=1)
    facts = _texts("facts", top, source, findings)
    columns = _texts("columns", top, source, findings)
    figures = _texts("figures", top, source, findings)
    for circle in _circles(facts):
        name = circle[0]
        message = f"互相依赖，永远算不出：{' → '.join([*circle, name])}"
        findings.add("facts.circle", message, "请打破循环", line=source.line("facts", name), element=name)
    findings.raise_errors()
    return Facts(MappingProxyType(facts), MappingProxyType(columns), MappingProxyType(figures))


def _texts(part: str, top: Mapping[str, object], source: Source, findings: Findings) -> dict[str, str]:
    found: dict[str, str] = {}
    raw = top.get(part)
    if raw is not None and not isinstance(raw, dict):
        findings.add("facts.shape", f"{part} 应为名称对表达式", "请改正", line=source.line(part))
    for name, text in as_mapping(raw).items():
        line = source.line(part, name)
        if not _NAME.fullmatch(name):
            message = f"名称“{shortened(name)}”无效"
            findings.add("facts.name", message, "用小写字母、数字、下划线", line=line, element=name)
            continue
        if isinstance(text, (bool, int)):
            text = str(text).lower()  # noqa: PLW2901  `name: true` is FEEL as well, read by YAML first
        if not isinstance(text, str):
            findings.add("facts.text", "应为 FEEL 表达式", "请写成文字并加引号", line=line, element=name)
            continue
        try:
            compile_feel(text)
        except FeelError as err:
            findings.add("facts.expression", f"表达式有误：{err}", "请改正表达式", line=line, element=name)
            continue
        found[name] = text.strip()
    return found


def _circles(facts: Mapping[str, str]) -> list[list[str]]:
    """Facts that lead back to themselves, each circle once."""
    needs = {name: sorted(compile_feel(text).names & set(facts)) for name, text in facts.items()}
    done: set[str] = set()
    circles: list[list[str]] = []
    for start in facts:
        way: list[str] = []
        pending: list[tuple[str, bool]] = [(start, False)]
        while pending:
            name, leaving = pending.pop()
            if leaving:
                done.add(way.pop())
            elif name in way:
                circles.append(way[way.index(name) :])
            elif name not in done:
                way.append(name)
                pending.append((name, True))
                pending.extend((other, False) for other in needs[name])
    return circles
