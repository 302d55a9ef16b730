"""Reading a whole release from bytes: every file's defects at once, and nothing but ContentInvalid."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from service.content import deadlines, facts, papers, policy, regulation
from service.content.deadlines import read_deadlines
from service.content.facts import read_facts
from service.content.findings import shortened
from service.content.form_source import read_form
from service.content.forms import Form
from service.content.papers import read_papers
from service.content.policy import read_policy
from service.content.regulation import read_regulation
from service.content.release import POLICY_FILE, Content, frozen, hash_of
from service.domain.errors import ContentInvalid, Finding

POLICY = POLICY_FILE
FACTS = "bpmn/facts.yaml"
REGULATION = "bpmn/regulation.yaml"
DEADLINES = "bpmn/deadlines.dmn"
PAPERS = "bpmn/papers.yaml"
SUFFIXES = frozenset({".bpmn", ".dmn", ".yaml", ".form"})
NEEDED = (POLICY, FACTS, REGULATION, DEADLINES)

MAX_FILES = 300
MAX_BYTES = 16 * 1024 * 1024

_NAME = re.compile(
    r"bpmn/(?:cases/)?[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\.(?:bpmn|dmn|yaml)|forms/[a-z][a-z0-9_]{0,63}\.form",
    re.ASCII,
)

T = TypeVar("T")


def load(files: Mapping[str, bytes], *, where: str = "", complete: bool = True) -> Content:
    """The content that these files make, named `bpmn/…` and `forms/…`.

    `where` stands before each file name in findings. With `complete=False` a part of a release may be
    missing and is then empty. Raises ContentInvalid with the findings of all files together.
    """
    found: list[Finding] = list(_shape(files, complete=complete))
    if found:
        raise ContentInvalid(_placed(found, where))
    register = _part(files, POLICY, read_policy, policy.EMPTY, found)
    content = Content(
        files=frozen(files),
        hash=hash_of(files),
        forms=_forms(files, found),
        policy=register,
        named=_part(files, FACTS, read_facts, facts.EMPTY, found),
        rules=_part(files, REGULATION, read_regulation, regulation.EMPTY, found),
        papers=_part(files, PAPERS, read_papers, papers.EMPTY, found),
        deadlines=_part(
            files,
            DEADLINES,
            lambda name, data: read_deadlines(name, data, register.values),
            deadlines.EMPTY,
            found,
            skip=register is policy.EMPTY and POLICY in files,
        ),
    )
    if any(finding.severity == "error" for finding in found):
        raise ContentInvalid(_placed(found, where))
    return content


def read_folder(root: Path) -> dict[str, bytes]:
    """The content files below `bpmn/` and `forms/` of a folder, by their names there."""
    found = {}
    for path in sorted([*root.glob("bpmn/**/*"), *root.glob("forms/**/*")]):
        if path.is_file() and path.suffix in SUFFIXES:
            found[path.relative_to(root).as_posix()] = path.read_bytes()
    return found


def _shape(files: Mapping[str, bytes], *, complete: bool) -> Iterator[Finding]:
    for name in files:
        if not _NAME.fullmatch(name):
            yield Finding(
                "file.name",
                "不是内容文件的名称",
                "例如 bpmn/complaint.bpmn、forms/dispatch.form",
                shortened(name),
            )
    if len(files) > MAX_FILES or sum(map(len, files.values())) > MAX_BYTES:
        yield Finding("file.too_large", "内容文件太多或太大", f"最多 {MAX_FILES} 个，合计 {MAX_BYTES} 字节")
    for name in NEEDED if complete else ():
        if name not in files:
            yield Finding("file.missing", "缺少这个文件", "请补上", name)


def _forms(files: Mapping[str, bytes], found: list[Finding]) -> Mapping[str, Form]:
    forms: dict[str, Form] = {}
    for name in sorted(files):
        if name.startswith("forms/"):
            form: Form | None = _part(files, name, read_form, None, found)
            if form is not None:
                forms[form.key] = form
    return MappingProxyType(forms)


def _part(
    files: Mapping[str, bytes],
    name: str,
    read: Callable[[str, bytes], T],
    empty: T,
    found: list[Finding],
    *,
    skip: bool = False,
) -> T:
    """One file read, or what stands for it; its defects go to `found`."""
    if skip or name not in files:
        return empty
    try:
        return read(name, files[name])
    except ContentInvalid as err:
        found.extend(err.findings)
        return empty


def _placed(findings: list[Finding], where: str) -> list[Finding]:
    if not where:
        return findings
    return [
        Finding(
            f.rule, f.message, f.cure, f"{where}/{f.file}" if f.file else where, f.line, f.element, f.severity
        )
        for f in findings
    ]
