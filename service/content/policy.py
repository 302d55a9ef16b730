"""The policy register (口径登记册): what the regulation leaves open, each entry with its basis and its owner.

Article: A16-1. A case keeps the version that was in force when it was received.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any

import yaml

from service.content.findings import Findings, as_mapping, refuse, shortened
from service.content.yaml_source import Source, read_yaml
from service.domain.outside import BY, BY_NAMES, NEVER_OUTSIDE
from service.domain.people import (
    CO_ROLES,
    DEPARTMENT_ROLES,
    GRANTED_ROLES,
    HANDLER,
    HEAD,
    LIAISON,
    ROLE_NAMES,
)
from service.domain.roster import DEPUTY, Order
from service.feel import evaluate

KINDS = frozenset(
    {"choice", "count", "day", "duration", "time", "durations", "roles", "channels", "stand_ins"}
)
STATUSES = frozenset({"已确认", "待确认"})
REQUIRED = ("value", "label", "kind", "basis", "status", "owner", "effective_from", "reason")
KNOWN = frozenset({*REQUIRED, "choices", "nullable", "article", "default"})
MAX_COUNT = 10_000
LAST_DAY = 31  # of a month; where a month is shorter it means its last day
WHOLE = {
    "count": (0, MAX_COUNT, f"应为 0 到 {MAX_COUNT} 之间的整数"),
    "day": (1, LAST_DAY, "应为一月中的第几日，1 到 31；31 即每月最后一日"),
}

FORMER_ORDER: Order = MappingProxyType(
    {
        **dict.fromkeys(GRANTED_ROLES, (DEPUTY,)),
        LIAISON: (DEPUTY, HEAD),
        HANDLER: (DEPUTY, LIAISON, HEAD),
    }
)
STAND_IN_NAMES = {DEPUTY: "代理", **ROLE_NAMES}

_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
_DURATION = re.compile(r"P(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?)?", re.ASCII)
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """One switch: its value as it is written, what it may be, and why it is so.

    `default` is the value before somebody changed it; the same as `value` where nobody did.
    """

    key: str
    value: Any
    label: str
    kind: str
    basis: str
    status: str
    owner: str
    effective_from: date
    reason: str
    default: Any = None
    choices: Mapping[str, str] = field(default_factory=dict)
    nullable: bool = False
    article: str | None = None

    def reading(self) -> Any:
        """The value as expressions see it. Raises ValueError where it is none this entry may have."""
        return _reading(self, self.value)

    @property
    def is_changed(self) -> bool:
        return bool(self.value != self.default)

    def as_written(self) -> dict[str, Any]:
        """The entry as it stands in the file."""
        return {
            "value": self.value,
            **({"default": self.default} if self.is_changed else {}),
            "label": self.label,
            "kind": self.kind,
            **({"choices": dict(self.choices)} if self.choices else {}),
            **({"nullable": True} if self.nullable else {}),
            "basis": self.basis,
            "status": self.status,
            "owner": self.owner,
            "effective_from": self.effective_from,
            "reason": self.reason,
            **({"article": self.article} if self.article else {}),
        }


@dataclass(frozen=True)
class Policy:
    """All entries of one version. `values` is what expressions read as `policy`; durations are timedeltas."""

    label: str
    entries: Mapping[str, Entry]
    values: Mapping[str, Any]

    @cached_property
    def switches(self) -> Mapping[str, Any]:
        """The switches whose value is not their default, as they are written."""
        return {key: entry.value for key, entry in self.entries.items() if entry.is_changed}

    @property
    def fallback(self) -> Mapping[str, str]:
        """The role a notice goes to where nobody holds the role it is meant for."""
        found = self.values.get("fallback")
        return found if isinstance(found, Mapping) else {}

    @property
    def stand_ins(self) -> Order:
        """To whom a role falls while its holders are away, in this order; one that is not there falls to nobody.

        Content from before this was an entry means the order that all had then: nobody may lose their stand-ins by
        a release that says nothing of them. Article: A4-4.
        """
        found = self.values.get("stand_ins")
        return found if isinstance(found, Mapping) else FORMER_ORDER

    @property
    def notice_channels(self) -> Mapping[str, frozenset[str]]:
        """By which ways a kind of notice goes beyond the pages; one that is not there stays on them."""
        return self._ways("notice_channels")

    @property
    def urgent_channels(self) -> Mapping[str, frozenset[str]]:
        """By which ways a kind of notice goes as well where its case is urgent."""
        return self._ways("urgent_channels")

    def ways_of(self, kind: str, *, is_urgent: bool) -> frozenset[str]:
        """By which ways a notice goes beyond the pages. Article: A4-4, A6-3."""
        ways = self.notice_channels.get(kind, frozenset())
        return ways | self.urgent_channels.get(kind, frozenset()) if is_urgent else ways

    def _ways(self, key: str) -> Mapping[str, frozenset[str]]:
        found = self.values.get(key)
        return {kind: BY[by] for kind, by in found.items()} if isinstance(found, Mapping) else {}

    def with_values(self, values: Mapping[str, Any], label: str) -> Policy:
        """Another version: the same entries, some with another value; their defaults stay.

        Raises ContentInvalid for an unknown switch or a value it may not have.
        """
        findings = Findings("bpmn/policy.yaml")
        entries = dict(self.entries)
        for key, value in values.items():
            if key not in entries:
                known = "、".join(sorted(entries))
                findings.add(
                    "policy.unknown", f"没有名为“{shortened(key)}”的口径", f"可用：{known}", element=key
                )
                continue
            entries[key] = replace(entries[key], value=_merged(entries[key].value, value))
        read = _readings(entries.values(), findings, None)
        findings.raise_errors()
        return Policy(label, MappingProxyType(entries), read)

    def as_file(self) -> bytes:
        """The register as a file that `read_policy` reads to the same policy."""
        written = {key: entry.as_written() for key, entry in self.entries.items()}
        text = yaml.safe_dump(
            {"version": self.label, "entries": written}, allow_unicode=True, sort_keys=False, width=120
        )
        return text.encode()


EMPTY = Policy("", MappingProxyType({}), MappingProxyType({}))


def read_policy(file: str, data: bytes) -> Policy:
    """The register of a file. Raises ContentInvalid with every entry that is incomplete or out of range."""
    source = read_yaml(file, data)
    findings = Findings(file)
    top = as_mapping(source.value)
    raw = as_mapping(top.get("entries"))
    version = top.get("version")
    if not isinstance(version, str) or not raw or set(top) != {"version", "entries"}:
        raise refuse(file, "policy.shape", "口径登记册应有 version（文字）和 entries", "请补全", line=1)
    entries: dict[str, Entry] = {}
    for key, value in raw.items():
        entry = _entry(key, as_mapping(value), source, findings)
        if entry is not None:
            entries[key] = entry
    values = _readings(entries.values(), findings, source)
    findings.raise_errors()
    return Policy(version, MappingProxyType(entries), values)


def _entry(key: str, raw: Mapping[str, Any], source: Source, findings: Findings) -> Entry | None:
    line = source.line("entries", key)
    missing = [name for name in REQUIRED if name not in raw]
    unknown = [name for name in raw if name not in KNOWN]
    texts = [name for name in ("label", "basis", "owner", "reason") if not isinstance(raw.get(name), str)]
    if not _KEY.fullmatch(key):
        findings.add(
            "policy.key", f"口径名“{shortened(key)}”无效", "用小写字母、数字、下划线", line=line, element=key
        )
        return None
    if missing or unknown or texts:
        wrong = "、".join(dict.fromkeys([*missing, *texts, *map(shortened, unknown)]))
        findings.add(
            "policy.entry", f"口径不完整或有多余项：{wrong}", "请对照其他口径补全", line=line, element=key
        )
        return None
    if raw["kind"] not in KINDS or raw["status"] not in STATUSES or type(raw["effective_from"]) is not date:
        findings.add(
            "policy.entry",
            "kind、status 或 effective_from 不在允许范围内",
            f"kind：{'、'.join(sorted(KINDS))}；status：已确认、待确认；effective_from：日期",
            line=line,
            element=key,
        )
        return None
    choices = as_mapping(raw.get("choices"))
    return Entry(
        key=key,
        value=raw["value"],
        label=raw["label"],
        kind=raw["kind"],
        basis=raw["basis"],
        status=raw["status"],
        owner=raw["owner"],
        effective_from=raw["effective_from"],
        reason=raw["reason"],
        default=raw.get("default", raw["value"]),
        choices=MappingProxyType({name: str(label) for name, label in choices.items()}),
        nullable=raw.get("nullable") is True,
        article=raw["article"] if isinstance(raw.get("article"), str) else None,
    )


def _readings(entries: Iterable[Entry], findings: Findings, source: Source | None) -> Mapping[str, Any]:
    values: dict[str, Any] = {}
    for entry in entries:
        try:
            values[entry.key] = entry.reading()
        except ValueError as err:
            line = source.line("entries", entry.key, "value") if source else None
            message = f"“{entry.label}”的值“{shortened(entry.value)}”不可用：{err}"
            findings.add("policy.value", message, "请改为允许的值", line=line, element=entry.key)
    return MappingProxyType(values)


def _merged(old: Any, new: Any) -> Any:
    """A nested value keeps what the new one does not name."""
    return {**old, **new} if isinstance(old, dict) and isinstance(new, dict) else new


def _reading(entry: Entry, value: Any) -> Any:
    if value is None:
        if entry.nullable:
            return None
        raise ValueError("不能为空")
    if entry.kind == "choice":
        if not isinstance(value, str) or value not in entry.choices:
            raise ValueError(f"应为 {'、'.join(entry.choices)} 之一")
        return value
    if entry.kind in WHOLE:
        fewest, most, wanted = WHOLE[entry.kind]
        if isinstance(value, bool) or not isinstance(value, int) or not fewest <= value <= most:
            raise ValueError(wanted)
        return value
    if entry.kind == "time":
        if not isinstance(value, str) or not _TIME.fullmatch(value):
            raise ValueError('应为加引号的时刻，例如 "17:30"')
        return value
    if entry.kind == "duration":
        return duration(value)
    return _table(entry, value)


def _table(entry: Entry, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ValueError("应为一组名称和值")
    if entry.kind == "durations":
        return MappingProxyType({key: duration(one) for key, one in value.items()})
    if entry.kind == "channels":
        return MappingProxyType({key: _way(key, one) for key, one in value.items()})
    if entry.kind == "stand_ins":
        return MappingProxyType({key: _turns(key, others) for key, others in value.items()})
    if not all(isinstance(one, str) for one in value.values()):
        raise ValueError("应为角色对角色")
    for start in value:
        _leads_somewhere(start, value)
    return MappingProxyType(dict(value))


def _way(notice: str, by: Any) -> str:
    if notice in NEVER_OUTSIDE:
        raise ValueError(f"{notice} 只给学院纪委，不得发到系统之外（第十五条）")
    if not isinstance(by, str) or by not in BY:
        known = "、".join(f"{key}（{name}）" for key, name in BY_NAMES.items())
        raise ValueError(f"{shortened(notice)} 的送达方式应为 {known} 之一；只在系统内的不写")
    return by


def _turns(role: str, others: Any) -> tuple[str, ...]:
    """Raises ValueError: the roles of a department fall within it, any other only to the deputies of its own holders,
    so that nobody does the work that they review, and nobody sees what is the discipline office's alone."""
    if role not in GRANTED_ROLES:
        raise ValueError(f"没有可任职的岗位 {shortened(role)}；可用：{_named(GRANTED_ROLES)}")
    known = may_stand_in(role)
    if not isinstance(others, list) or not all(isinstance(one, str) and one in known for one in others):
        raise ValueError(f"{ROLE_NAMES[role]}（{role}）依次由谁代办，只能从这些里选：{_named(known)}")
    if len(set(others)) < len(others):
        raise ValueError(f"{ROLE_NAMES[role]}（{role}）里同一个写了两次")
    return tuple(others)


