"""Releasing a draft: what changed, what is wrong, which worked cases now differ, why, from when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.content.differences import compare
from service.content.release import hash_of
from service.domain.drafts import RehearsalRow
from service.domain.errors import Conflict, ContentInvalid, FieldError, Finding, FormInvalid
from service.rehearsal.rehearse_draft import DONE, RUNNING, start_rehearsal
from service.usecases.check_content import check_content
from service.usecases.drafts import DraftView, overlap
from service.usecases.release_draft import ReleaseDraft, release_draft
from service.web.owner.blueprint import blueprint, kept
from service.web.owner.drafts import looked_at
from service.web.owner.shelf import titles
from service.web.surroundings import house, person
from timers.clock import BEIJING

UNPROCESSABLE = 422
NOW, LATER = "now", "later"
UNSEEN = "unseen"  # the tick by which one releases before the worked cases have been played


@dataclass(frozen=True, slots=True)
class Answers:
    """What was filled in on the page."""

    reason: str = ""
    label: str = ""
    when: str = NOW
    effective_from: str = ""
    acknowledged: tuple[str, ...] = ()
    confirmed: bool = False
    seen: str = ""


@blueprint.get("/drafts/<draft_id>/release")
def release_page(draft_id: str) -> str:
    """Everything one must have seen before a release. The page itself asks for the worked cases to be played."""
    view = looked_at(draft_id)
    return page(view, Answers(), [])


@blueprint.get("/drafts/<draft_id>/rehearsal")
def rehearsal(draft_id: str) -> str:
    """How far the worked cases are; the page asks until they are done."""
    view = looked_at(draft_id)
    return render_template(
        "owner/rehearsal.html", view=view, acknowledged=(), has_errors=False, **rehearsed(view)
    )


@blueprint.post("/drafts/<draft_id>/rehearsal")
def rehearse(draft_id: str) -> str:
    """Play the worked cases on the draft, unless they were played on this very content before."""
    view = looked_at(draft_id)
    if view.changed and not has_errors(check_content(view.files)):
        start_rehearsal(house(), kept(), view.before, view.files)
    return rehearsal(draft_id)


@blueprint.post("/drafts/<draft_id>/release")
def release_now(draft_id: str) -> ResponseReturnValue:
    """The draft becomes the next release; what is missing is told beside it, nothing typed is lost."""
    view = looked_at(draft_id)
    given = answers()
    errors = unfinished(view, given)
    try:
        at = instant(given)
        if errors:
            raise FormInvalid(errors)
        row = release_draft(
            house(),
            kept(),
            ReleaseDraft(
                draft_id=draft_id,
                seen=given.seen,
                person=person(),
                reason=told(given),
                effective_from=at,
                label=given.label,
            ),
        )
    except FormInvalid as invalid:
        return make_response(page(view, given, list(invalid.fields)), UNPROCESSABLE)
    except ContentInvalid as invalid:
        field = FieldError("findings", "errors", f"还有 {len(invalid.findings)} 个错误，改正后才能发布。")
        return make_response(page(view, given, [field]), UNPROCESSABLE)
    except Conflict as conflict:
        if conflict.code not in ("draft.changed", "draft.behind"):
            raise
        field = FieldError("draft", conflict.code, conflict.message)
        return make_response(page(view, given, [field]), 409)
    flash(f"第 {row.no} 版已发布。此后登记的诉求件按这一版办理，正在办理的仍按原来的版本。")
    return redirect(url_for("owner.release", no=row.no))


def page(view: DraftView, given: Answers, errors: list[FieldError]) -> str:
    findings = check_content(view.files)
    return render_template(
        "owner/release_draft.html",
        view=view,
        seen=hash_of(view.files),
        changes=compare(view.before, view.files),
        titles={**dict(titles(view.before)), **dict(titles(view.files))},
        findings=findings,
        has_errors=has_errors(findings),
        overlapping=overlap(house(), view),
        given=given,
        errors={error.path: error.message for error in errors},
        acknowledged=given.acknowledged,
        **rehearsed(view),
    )


def has_errors(findings: Sequence[Finding]) -> bool:
    """Whether anything found blocks a release; warnings do not."""
    return any(finding.severity == "error" for finding in findings)


def rehearsed(view: DraftView) -> dict[str, object]:
    """What is known of the worked cases on this content."""
    row = kept().rehearsal(hash_of(view.files))
    return {"rehearsal": row, "is_running": row is not None and row.state == RUNNING}


def answers() -> Answers:
    form = request.form
    return Answers(
        reason=form.get("reason", ""),
        label=form.get("label", "").strip()[:40],
        when=LATER if form.get("when") == LATER else NOW,
        effective_from=form.get("effective_from", ""),
        acknowledged=tuple(form.getlist("acknowledged")),
        confirmed=form.get("confirmed") == "yes",
        seen=form.get("seen", ""),
    )


def unfinished(view: DraftView, given: Answers) -> list[FieldError]:
    """What must be ticked and is not: each case that differs, or that one releases unseen; and the consequence."""
    errors = []
    missing = [
        case for case in to_acknowledge(rehearsed(view)["rehearsal"]) if case not in given.acknowledged
    ]
    if missing:
        message = "请逐一确认：" + "、".join("未等演练完成" if one == UNSEEN else one for one in missing)
        errors.append(FieldError("acknowledged", "required", message))
    if not given.confirmed:
        errors.append(FieldError("confirmed", "required", "请确认您知道发布的后果。"))
    return errors


def to_acknowledge(row: object) -> list[str]:
    """The ticks that this rehearsal asks for."""
    if not isinstance(row, RehearsalRow) or row.state != DONE:
        return [UNSEEN]
    return [differing["case"] for differing in row.outcome["differ"]]


def told(given: Answers) -> str:
    """The reason with what was acknowledged, as the release keeps it."""
    cases = [case for case in given.acknowledged if case != UNSEEN]
    notes = []
    if cases:
        notes.append(f"已确认情景 {'、'.join(cases)} 与验收预期不符")
    if UNSEEN in given.acknowledged:
        notes.append("未等情景演练完成")
    reason = given.reason.strip()
    return f"{reason}（{'；'.join(notes)}）" if notes and reason else reason


def instant(given: Answers) -> datetime | None:
    """When the release is to be in force; None for at once. Raises: FormInvalid."""
    if given.when == NOW:
        return None
    try:
        local = datetime.fromisoformat(given.effective_from)
    except ValueError as err:
        raise FormInvalid([FieldError("effective_from", "required", "请填写生效的日期和时间。")]) from err
    return local.replace(tzinfo=BEIJING) if local.tzinfo is None else local
