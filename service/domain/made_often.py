"""Values that every command makes by the dozen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

__all__ = ["made_often", "replace"]

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def made_often(cls: type[T]) -> type[T]:
    """A dataclass that only the type checker holds frozen.

    The guard that would hold it at run time makes an object of many fields cost twice as much, and a command makes
    a hundred of them: a twentieth of its whole CPU (`tests/bench/RESULTS.md`).
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)


if TYPE_CHECKING:  # which knows the fields of what the library's is given
    from dataclasses import replace
else:

    def replace(one: T, **changes: Any) -> T:
        """A value with some fields changed, as the library's does it, at a third of the cost: it reads all fields at
        once, and takes for granted that each of them is one of the constructor's."""
        names, read = _fields_of(one.__class__)
        return one.__class__(**{**dict(zip(names, read(one), strict=True)), **changes})


@cache
def _fields_of(cls: type[Any]) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    names = tuple(one.name for one in fields(cls))
    read = attrgetter(*names)
    return names, read if len(names) > 1 else lambda one: (read(one),)
