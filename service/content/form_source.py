"""From form-js JSON (schema 19, type `default`) to a Form; what the service does not carry is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from service.content.field_source import KEY, FieldSource
from service.content.fields import FIELD_TYPES, LAYOUT_TYPES, Field
from service.content.findings import Findings, as_mapping, shortened
from service.content.form_types import wrong_settings
from service.content.forms import Component, Form
from service.content.json_source import read_json

SCHEMA_VERSIONS = range(9, 20)
MAX_COMPONENTS = 300
MAX_NESTING = 5
_FILE = re.compile(r"(?:.*/)?([a-z][a-z0-9_]{0,63})\.form", re.ASCII)


def read_form(file: str, data: bytes) -> Form:
    """The form of a file. Raises ContentInvalid with everything that is wrong with it."""
    raw = read_json(file, data)
    findings = Findings(file)
    form = _Source(findings, data.decode("utf-8-sig")).form(raw)
    findings.raise_errors()
    assert form is not None
    return form


class _Source(FieldSource):
    """One form file being read: its findings, its text (for line numbers) and what was met so far."""

    def __init__(self, findings: Findings, text: str) -> None:
        super().__init__(findings, text)
        self.fields: list[Field] = []
        self.count = 0

    def form(self, raw: Any) -> Form | None:
        named = _FILE.fullmatch(self.findings.file)
        if named is None:
            self.refuse("form.name", "表单文件名应为小写字母、数字和下划线", "例如 dispatch.form")
            return None
        if not isinstance(raw, dict) or raw.get("type") != "default":
            self.refuse("form.type", "不是 form-js 的表单（type 应为 default）", "请用表单编辑器另存")
            return None
        if raw.get("schemaVersion", 19) not in SCHEMA_VERSIONS:
            self.refuse("form.version", "表单的 schemaVersion 不受支持", "请用 schemaVersion 19")
        if raw.get("id", named[1]) != named[1]:
            self.refuse("form.id", "表单的 id 与文件名不同", f"请把 id 改为 {named[1]}")
        properties = self.properties(raw, named[1])
        components = self.components(raw.get("components"), (), (), 1)
        self.unique()
        return Form(
            key=named[1],
            title=properties.get("title", named[1]),
            fields=tuple(self.fields),
            components=components,
            article=properties.get("article"),
            description=properties.get("description", ""),
            properties=properties,
        )

    def components(
        self, raw: Any, path: tuple[str, ...], hides: tuple[str, ...], depth: int
    ) -> tuple[Component, ...]:
        if not isinstance(raw, list):
            self.refuse("form.components", "components 应为列表", "请补上 components")
            return ()
        if depth > MAX_NESTING:
            self.refuse("form.depth", f"分组嵌套超过 {MAX_NESTING} 层", "请减少分组层数")
            return ()
        found = []
        for one in raw:
            self.count += 1
            if self.count > MAX_COMPONENTS:
                self.refuse("form.too_large", f"组件超过 {MAX_COMPONENTS} 个", "请拆分表单")
                break
            component = self.component(as_mapping(one), path, hides, depth)
            if component is not None:
                found.append(component)
        return tuple(found)

    def component(
        self, raw: Mapping[str, Any], path: tuple[str, ...], hides: tuple[str, ...], depth: int
    ) -> Component | None:
        kind = raw.get("type")
        element = shortened(raw.get("key") or raw.get("id") or f"components[{self.count - 1}]")
        if kind == "button":
            return None  # pages draw their own
        if kind is None:
            self.refuse("form.component", "组件没有写类型", "补上 type", element=element)
            return None
        if not isinstance(kind, str) or kind not in FIELD_TYPES | LAYOUT_TYPES:
            known = "、".join(sorted(FIELD_TYPES | LAYOUT_TYPES))
            self.refuse(
                "form.component", f"不支持组件类型“{shortened(kind)}”", f"可用：{known}", element=element
            )
            return None
        for message, cure in wrong_settings(raw):
            self.refuse("form.setting", message, cure, element=element)
        hide = self.condition(raw, element)
        inner = (*hides, hide) if hide else hides
        identity = raw.get("id")
        shell = Component(
            id=identity if isinstance(identity, str) else element,
            type=kind,
            properties=self.properties(raw, element),
            label=self.label(raw, element),
            hide=hide,
            columns=self.columns(raw),
        )
        if kind == "group":
            within = self.within(raw, path, element)
            return replace(shell, children=self.components(raw.get("components"), within, inner, depth + 1))
        if kind in LAYOUT_TYPES:
            text = raw.get("text", "")
            return replace(shell, text=text if isinstance(text, str) else "")
        field = self.field(raw, kind, path, inner, hide, element)
        if field is None:
            return None
        self.fields.append(field)
        return replace(shell, field=field)

    def within(self, raw: Mapping[str, Any], path: tuple[str, ...], element: str) -> tuple[str, ...]:
        inner = raw.get("path", "")
        if inner == "":
            return path
        if not isinstance(inner, str) or not all(KEY.fullmatch(part) for part in inner.split(".")):
            self.refuse("form.path", "分组的 path 不是有效的名称", "用字母、数字和下划线", element=element)
            return path
        return (*path, *inner.split("."))

    @staticmethod
    def columns(raw: Mapping[str, Any]) -> int | None:
        found = as_mapping(raw.get("layout")).get("columns")
        return found if isinstance(found, int) and 1 <= found <= 16 else None

    def condition(self, raw: Mapping[str, Any], element: str) -> str | None:
        hide = as_mapping(raw.get("conditional")).get("hide")
        if hide is None or hide == "":
            return None
        if not isinstance(hide, str):
            self.refuse(
                "form.condition", "隐藏条件应为 FEEL 表达式", '例如 =urgency != "urgent"', element=element
            )
            return None
        return self.feel(hide.removeprefix("="), element)

    def unique(self) -> None:
        seen: set[tuple[str, ...]] = set()
        for field in self.fields:
            if field.path in seen:
                self.refuse(
                    "form.duplicate", f"字段“{field.name}”出现了两次", "请删去一个", element=field.key
                )
            seen.add(field.path)
        for field in self.fields:
            if any(field.path[:depth] in seen for depth in range(1, len(field.path))):
                self.refuse(
                    "form.duplicate", f"“{field.name}”与另一字段重名", "请换一个名称", element=field.key
                )
