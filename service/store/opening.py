"""What a command asks before it opens a case, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.domain.case import Submitted
from service.domain.releases import Cancellation, ReleaseRow
from service.store import tables
from service.store.columns import from_json
from service.store.driver import Answer, Command, Driver, instant_of
from service.store.releases import order_of
from service.store.staff import DIRECTORY_VERSION
from service.store.wide import Part, WideRead

_RELEASE = ("no", "hash", "label", "by", "at", "reason", "effective_from", "stand_ins")
_SUBMITTED = Part(
    "submitted", tables.submission, ("id", "case_id", "form", "at", "status", "fingerprint"), '"key" = ?'
)
_ITS_CASE = Part(
    "case", tables.case_file, ("case_no",), 'id = (SELECT case_id FROM submission WHERE "key" = ?)'
)
_RELEASES = Part("release", tables.release, _RELEASE, "1 = 1")
_CANCELLED = Part("cancelled", tables.release_cancellation, ("release_no", "by", "at", "reason"), "1 = 1")


@dataclass(frozen=True, slots=True)
class BeforeOpening:
    """What was submitted with the key, the releases by number, the version of the directory."""

    submitted: Submitted | None
    releases: Sequence[ReleaseRow]
    directory_version: int | None


class OpeningReader:
    """Reads it on one kind of database."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._read = WideRead(
            (_SUBMITTED, _ITS_CASE, _RELEASES, _CANCELLED, DIRECTORY_VERSION), driver.placeholder
        )

    def command(self, key: str) -> Command:
        """The statement, for an idempotency key."""
        return Command(self._read.sql, [key, key])

    def answered(self, answer: Answer) -> BeforeOpening:
        """What it found."""
        found = self._read.rows(answer.rows)
        off = {
            row["release_no"]: Cancellation(**{**row, "at": self._must(row["at"])})
            for row in found["cancelled"]
        }
        releases = [
            ReleaseRow(
                **{
                    **row,
                    "at": self._must(row["at"]),
                    "effective_from": self._must(row["effective_from"]),
                    "stand_ins": order_of(from_json(row["stand_ins"])),
                },
                cancelled=off.get(row["no"]),
            )
            for row in sorted(found["release"], key=lambda row: int(row["no"]))
        ]
        return BeforeOpening(
            submitted=next((self._submitted(row, found["case"][0]) for row in found["submitted"]), None),
            releases=releases,
            directory_version=next((row["value"] for row in found["directory"]), None),
        )

    def _submitted(self, row: Mapping[str, Any], case: Mapping[str, Any]) -> Submitted:
        return Submitted(
            row["case_id"],
            case["case_no"],
            row["id"],
            row["form"],
            self._must(row["at"]),
            row["status"],
            row["fingerprint"],
        )

    def _must(self, value: Any) -> datetime:
        return instant_of(self._driver, value)
