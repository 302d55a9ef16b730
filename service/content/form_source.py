"""From form-js JSON (schema 19, type `default`) to a Form; what the service does not carry is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from service.content.field_values import ValueRefused, typed
from service.content.findings import Findings, as_mapping, shortened
from service.content.forms import (
    FIELD_TYPES,
    LAYOUT_TYPES,
    ONE_OF_TYPES,
    SEVERAL_TYPES,
    Component,
    Field,
    Form,
    Limits,
    Option,
)
from service.content.json_source import line_of, read_json
from service.content.patterns import PatternRefused, compiled
from service.feel import FeelError
from service.feel import compile as compile_feel

SCHEMA_VERSIONS = range(9, 20)
MAX_COMPONENTS = 300
MAX_OPTIONS = 300
MAX_LABEL = 300
MAX_NESTING = 5
CHOICES = frozenset({"departments", "people", "cases"})
# Names that mean something else wherever a submission or the case is read.
RESERVED = frozenset({
    "now", "actor", "case", "policy",
    "at", "by", "by_name", "by_role", "dispatch_no", "instance", "started", "submitted_department",
})  # fmt: skip
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
_FILE = re.compile(r"(?:.*/)?([a-z][a-z0-9_]{0,63})\.form", re.ASCII)


def read_form(file: str, data: bytes) -> Form:
    """The form of a file. Raises ContentInvalid with everything that is wrong with it."""
    raw = read_json(file, data)
    findings = Findings(file)
    form = _Source(findings, data.decode("utf-8-sig")).form(raw)
    findings.raise_errors()
    assert form is not None
    return form


class _Source:
    """One form file being read: its findings, its text (for line numbers) and what was met so far."""

    def __init__(self, findings: Findings, text: str) -> None:
        self.findings = findings
        self.text = text
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

    def refuse(
        self, rule: str, message: str, cure: str, *, element: str | None = None, line: int | None = None
    ) -> None:
        if line is None and element is not None:
            line = line_of(self.text, f'"key": "{element}"', f'"id": "{element}"', f'"{element}"')
        self.findings.add(rule, message, cure, element=element, line=line)

    def properties(self, raw: Mapping[str, Any], element: str) -> Mapping[str, str]:
        found = raw.get("properties", {})
        if not isinstance(found, dict) or not all(
            isinstance(value, str) and len(value) <= MAX_LABEL for value in found.values()
        ):
            self.refuse("form.properties", "properties 应为文字对文字", "请把值写成文字", element=element)
            return MappingProxyType({})
        return MappingProxyType(dict(found))

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
        if not isinstance(kind, str) or kind not in FIELD_TYPES | LAYOUT_TYPES:
            known = "、".join(sorted(FIELD_TYPES | LAYOUT_TYPES))
            self.refuse(
                "form.component", f"不支持组件类型“{shortened(kind)}”", f"可用：{known}", element=element
            )
            return None
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
        return replace(shell, field=field) if field else None

    def within(self, raw: Mapping[str, Any], path: tuple[str, ...], element: str) -> tuple[str, ...]:
        inner = raw.get("path", "")
        if inner == "":
            return path
        if not isinstance(inner, str) or not all(_KEY.fullmatch(part) for part in inner.split(".")):
            self.refuse("form.path", "分组的 path 不是有效的名称", "用字母、数字和下划线", element=element)
            return path
        return (*path, *inner.split("."))

    def label(self, raw: Mapping[str, Any], element: str) -> str:
        label = raw.get("label", "")
        if not isinstance(label, str) or len(label) > MAX_LABEL:
            self.refuse("form.label", f"标签应为文字，最多 {MAX_LABEL} 字", "请改短标签", element=element)
            return ""
        return label

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

    def feel(self, text: str, element: str) -> str | None:
        try:
            compile_feel(text)
        except FeelError as err:
            self.refuse("form.expression", f"表达式有误：{err}", "请改正表达式", element=element)
            return None
        return text.strip()

    def field(
        self,
        raw: Mapping[str, Any],
        kind: str,
        path: tuple[str, ...],
        hides: tuple[str, ...],
        hide: str | None,
        element: str,
    ) -> Field | None:
        key = raw.get("key")
        parts = tuple(key.split(".")) if isinstance(key, str) else ()
        if not parts or not all(_KEY.fullmatch(part) for part in parts):
            self.refuse(
                "form.key",
                f"字段名“{shortened(key)}”无效",
                "用字母、数字和下划线，以字母开头",
                element=element,
            )
            return None
        if (*path, *parts)[0] in RESERVED:
            self.refuse("form.reserved", f"字段名“{key}”另有含义", "请换一个名称", element=element)
        properties = self.properties(raw, element)
        label = self.label(raw, element)
        if not label.strip():
            self.refuse("form.label", "字段没有标签", "请写明要填什么", element=element)
        options, choices = self.options(raw, kind, element)
        field = Field(
            path=(*path, *parts),
            label=label,
            type=kind,
            required=as_mapping(raw.get("validate")).get("required") is True,
            options=options,
            choices=choices,
            default=raw.get("defaultValue"),
            hide=hide,
            hides=hides,
            limits=self.limits(raw, element),
            article=properties.get("article"),
            masked=properties.get("mask") == "true",
            description=raw["description"] if isinstance(raw.get("description"), str) else "",
            multiple=raw.get("multiple") is True or kind in SEVERAL_TYPES,
            read_only=raw.get("readonly") is True or raw.get("disabled") is True,
            date_only=self.date_only(raw, element),
            exclusive=properties.get("exclusive"),
            accept=raw["accept"] if isinstance(raw.get("accept"), str) else "",
            properties=properties,
        )
        self.checked_default(field)
        self.fields.append(field)
        return field

    def date_only(self, raw: Mapping[str, Any], element: str) -> bool:
        if raw.get("type") != "datetime":
            return False
        if raw.get("subtype", "datetime") not in ("date", "datetime"):
            self.refuse("form.subtype", "只支持日期或日期加时间", "把 subtype 改为 datetime", element=element)
        return raw.get("subtype") == "date"

    def options(
        self, raw: Mapping[str, Any], kind: str, element: str
    ) -> tuple[tuple[Option, ...], str | None]:
        if kind not in ONE_OF_TYPES | SEVERAL_TYPES:
            return (), None
        choices = raw.get("valuesKey")
        if choices is not None:
            if choices not in CHOICES:
                known = "、".join(sorted(CHOICES))
                self.refuse(
                    "form.choices",
                    f"没有名为“{shortened(choices)}”的选项来源",
                    f"可用：{known}",
                    element=element,
                )
            return (), str(choices)
        values = raw.get("values")
        if not isinstance(values, list) or not values or len(values) > MAX_OPTIONS:
            self.refuse(
                "form.options", f"没有选项，或选项超过 {MAX_OPTIONS} 个", "请列出选项", element=element
            )
            return (), None
        options = []
        for one in map(as_mapping, values):
            value, label = one.get("value"), one.get("label", one.get("value"))
            if (
                not isinstance(value, str)
                or not value
                or not isinstance(label, str)
                or len(label) > MAX_LABEL
            ):
                self.refuse("form.options", "选项的 value 和 label 应为文字", "请改正选项", element=element)
                continue
            options.append(Option(value, label))
        if len({option.value for option in options}) != len(options):
            self.refuse("form.options", "有重复的选项", "每个 value 只出现一次", element=element)
        return tuple(options), None

    def limits(self, raw: Mapping[str, Any], element: str) -> Limits:
        validate = as_mapping(raw.get("validate"))
        pattern = validate.get("pattern") or None
        if pattern is not None:
            try:
                compiled(pattern if isinstance(pattern, str) else "(")
            except PatternRefused as err:
                self.refuse("form.pattern", f"格式表达式不可用：{err}", "请简化格式", element=element)
                pattern = None
        digits = raw.get("decimalDigits")
        kind = validate.get("validationType")
        message = validate.get("patternErrorMessage")
        return Limits(
            min=self.bound(validate, "min", element),
            max=self.bound(validate, "max", element),
            min_length=self.bound(validate, "minLength", element),
            max_length=self.bound(validate, "maxLength", element),
            pattern=str(pattern) if pattern is not None else None,
            pattern_message=message if isinstance(message, str) else None,
            kind=str(kind) if kind in ("email", "phone") else None,
            decimal_digits=digits if isinstance(digits, int) and 0 <= digits <= 6 else None,
        )

    def bound(self, validate: Mapping[str, Any], name: str, element: str) -> Any:
        value = validate.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str) and value.startswith("="):
            text = self.feel(value[1:], element)
            return f"={text}" if text is not None else None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            self.refuse("form.bound", f"{name} 应为数或 FEEL 表达式", "请改正", element=element)
            return None
        return value

    def checked_default(self, field: Field) -> None:
        value = field.default
        if value is None:
            return
        if isinstance(value, str) and value.startswith("="):
            self.feel(value[1:], field.key)
            return
        try:
            typed(field, value, None)
        except ValueRefused as err:
            self.refuse("form.default", f"默认值不能用：{err}", "请改正默认值", element=field.key)

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
