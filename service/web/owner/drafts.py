"""Drafts: begin one, look at it, bring it up to a newer release, give it up."""

from __future__ import annotations

import re
from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.errors import FormInvalid, Invalid
from service.usecases.check_content import findings_of_draft
from service.usecases.drafts import DraftView, begin_draft, bring_up, discard_draft, overlap, view_draft
from service.usecases.save_draft import take_back
from service.web.owner.blueprint import blueprint, kept
from service.web.owner.shelf import shelf, titles
from service.web.surroundings import house, person

_KEY = re.compile(r"[0-9a-f]{32}", re.ASCII)
_NUMBER = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)


@blueprint.post("/drafts")
def begin() -> ResponseReturnValue:
    """A new draft, and straight on to the file that is to be changed, if one was named."""
    key = request.form.get("key", "")
    if not _KEY.fullmatch(key):
        raise Invalid("页面不完整，请刷新后再试。", code="draft.key")
    try:
        draft = begin_draft(
            house(), kept(), person(), key=key, title=request.form.get("title", ""), base=chosen_base()
        )
    except FormInvalid as invalid:
        flash(invalid.fields[0].message, "danger")
        return redirect(url_for("owner.home"))
    name = request.form.get("name")
    if name:
        return redirect(url_for("owner.edit", draft_id=draft.id, name=name))
    return redirect(url_for("owner.draft", draft_id=draft.id))


def chosen_base() -> int | None:
    """The release that was chosen to begin from; None for the one in force. Raises: Invalid."""
    given = request.form.get("base", "")
    if given and not _NUMBER.fullmatch(given):
        raise Invalid("页面不完整，请刷新后再试。", code="draft.base")
    return int(given) if given else None


@blueprint.get("/drafts/<draft_id>")
def draft(draft_id: str) -> str:
    """One draft: what it changes, what is wrong with it, where to go on."""
    view = looked_at(draft_id)
    return render_template(
        "owner/draft.html",
        view=view,
        shelf=shelf(view.files),
        titles={**removed_titles(view), **dict(titles(view.files))},
        findings=findings_of_draft(view.before, view.files),
        overlapping=overlap(house(), view),
    )


@blueprint.post("/drafts/<draft_id>/bring-up")
def bring_up_to_newest(draft_id: str) -> ResponseReturnValue:
    """Go on from the release in force."""
    keep_mine = request.form.get("keep_mine") == "yes"
    found = bring_up(house(), kept(), draft_id, person(), keep_mine=keep_mine)
    flash(f"草稿现在以第 {found.base_release_no} 版为基础。")
    return redirect(url_for("owner.draft", draft_id=draft_id))


@blueprint.post("/drafts/<draft_id>/take-back/<path:name>")
def undo(draft_id: str, name: str) -> ResponseReturnValue:
    """One file as it was in the release."""
    take_back(house(), kept(), draft_id, name, person())
    flash(f"{name} 已恢复为发布版的内容。")
    return redirect(url_for("owner.draft", draft_id=draft_id))


@blueprint.post("/drafts/<draft_id>/discard")
def discard(draft_id: str) -> ResponseReturnValue:
    """The draft is gone."""
    discard_draft(house(), kept(), draft_id, person())
    flash("草稿已删除。")
    return redirect(url_for("owner.home"))


def removed_titles(view: DraftView) -> dict[str, str]:
    """What the files are called that the draft takes away."""
    gone = {
        name: data
        for name, file in view.changed.items()
        if file.removed and (data := replace(file, removed=False).over(view.before.get(name))) is not None
    }
    return dict(titles(gone))


def looked_at(draft_id: str) -> DraftView:
    """The draft as the person logged in sees it."""
    return view_draft(house(), kept(), draft_id, person())
