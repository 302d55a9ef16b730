"""One entry of the policy register changed in its file: what is not changed keeps its every character."""

from __future__ import annotations

import difflib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from service.content.policy import read_policy
from service.content.policy_edit import with_entry
from service.domain.errors import ContentInvalid

FILE = "bpmn/policy.yaml"
SHIPPED = (Path(__file__).parents[2] / FILE).read_bytes()
# every way in which an entry may be written, with comments wherever one may stand
REGISTER = """\
# 开头的说明
version: v1   # 版本
entries:
  # 一、天数
  days:
    value: 5   # 每周一看
    # 为什么是五
    label: 日数  # 名称
    kind: count
    basis: "第一条"
    status: 待确认
    owner: 党政办公室
    effective_from: 2024-01-25
    reason: 试行

  flow: {value: day, label: 单位, kind: choice, choices: {day: 日, week: 周}, basis: 甲,
    status: 已确认, owner: 乙, effective_from: 2024-01-25, reason: 丙}  # 一行
  leads:
    value:   # 各时钟
      dispatch: PT4H   # 四小时
      # 一天
      handling_feedback: PT24H
    label: 提前
    kind: durations
    basis: 丁
    status: 待确认
    owner: 党政办公室
    effective_from: 2024-01-25
    reason: |
      第一行
      第二行
    # 末尾
  fixed:
    value: PT2H
    default: null   # 原来不设
    label: 固定
    kind: duration
    nullable: true
    basis: 戊
    status: 待确认
    owner: 党政办公室
    effective_from: 2024-01-25
    reason: 己
    article: A6-1
""".encode()


def changed_lines(before: bytes, after: bytes) -> list[str]:
    """The lines that went (-) and came (+)."""
    compared = difflib.ndiff(before.decode().splitlines(), after.decode().splitlines())
    return [line for line in compared if line.startswith(("- ", "+ "))]


@pytest.mark.parametrize(
    "key, changes, lines",
    [
        (
            "days",
            {"value": 7},
            ["-     value: 5   # 每周一看", "+     value: 7   # 每周一看", "+     default: 5"],
        ),
        ("days", {"status": "已确认"}, ["-     status: 待确认", "+     status: 已确认"]),
        ("days", {"value": 5, "status": "待确认", "reason": "试行"}, []),
        (
            "days",
            {"reason": "改: 为 # 七日", "effective_from": date(2026, 1, 1)},
            [
                "-     effective_from: 2024-01-25",
                "-     reason: 试行",
                "+     effective_from: 2026-01-01",
                "+     reason: '改: 为 # 七日'",
            ],
        ),
        ("days", {"basis": "第二条"}, ['-     basis: "第一条"', '+     basis: "第二条"']),
        (
            "leads",
            {"value": {"dispatch": "PT5H", "handling_feedback": "PT24H"}},
            [
                "-       dispatch: PT4H   # 四小时",
                "+       dispatch: PT5H   # 四小时",
                "+     default: {dispatch: PT4H, handling_feedback: PT24H}",
            ],
        ),
        (
            "leads",
            {"value": {"dispatch": "PT4H", "handling_feedback": "PT24H", "upstream": "P1D"}},
            ["+       upstream: P1D", "+     default: {dispatch: PT4H, handling_feedback: PT24H}"],
        ),
        (
            "leads",
            {"value": {"dispatch": "PT4H"}},
            [
                "-       handling_feedback: PT24H",
                "+     default: {dispatch: PT4H, handling_feedback: PT24H}",
            ],
        ),
        (
            "leads",
            {"reason": "一行"},
            ["-     reason: |", "-       第一行", "-       第二行", "+     reason: 一行"],
        ),
        (
            "fixed",
            {"value": None},
            ["-     value: PT2H", "+     value: null", "-     default: null   # 原来不设"],
        ),
        ("fixed", {"value": "PT3H"}, ["-     value: PT2H", "+     value: PT3H"]),
    ],
)
def test_only_what_is_changed_is_written_anew(key, changes, lines):
    after = with_entry(FILE, REGISTER, key, changes)

    assert sorted(changed_lines(REGISTER, after)) == sorted(lines)
    entry = read_policy(FILE, after).entries[key]
    assert {name: getattr(entry, name) for name in changes} == changes


