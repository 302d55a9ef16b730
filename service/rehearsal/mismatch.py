"""Where a worked case or a vector and the content differ, and what it does not say although it happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Where a worked case and the content differ."""

    file: str
    case: str
    step: int | None
    what: str
    expected: Any
    actual: Any

    def line(self) -> str:
        """The mismatch on one line."""
        place = f"第 {self.step} 步" if self.step else "结尾"
        return f"{self.file}: {self.case} {place}: {self.what}: 应为 {self.expected!r}，实为 {self.actual!r}"


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A step that was refused, while the case says neither that it would be nor that it would not."""

    file: str
    case: str
    step: int
    answer: str

    def line(self) -> str:
        """The reminder on one line."""
        return (
            f"{self.file}: {self.case} 第 {self.step} 步: 提醒：这一步被拒绝（{self.answer}），"
            "而 expect 没有写 ok 或 error"
        )
