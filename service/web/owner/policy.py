"""口径: the register entry by entry, as it was released and as a draft has it, and the page on which one is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.content.policy import STAND_IN_NAMES, STATUSES, Entry, Policy, may_stand_in
from service.content.policy_differences import UNITS
from service.content.release import POLICY_FILE
from service.domain.errors import Conflict, ContentInvalid, FieldError, Finding, FormInvalid
from service.domain.outside import BY_NAMES
from service.domain.people import GRANTED_ROLES, ROLE_NAMES
from service.usecases.check_content import findings_of
from service.usecases.drafts import DraftView
from service.usecases.edit_policy import EditEntry, edit_entry, entry_mark, entry_of, register_of
from service.usecases.tell_outside import told_apart
from service.web.owner.blueprint import blueprint, kept
from service.web.owner.drafts import looked_at
from service.web.owner.home import is_planned
from service.web.owner.policy_values import fields_of, notices_beside, value_lines, value_of
from service.web.owner.shelf import readable
from service.web.surroundings import house, person
from service.web.words import clock_name

UNPROCESSABLE = 422
UNCONFIRMED, CHANGED = "待确认", "changed"
PARTS = ("status", "basis", "owner", "effective_from", "reason")


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as the register shows it. `before` is its value in the release, where that is another."""

    entry: Entry
    value: list[str]
    before: list[str] | None
    is_changed: bool
    findings: Sequence[Finding] = ()


@blueprint.get("/drafts/<draft_id>/policy")
def register(draft_id: str) -> ResponseReturnValue:
    """The register of a draft; as text where it cannot be read."""
    view = looked_at(draft_id)
    findings = [f for f in findings_of(view.files) if f.file == POLICY_FILE]
    try:
        policy = register_of(view.files)
    except ContentInvalid:
        return redirect(url_for("owner.edit", draft_id=draft_id, name=POLICY_FILE, mode="text"))
    return render_template(
        "owner/register.html", view=view, findings=findings, **listed(rows(view, policy, findings))
    )


@blueprint.get("/releases/<int:no>/policy")
def released_register(no: int) -> str:
    """The register as it was released."""
    release = house().catalogue.release(no)
    shown = [
        Row(entry, value_lines(entry, entry.value), None, is_changed=False)
        for entry in release.content.policy.entries.values()
    ]
    return render_template(
        "owner/register.html",
        view=None,
        release=release.row,
        planned=is_planned(release.row),
        drafts=kept().all(),
        key=house().new_id(),
        findings=[],
        **listed(shown),
    )


@blueprint.get("/drafts/<draft_id>/policy/<key>")
def entry(draft_id: str, key: str) -> str:
    """One entry, to be changed."""
    view = looked_at(draft_id)
    return entry_page(view, entry_of(register_of(view.files), key), None, [])


@blueprint.post("/drafts/<draft_id>/policy/<key>")
def change_entry(draft_id: str, key: str) -> ResponseReturnValue:
    """The entry is saved in the draft; what will not do, or who was first, is told beside what was typed."""
    view = looked_at(draft_id)
    current = entry_of(register_of(view.files), key)
    form = request.form
    command = EditEntry(
        draft_id=draft_id,
        key=key,
        seen=form.get("seen", ""),
        person=person(),
        value=value_of(current, form),
        status=form.get("status", ""),
        basis=form.get("basis", ""),
        owner=form.get("owner", ""),
        effective_from=day_of(form.get("effective_from", "")),
        reason=form.get("reason", ""),
    )
    try:
        saved = edit_entry(house(), kept(), command)
    except FormInvalid as invalid:
        return make_response(entry_page(view, current, form, list(invalid.fields)), UNPROCESSABLE)
    except Conflict as conflict:
        if conflict.code != "draft.changed":
            raise
        now = "；".join(value_lines(current, current.value))
        message = f"{conflict.message}现在是：{now}。再按一次“保存”以您的为准。"
        return make_response(
            entry_page(view, current, form, [FieldError("entry", conflict.code, message)]), 409
        )
    flash(f"“{saved.label}”已存入草稿。")
    return redirect(url_for("owner.register", draft_id=draft_id, _anchor=key))


def rows(view: DraftView, policy: Policy, findings: Sequence[Finding]) -> list[Row]:
    """The entries of a draft, each with what it was in the release."""
    before = released_entries(view)
    shown = []
    for one in policy.entries.values():
        was = before.get(one.key)
        other_value = was is not None and was.value != one.value
        shown.append(
            Row(
                entry=one,
                value=value_lines(one, one.value),
                before=value_lines(was, was.value) if was and other_value else None,
                is_changed=was is None or was.as_written() != one.as_written(),
                findings=[f for f in findings if f.element == one.key],
            )
        )
    return shown


def listed(shown: Sequence[Row]) -> dict[str, object]:
    """The entries that were asked for, and how many there are of each kind."""
    wanted, query = request.args.get("show", ""), request.args.get("q", "").strip()
    found = [
        row
        for row in shown
        if (wanted != CHANGED or row.is_changed)
        and (wanted not in STATUSES or row.entry.status == wanted)
        and query.lower() in f"{row.entry.label} {row.entry.key} {row.entry.basis} {row.entry.reason}".lower()
    ]
    return {
        "rows": found,
        "shown": wanted,
        "query": query,
        "counts": {
            "": len(shown),
            UNCONFIRMED: sum(row.entry.status == UNCONFIRMED for row in shown),
            CHANGED: sum(row.is_changed for row in shown),
        },
    }


def released_entries(view: DraftView) -> Mapping[str, Entry]:
    """The entries of the release that the draft starts from; none where even that cannot be read."""
    try:
        return register_of(view.before).entries
    except ContentInvalid:
        return {}


def entry_page(
    view: DraftView, current: Entry, typed: Mapping[str, str] | None, errors: list[FieldError]
) -> str:
    """The fields of one entry, with what it is or with what was typed."""
    written = {name: str(getattr(current, name)) for name in PARTS}
    given: Mapping[str, str] = typed if typed is not None else {**written, **fields_of(current)}
    was = released_entries(view).get(current.key)
    return render_template(
        "owner/register_entry.html",
        view=view,
        entry=current,
        given=given,
        none=given.get("none") == "yes" if typed is not None else current.value is None,
        errors={error.path: error.message for error in errors},
        was=value_lines(was, was.value) if was else None,
        seen=entry_mark(current),
        units=UNITS,
        roles=ROLE_NAMES,
        granted=GRANTED_ROLES,
        may_stand_in=may_stand_in,
        stand_in_names=STAND_IN_NAMES,
        notices=notices_to_send(view, current),
        by_names=BY_NAMES,
        clocks=other_clocks(view, current),
        clock_name=clock_name,
        rows=list(current.value) if isinstance(current.value, Mapping) else [],
    )


def notices_to_send(view: DraftView, current: Entry) -> dict[str, str]:
    """The notices that can go beyond the pages: not those drawn for the discipline office, which never do."""
    kept_inside = told_apart(house().catalogue.release(view.base.no))
    return {key: name for key, name in notices_beside(current).items() if key not in kept_inside}


def other_clocks(view: DraftView, current: Entry) -> dict[str, str]:
    """The clocks that have no row in a table of durations yet."""
    if current.kind != "durations":
        return {}
    content = readable(view.files) or house().catalogue.release(view.base.no).content
    there = current.value if isinstance(current.value, Mapping) else {}
    return {kind: clock_name(kind) for kind in content.deadlines.kinds if kind not in there}


def day_of(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