def test_an_entry_between_braces_stays_between_them():
    after = with_entry(FILE, REGISTER, "flow", {"value": "week", "reason": "甲, 乙: 丙"})
    back = with_entry(FILE, with_entry(FILE, REGISTER, "flow", {"value": "week"}), "flow", {"value": "day"})

    (_, first, _, second) = changed_lines(REGISTER, after)
    assert first.startswith("+   flow: {value: week, default: day, label: 单位")
    assert second.endswith("reason: '甲, 乙: 丙'}  # 一行")
    assert back == REGISTER


def test_a_value_changed_back_leaves_the_file_as_it_was():
    there = with_entry(FILE, REGISTER, "days", {"value": 7})
    further = with_entry(FILE, there, "days", {"value": 9})

    assert read_policy(FILE, further).entries["days"].default == 5
    assert with_entry(FILE, further, "days", {"value": 5}) == REGISTER


def test_a_file_with_a_mark_of_its_encoding_keeps_it():
    after = with_entry(FILE, b"\xef\xbb\xbf" + REGISTER, "days", {"value": 7})

    assert after == b"\xef\xbb\xbf" + with_entry(FILE, REGISTER, "days", {"value": 7})


@pytest.mark.parametrize(
    "key, changes",
    [
        ("days", {"value": -1}),
        ("days", {"value": None}),
        ("days", {"value": "5"}),
        ("days", {"status": "也许"}),
        ("flow", {"value": "month"}),
        ("leads", {"value": {"dispatch": "4小时"}}),
    ],
)
def test_what_no_entry_may_be_is_refused(key, changes):
    with pytest.raises(ContentInvalid):
        with_entry(FILE, REGISTER, key, changes)


TEXTS = [
    "true",
    "null",
    "5",
    "- a",
    "# a",
    "a: b",
    "'a'",
    '"a"',
    "{a}",
    "[a]",
    "&a",
    "*a",
    "!a",
    "%a",
    "a\u2028b",
    "｜",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("key", ["days", "flow"])
def test_any_text_stays_the_text_it_is(key, text):
    after = with_entry(FILE, REGISTER, key, {"reason": text})

    assert read_policy(FILE, after).entries[key].reason == text


@pytest.mark.parametrize("key", read_policy(FILE, SHIPPED).entries)
def test_each_entry_of_the_shipped_register_can_be_changed_and_changed_back(key):
    before = read_policy(FILE, SHIPPED)
    other = another(before.entries[key])

    there = with_entry(FILE, SHIPPED, key, {"value": other, "reason": "试"})
    back = with_entry(
        FILE, there, key, {"value": before.entries[key].value, "reason": before.entries[key].reason}
    )

    read = read_policy(FILE, there)
    assert read.entries[key].value == other
    assert read.entries[key].default == before.entries[key].value
    assert {k: e for k, e in read.entries.items() if k != key} == {
        k: e for k, e in before.entries.items() if k != key
    }
    assert list(read.entries) == list(before.entries)
    assert back == SHIPPED


def another(entry: Any) -> Any:
    """Some other value that the entry may have."""
    if entry.kind == "choice":
        return next(one for one in entry.choices if one != entry.value)
    if entry.kind in ("durations", "roles", "channels"):
        return dict(list(entry.value.items())[:-1])
    if entry.kind == "stand_ins":
        return {**dict(list(entry.value.items())[:-1]), "dept_liaison": ["dept_handler", "deputy"]}
    return {"count": 17, "day": 17, "duration": "PT7M", "time": "17:30"}[entry.kind]
