"""Whether what is stored of a case is what its audit chain says was stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from service.domain import audit
from service.domain.changes import AuditEntry, LoadedCase


def departures(loaded: LoadedCase, entries: Iterable[AuditEntry]) -> Iterator[str]:
    """Each way in which the submissions, the clocks and the receipt of a case differ from their records."""
    told = list(entries)
    yield from _receipt(loaded, told)
    yield from _submissions(loaded, told)
    yield from _clocks(loaded, told)


def _receipt(loaded: LoadedCase, told: list[AuditEntry]) -> Iterator[str]:
    received = told[0].payload.get("received_at") if told else None
    if received is not None and received != audit.plain(loaded.case.received_at):
        yield f"接收时间与记录不符（记录为 {received}）。"


def _submissions(loaded: LoadedCase, told: list[AuditEntry]) -> Iterator[str]:
    recorded: Mapping[str, Any] = {
        e.payload["submission"]: e.payload.get("sha256") for e in told if "submission" in e.payload
    }
    kept = {submission.id: submission for submission in loaded.submissions}
    for key in recorded.keys() - kept.keys():
        yield f"提交 {key} 不见了。"
    for key, submission in kept.items():
        if key not in recorded:
            yield f"提交 {key}（{submission.form}）没有记录。"
        elif recorded[key] not in (None, audit.digest(submission)):
            yield f"提交 {key}（{submission.form}）被改动过。"


def _clocks(loaded: LoadedCase, told: list[AuditEntry]) -> Iterator[str]:
    """The state and due time that were recorded last."""
    places = {clock.id: str(clock.order) for clock in loaded.clocks}  # older records name a clock by its id
    recorded: dict[str, Any] = {}
    for entry in told:
        recorded |= {places.get(key, key): clock for key, clock in entry.payload.get("clocks", {}).items()}
    kept = {str(clock.order): [clock.kind, clock.state, audit.plain(clock.due)] for clock in loaded.clocks}
    for key in recorded.keys() - kept.keys():
        yield f"时钟 {recorded[key][0]} 不见了。"
    for key, clock in kept.items():
        if key not in recorded:
            yield f"时钟 {clock[0]} 没有记录。"
        elif list(recorded[key]) != clock:
            yield f"时钟 {clock[0]} 被改动过（记录为 {recorded[key][1]}，{recorded[key][2]}）。"
