"""Notices that are held back where an installation was restored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol


class Holds(Protocol):
    """What a unit of work holds back."""

    def hold_back(self, due: Mapping[str, datetime]) -> None:
        """Of these notices, written just now, those are held that tell of something due before this was restored.

        Whoever they are for was most likely told then; until somebody decides, they stand in the pages alone.
        """
        ...
