"""One field of a form-js form, read from its component: options, bounds, default, and what people are told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from service.content.field_values import ValueRefused, typed
from service.content.fields import ONE_OF_TYPES, SEVERAL_TYPES, Field, Limits, Option
from service.content.findings import Findings, as_mapping, shortened
from service.content.json_source import line_of
from service.content.patterns import PatternRefused, compiled
from service.feel import FeelError
from service.feel import compile as compile_feel

MAX_OPTIONS = 300
MAX_LABEL = 300
CHOICES = frozenset({"departments", "people", "cases"})
# Names that mean something else wherever a submission or the case is read.
RESERVED = frozenset({
    "now", "actor", "case", "policy",
    "at", "by", "by_name", "by_role", "dispatch_no", "instance", "started", "submitted_department",
})  # fmt: skip
KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)


class FieldSource:
    """The fields of one form file: what was found wrong, and the text in which it stands."""

    def __init__(self, findings: Findings, text: str) -> None:
        self.findings = findings
        self.text = text

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

    def label(self, raw: Mapping[str, Any], element: str) -> str:
        label = raw.get("label", "")
        if not isinstance(label, str) or len(label) > MAX_LABEL:
            self.refuse("form.label", f"标签应为文字，最多 {MAX_LABEL} 字", "请改短标签", element=element)
            return ""
        return label

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
        if not parts or not all(KEY.fullmatch(part) and not part.startswith("__") for part in parts):
            self.refuse(
                "form.key",
                "字段没有名称（key）" if key is None else f"字段名“{shortened(key)}”无效",
                "用字母、数字和下划线，以字母开头，不以两个下划线开头",
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
            offered=self.offered(properties, options, element),
            default=properties.get("default", raw.get("defaultValue")),
            hide=hide,
            hides=hides,
            limits=self.limits(raw, properties, element),
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

    def offered(self, properties: Mapping[str, str], options: tuple[Option, ...], element: str) -> str | None:
        text = properties.get("offered")
        if text is None:
            return None
        if not options:
            self.refuse("form.offered", "offered 只用于列出了选项的字段", "请删去", element=element)
            return None
        return self.feel(text.removeprefix("="), element)

    def limits(self, raw: Mapping[str, Any], properties: Mapping[str, str], element: str) -> Limits:
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
            decimal_digits=digits if isinstance(digits, int) else None,
            earliest=self.instant_bound(raw, properties, "earliest", element),
            latest=self.instant_bound(raw, properties, "latest", element),
        )

    def instant_bound(
        self, raw: Mapping[str, Any], properties: Mapping[str, str], name: str, element: str
    ) -> str | None:
        text = properties.get(name)
        if text is None:
            return None
        if raw.get("type") != "datetime":
            self.refuse("form.bound", f"{name} 只用于日期时间字段", "请删去", element=element)
            return None
        checked = self.feel(text.removeprefix("="), element)
        return f"={checked}" if checked is not None else None

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
