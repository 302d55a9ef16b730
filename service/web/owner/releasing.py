"""Releasing a draft: what changed, what is wrong, which worked cases now differ, why, from when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from service.content.differences import FileChange, compare
from service.content.release import POLICY_FILE, hash_of
from service.domain.drafts import RUNNING
from service.domain.errors import Conflict, ContentInvalid, FieldError, Finding, FormInvalid
from service.usecases.check_content import findings_of, findings_of_draft
from service.usecases.drafts import DraftView, overlap
from service.usecases.release_draft import answers_missing, mark_of, met_by, release_draft, why_behind
from service.web.owner.answers import WHY, Answers, command_of, given_answers, instant, instant_missing
from service.web.owner.blueprint import blueprint, kept
from service.web.owner.differing import differing_cases
from service.web.owner.drafts import looked_at
from service.web.owner.shelf import titles
from service.web.owner.wording import word
from service.web.surroundings import house, person

UNPROCESSABLE = 422
TOLD_ON_THE_PAGE = frozenset({"draft.changed", "draft.behind"})


@blueprint.get("/drafts/<draft_id>/release")
def release_page(draft_id: str) -> str:
    """Everything one must have seen before a release. The page itself asks for the worked cases to be played."""
    return page(looked_at(draft_id), Answers(), [])


@blueprint.get("/drafts/<draft_id>/rehearsal")
def rehearsal(draft_id: str) -> str:
    """How far the worked cases are; the page asks until they are done."""
    view = looked_at(draft_id)
    return render_template(
        "owner/rehearsal.html", view=view, given=Answers(), errors={}, has_errors=False, **rehearsed(view)
    )


@blueprint.post("/drafts/<draft_id>/rehearsal")
def rehearse(draft_id: str) -> str:
    """Play the worked cases on the draft, unless they were played on this very content before."""
    view = looked_at(draft_id)
    if view.is_changed and not has_errors(findings_of(view.files)):
        from service.rehearsal.rehearse_draft import start_rehearsal  # noqa: PLC0415 - heavy, and needed only here

        start_rehearsal(house(), kept(), view.before, view.files)
    return rehearsal(draft_id)


@blueprint.post("/drafts/<draft_id>/release")
def release_now(draft_id: str) -> ResponseReturnValue:
    """The draft becomes the next release; what is missing is told beside it, nothing typed is lost."""
    view = looked_at(draft_id)
    given = given_answers()
    command = command_of(draft_id, given, person())
    try:
        if unset := list(instant_missing(given)):
            raise FormInvalid(
                [*unset, *answers_missing(house(), view, command, kept().rehearsal(command.seen))]
            )
        row = release_draft(house(), kept(), command)
    except FormInvalid as invalid:
        return make_response(page(view, given, list(invalid.fields)), UNPROCESSABLE)
    except ContentInvalid as invalid:
        field = FieldError("findings", "errors", f"还有 {len(invalid.findings)} 个错误，改正后才能发布。")
        return make_response(page(view, given, [field]), UNPROCESSABLE)
    except Conflict as conflict:
        if conflict.code not in TOLD_ON_THE_PAGE:
            raise
        field = FieldError("draft", conflict.code, conflict.message)
        return make_response(page(view, given, [field]), 409)
    flash(f"第 {row.no} 版已发布。此后登记的诉求件按这一版办理，正在办理的仍按原来的版本。")
    return redirect(url_for("owner.release", no=row.no))


def page(view: DraftView, given: Answers, errors: list[FieldError]) -> str:
    findings = findings_of_draft(view.before, view.files)
    met = met_by(house(), view, instant(given)) if view.is_changed and not view.is_behind else []
    return render_template(
        "owner/release_draft.html",
        view=view,
        why_behind=why_behind,
        seen=hash_of(view.files),
        changes=[in_words(change) for change in compare(view.before, view.files)],
        titles={**dict(titles(view.before)), **dict(titles(view.files))},
        findings=findings,
        has_errors=has_errors(findings),
        overlapping=overlap(house(), view),
        met=[replace(one, changes=list(map(in_words, one.changes))) for one in met],
        met_mark=mark_of(met),
        given=given,
        errors={error.path: error.message for error in errors},
        whys={error.path for error in errors if error.path.startswith(WHY)},
        **rehearsed(view),
    )


def in_words(change: FileChange) -> FileChange:
    """What differs in the register, with clocks and roles called by their names."""
    if change.name != POLICY_FILE:
        return change
    named = [
        replace(
            one,
            what=word(one.what),
            before=word(one.before) if one.before else one.before,
            after=word(one.after) if one.after else one.after,
        )
        for one in change.changes
    ]
    return replace(change, changes=tuple(named))


def has_errors(findings: Sequence[Finding]) -> bool:
    """Whether anything found blocks a release; warnings do not."""
    return any(finding.severity == "error" for finding in findings)


def rehearsed(view: DraftView) -> dict[str, object]:
    """What is known of the worked cases on this content."""
    row = kept().rehearsal(hash_of(view.files))
    return {
        "rehearsal": row,
        "is_running": row is not None and row.state == RUNNING,
        "differing": differing_cases(row.differing) if row else [],
    }
