"""Past cases replayed on a draft: asked for, watched, given up, and what comes of it as this person may know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.content.release import hash_of
from service.domain.errors import Invalid, Refused
from service.domain.replay_sight import ReplaySight
from service.domain.replayed import OTHERWISE, SAME, UNPLAYABLE, grouped, reasons
from service.domain.replays import MOST_CASES, READY, Replay, last_month
from service.store.reads.replays import ReplayedRow, replayed_rows
from service.store.replays import SqlReplays
from service.usecases.check_content import findings_of
from service.usecases.drafts import DraftView
from service.web.owner.blueprint import blueprint
from service.web.owner.drafts import looked_at
from service.web.owner.releasing import has_errors
from service.web.surroundings import house, now, person, store
from timers.clock import BEIJING

SEE_OTHER = 303
LABELS = {"due": "到期", "state": "时钟", "way": "走向", "status": "状态", "notice": "通知"}
SHOWN = 20  # cases of a group
NO_DIFFERENCE: Mapping[str, Any] = {"what": "", "at": "2000-01-01T00:00:00+00:00"}
NOTHING_YET: Mapping[str, object] = {"total": 0, "counts": {}, "named": False, "groups": (), "reasons": ()}


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a group that this person may see."""

    case_no: str
    at: datetime
    first: Mapping[str, Any]
    further: Sequence[str]
    ended_was: str
    ended_now: str
    unsure: Sequence[str]

    @property
    def label(self) -> str:
        """What the two sides of the first difference are."""
        return LABELS.get(self.first["what"], "当时")

    @property
    def ends_alike(self) -> bool:
        return self.ended_was == self.ended_now


@dataclass(frozen=True, slots=True)
class Shown:
    """Cases with which the same goes otherwise, or which cannot be replayed for the same reason.

    `hidden` are those that count without being named; `more` those that would be too many to show.
    """

    title: str
    count: int
    ends_otherwise: int
    cases: Sequence[Case]
    hidden: int
    more: int
    article: str | None = None


def eyes() -> ReplaySight:
    """What this person may learn by a replay."""
    return ReplaySight(person(), current_app.config["REPLAYS_COUNT_OTHERS"])


def replays() -> SqlReplays:
    return SqlReplays(store())


def latest_of(draft_id: str) -> Replay | None:
    """The latest replay of the draft that this person asked for: others' were done with other eyes."""
    return replays().latest(draft_id, person().id)


@blueprint.get("/drafts/<draft_id>/replay")
def replay_page(draft_id: str) -> str:
    """The latest replay of the draft, and a way to ask for another."""
    view = looked_at(draft_id)
    latest = latest_of(draft_id)
    since = latest.since if latest is not None else last_month(now())
    return render_template(
        "owner/replay.html",
        view=view,
        since=since.astimezone(BEIJING).date(),
        today=now().astimezone(BEIJING).date(),
        most=MOST_CASES,
        **shown(view),
    )


@blueprint.get("/drafts/<draft_id>/replay/progress")
def replay_progress(draft_id: str) -> str:
    """How far it is, and in the end what came of it; the page asks until it is done."""
    view = looked_at(draft_id)
    return render_template("owner/replay_outcome.html", view=view, **shown(view))


@blueprint.post("/drafts/<draft_id>/replay")
def replay(draft_id: str) -> ResponseReturnValue:
    """Have past cases replayed on the draft as it is."""
    view = looked_at(draft_id)
    if blocked := why_blocked(view):
        flash(blocked, "danger")
    else:
        try:
            from service.rehearsal.replaying.turns import (  # noqa: PLC0415 - heavy, and needed only here
                ReplayDesk,
                ask_replay,
            )

            ask_replay(ReplayDesk(house(), store(), replays()), draft_id, since_given(), person())
        except (Invalid, Refused) as error:
            flash(error.message, "danger")
    return redirect(url_for("owner.replay_page", draft_id=draft_id), SEE_OTHER)


@blueprint.post("/drafts/<draft_id>/replay/cancel")
def cancel_replay(draft_id: str) -> ResponseReturnValue:
    """It is not wanted any more."""
    looked_at(draft_id)
    latest = latest_of(draft_id)
    if latest is None or not replays().cancel(latest.id):
        flash("这次重演已经做完，不用取消了。", "info")
    return redirect(url_for("owner.replay_page", draft_id=draft_id), SEE_OTHER)


def why_blocked(view: DraftView) -> str:
    """Why the draft cannot be replayed on; empty where it can."""
    if not view.is_changed:
        return "草稿还没有改动，重演不会有不同。"
    return "草稿还有错误，改正后才能重演。" if has_errors(findings_of(view.files)) else ""


def since_given() -> datetime:
    """The day that was chosen. Raises: Invalid."""
    try:
        day = date.fromisoformat(request.form.get("since", ""))
    except ValueError as error:
        raise Invalid("请填写起始日期。", code="replay.since") from error
    return datetime.combine(day, time(), BEIJING)


def shown(view: DraftView) -> dict[str, object]:
    """What is known of the latest replay, as this person may know it."""
    latest = latest_of(view.draft.id)
    return {
        "replay": latest,
        "sight": eyes(),
        "blocked": why_blocked(view),
        "is_stale": latest is not None and latest.hash != hash_of(view.files),
        **(outcome(latest) if latest is not None and latest.state == READY else NOTHING_YET),
    }


def outcome(latest: Replay) -> dict[str, object]:
    """What came of a replay."""
    with store().reading() as connection:
        rows = replayed_rows(connection, latest.id, eyes())
    told = [{**row.told, "case_no": row.case_no} for row in rows]
    return {
        "total": len(rows),
        "counts": {one: count_of(rows, one) for one in (SAME, OTHERWISE, UNPLAYABLE)},
        "named": any(row.case_no for row in rows),
        "groups": [
            shown_group(group.title, group.cases, group.cases[0]["differences"][0]["article"])
            for group in grouped(told)
        ],
        "reasons": [shown_group(reason, cases) for reason, cases in reasons(told)],
    }


def count_of(rows: Sequence[ReplayedRow], outcome: str) -> int:
    return sum(1 for row in rows if row.outcome == outcome)


def shown_group(title: str, told: Sequence[Any], article: str | None = None) -> Shown:
    known = [one for one in told if one["case_no"] is not None]
    return Shown(
        title,
        len(told),
        sum(1 for one in told if one["ended_was"] != one["ended_now"]),
        [case_of(one) for one in known[:SHOWN]],
        hidden=len(told) - len(known),
        more=max(0, len(known) - SHOWN),
        article=article,
    )


def case_of(told: Any) -> Case:
    first, *further = told["differences"] or [NO_DIFFERENCE]
    return Case(
        told["case_no"],
        datetime.fromisoformat(first["at"]),
        first,
        list(dict.fromkeys(one["title"] for one in further)),
        told["ended_was"],
        told["ended_now"],
        told["unsure"],
    )
