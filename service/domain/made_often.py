"""Values that every command makes by the dozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def made_often(cls: type[T]) -> type[T]:
    """A dataclass that only the type checker holds frozen.

    The guard that would hold it at run time makes an object of many fields cost twice as much, and a command makes
    a hundred of them: a twentieth of its whole CPU (`tests/bench/RESULTS.md`).
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
