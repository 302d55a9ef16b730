"""Where a worked case or a vector and the content differ."""

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
