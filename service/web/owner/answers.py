"""What was filled in on the page of a release, and what it says to the use case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask import request

from service.domain.errors import FieldError
from service.domain.people import Person
from service.usecases.release_content import LONGEST_LABEL
from service.usecases.release_draft import ReleaseDraft
from timers.clock import BEIJING

NOW, LATER = "now", "later"
WHY = "why."  # before the key of a worked case: the reason written beside it


@dataclass(frozen=True, slots=True)
class Answers:
    """What was filled in, as it was typed. `why` holds the reasons written beside single worked cases."""

    reason: str = ""
    label: str = ""
    when: str = NOW
    effective_from: str = ""
    acknowledged: tuple[str, ...] = ()
    why_all: str = ""
    why: Mapping[str, str] = field(default_factory=dict)
    unseen: bool = False
    confirmed: bool = False
    seen: str = ""
    met: str = ""


def given_answers() -> Answers:
    form = request.form
    return Answers(
        reason=form.get("reason", ""),
        label=form.get("label", "").strip()[:LONGEST_LABEL],
        when=LATER if form.get("when") == LATER else NOW,
        effective_from=form.get("effective_from", ""),
        acknowledged=tuple(form.getlist("acknowledged")),
        why_all=form.get("why_all", ""),
        why={name.removeprefix(WHY): form[name] for name in form if name.startswith(WHY)},
        unseen=form.get("unseen") == "yes",
        confirmed=form.get("confirmed") == "yes",
        seen=form.get("seen", ""),
        met=form.get("met", ""),
    )


def command_of(draft_id: str, given: Answers, person: Person) -> ReleaseDraft:
    """The answers as a command: a worked case has the reason beside it, else the common one."""
    return ReleaseDraft(
        draft_id=draft_id,
        seen=given.seen,
        person=person,
        reason=given.reason,
        effective_from=instant(given),
        label=given.label,
        acknowledged={key: given.why.get(key, "").strip() or given.why_all for key in given.acknowledged},
        unseen=given.unseen,
        confirmed=given.confirmed,
        met=given.met,
    )


def instant(given: Answers) -> datetime | None:
    """When the release is to be in force; None for at once, or where what was typed is no instant."""
    if given.when == NOW:
        return None
    try:
        local = datetime.fromisoformat(given.effective_from)
    except ValueError:
        return None
    return local.replace(tzinfo=BEIJING) if local.tzinfo is None else local


def instant_missing(given: Answers) -> Iterator[FieldError]:
    """A release for later without the instant from which it is to be in force."""
    if given.when == LATER and instant(given) is None:
        yield FieldError("effective_from", "required", "请填写生效的日期和时间。")