def may_stand_in(role: str) -> tuple[str, ...]:
    """Who may stand in for the holders of a role at all."""
    others = (one for one in GRANTED_ROLES if one in DEPARTMENT_ROLES and one != role)
    return (DEPUTY, *others) if role in DEPARTMENT_ROLES else (DEPUTY,)


def _named(keys: Iterable[str]) -> str:
    return "、".join(f"{key}（{STAND_IN_NAMES[key]}）" for key in keys)


def _leads_somewhere(start: str, following: Mapping[str, str]) -> None:
    """Raises ValueError where a chain goes round within departments; at its top two may stand in for each other."""
    seen = [start]
    while seen[-1] in following:
        role = following[seen[-1]]
        if role in seen:
            if (DEPARTMENT_ROLES | CO_ROLES) & set(seen[seen.index(role) :]) or role == seen[-1]:
                raise ValueError(f"从 {start} 出发绕成了圈")
            return
        seen.append(role)


def duration(value: Any) -> timedelta:
    """A duration such as PT2H, PT15M, P1D or P1DT12H. Raises ValueError for anything else, none or less among it."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None or not any(found.groups()):
        known = evaluate("duration(text)", {"text": value}) if isinstance(value, str) else None
        if isinstance(known, timedelta) and known <= timedelta(0):
            raise ValueError("应大于零")
        raise ValueError("应为时长，写到分钟为止，例如 PT2H、PT15M、P1D")
    days, hours, minutes = (int(part or 0) for part in found.groups())
    length = timedelta(days=days, hours=hours, minutes=minutes)
    if not length:
        raise ValueError("应大于零")
    return length
