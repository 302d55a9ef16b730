"""A vector that cannot be worked out is told where and why, and the others still count."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.content import read_folder
from service.domain.errors import ContentInvalid
from service.rehearsal.check_deadlines import CheckedVectors, check_deadlines
from tests.usecases.houses import PROJECT

RIGHT = (
    '- {id: V, rule: dispatch, start_at: "2024-03-04T09:00:00", policy: {}, due_at: "2024-03-06T00:00:00"}'
)


def vectors(tmp_path: Path, *lines: str) -> CheckedVectors:
    file = tmp_path / "v.yaml"
    file.write_text("timezone: Asia/Shanghai\nvectors:\n" + "\n".join(lines), encoding="utf-8")
    return check_deadlines([file], read_folder(PROJECT))


def test_a_right_vector_comes_out(tmp_path: Path) -> None:
    found = vectors(tmp_path, RIGHT)

    assert (found.count, found.wrong) == (1, 0)


@pytest.mark.parametrize(
    "right, wrong, told",
    [
        ("2024-03-04T09", "2024-02-30T09", "start_at 应为时间"),
        ("2024-03-04T09", "9999-12-31T09", "start_at 应为时间"),
        (' start_at: "2024-03-04T09:00:00",', "", "缺少 start_at"),
        (RIGHT, "- [1]", "名称: 值"),
        ("rule: dispatch", "rule: dispach", "dispatch"),
        ("rule: dispatch", "rulz: dispatch", "rulz"),
        ("rule: dispatch", "rule: redispatch", "dispatch_due"),
        ("rule: dispatch", "rule: extension", "缺少 n"),
        ("policy: {}", "policy: {rolover: none}", "rollover"),
        ("policy: {}", "policy: {rollover: nome}", "none"),
        (
            'rule: dispatch, start_at: "2024-03-04T09:00:00", policy: {}',
            'rule: extension, start_at: "2024-03-04", policy: {n: 100000000}',
            "100000000",
        ),
    ],
)
def test_a_vector_that_cannot_be_worked_out_is_told_and_the_others_still_count(
    right: str, wrong: str, told: str, tmp_path: Path
) -> None:
    found = vectors(tmp_path, RIGHT.replace(right, wrong), RIGHT)

    assert (found.count, len(found.findings), found.mismatches) == (2, 1, [])
    assert (found.findings[0].file, found.findings[0].line) == ("v.yaml", 3)
    assert told in found.findings[0].message + found.findings[0].cure


@pytest.mark.parametrize(
    "text", ["", "meta: {}\n", "scenarios: []\n", "vectors: x\n", "timezone: UTC\nvectors: []\n"]
)
def test_a_file_without_vectors_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "v.yaml"
    file.write_text(text)

    with pytest.raises(ContentInvalid):
        check_deadlines([file], read_folder(PROJECT))
