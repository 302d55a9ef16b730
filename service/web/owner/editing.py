"""The editors: a page for each kind of file, and what its script asks for: check, save."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.content.release import POLICY_FILE
from service.domain.errors import Conflict, Invalid, Missing
from service.domain.people import ROLE_NAMES
from service.usecases.check_content import findings_of_draft, ids_drawn
from service.usecases.drafts import DraftView, mark
from service.usecases.save_draft import SaveDraft, check_draft_file, save_draft
from service.web import words
from service.web.owner.blueprint import blueprint, kept
from service.web.owner.drafts import looked_at
from service.web.owner.home import raw
from service.web.owner.shelf import kind_of, readable, title_of
from service.web.show import beijing
from service.web.surroundings import house, person

TEMPLATES = {
    "diagram": "owner/edit_diagram.html",
    "table": "owner/edit_table.html",
    "text": "owner/edit_text.html",
}
TEXT = "text"
OWN_EDITORS = {
    "diagram": "画图编辑",
    "table": "表格编辑",
}  # what is called what, where a file can be text as well
CONFLICT = 409


@blueprint.get("/drafts/<draft_id>/files/<path:name>")
def edit(draft_id: str, name: str) -> ResponseReturnValue:
    """The editor of one file: the one for its kind, or as text where that is asked for."""
    view = looked_at(draft_id)
    data = file_of(view, name)
    if name == POLICY_FILE and request.args.get("mode") != TEXT:
        return redirect(url_for("owner.register", draft_id=draft_id))
    kind = TEXT if request.args.get("mode") == TEXT else kind_of(name)
    return render_template(
        TEMPLATES[kind],
        view=view,
        name=name,
        title=title_of(name, data, readable(view.files)),
        changed=view.changed.get(name),
        editor=editor_data(view, name, data, kind),
        as_text=kind == TEXT,
        own_editor="逐项编辑" if name == POLICY_FILE else OWN_EDITORS.get(kind_of(name)),
    )


@blueprint.post("/drafts/<draft_id>/files/<path:name>")
def save(draft_id: str, name: str) -> ResponseReturnValue:
    """Save a file as it stands in the editor; a conflict says who was first and with what to go on."""
    content, seen = sent()
    try:
        saved = save_draft(house(), kept(), SaveDraft(draft_id, name, content, seen, person()))
    except Conflict as conflict:
        if conflict.code != "draft.changed":
            raise
        current = file_of(looked_at(draft_id), name)
        told = {
            "code": conflict.code,
            "detail": conflict.message,
            "first_by": conflict.details["first_by"],
            "first_at_text": beijing(conflict.details["first_at"]),
            "mark": mark(current),
        }
        return jsonify(told), CONFLICT
    findings = [finding.as_data() for finding in saved.findings]
    return jsonify({"mark": saved.mark, "replayed": saved.replayed, "findings": findings})


@blueprint.post("/drafts/<draft_id>/check/<path:name>")
def check(draft_id: str, name: str) -> Response:
    """What is wrong with a file as it stands in the editor; nothing is saved."""
    content, _ = sent()
    found = check_draft_file(house(), kept(), draft_id, name, content, person())
    return jsonify({"findings": [finding.as_data() for finding in found]})


@blueprint.get("/drafts/<draft_id>/raw/<path:name>")
def draft_raw(draft_id: str, name: str) -> Response:
    """The bytes of a file as the draft has them."""
    return raw(file_of(looked_at(draft_id), name), name)


def sent() -> tuple[bytes, str]:
    """What a script sent: the content, and the mark of what its editor started from."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("content"), str):
        raise Invalid("没有收到内容，请刷新页面后再试。", code="draft.nothing_sent")
    seen = body.get("seen")
    return body["content"].encode("utf-8", "surrogatepass"), seen if isinstance(seen, str) else ""


def file_of(view: DraftView, name: str) -> bytes:
    """A file of the draft. Raises: Missing."""
    data = view.files.get(name)
    if data is None:
        raise Missing
    return data


def editor_data(view: DraftView, name: str, data: bytes, kind: str) -> dict[str, Any]:
    """What the script of an editor is given."""
    draft_id = view.draft.id
    return {
        "draft": draft_id,
        "name": name,
        "content": data.decode("utf-8", "replace"),
        "seen": mark(data),
        "save_url": url_for("owner.save", draft_id=draft_id, name=name),
        "check_url": url_for("owner.check", draft_id=draft_id, name=name),
        "raw_url": url_for("owner.draft_raw", draft_id=draft_id, name=name),
        "login_url": url_for("login.log_in"),
        "findings": [finding.as_data() for finding in findings_of_draft(view.before, view.files)],
        "text_url": url_for("owner.edit", draft_id=draft_id, name=name, mode=TEXT),
        **(drawing_words(view, name) if kind == "diagram" else {}),
    }


def drawing_words(view: DraftView, name: str) -> dict[str, Any]:
    """What an editor of a diagram must know of the rest: its words, and the ids the other diagrams have."""
    others = {other: data for other, data in view.files.items() if other != name}
    return {**vocabulary(view), "taken": sorted(ids_drawn(others))}


def vocabulary(view: DraftView) -> dict[str, list[dict[str, str]]]:
    """What the fields of the panel offer: the words of this very content."""
    content = readable(view.files) or house().catalogue.release(view.base.no).content
    definition = house().catalogue.release(view.base.no).definition
    return {
        "roles": options(ROLE_NAMES),
        "forms": options({key: f"{form.title}（{key}）" for key, form in sorted(content.forms.items())}),
        "articles": options({key: f"{key} {row.title}" for key, row in content.regulation.items()}),
        "clocks": options({kind: f"{words.clock_name(kind)}（{kind}）" for kind in content.deadlines.kinds}),
        "statuses": options({key: f"{name}（{key}）" for key, name in words.STATUSES.items()}),
        "notices": options({key: f"{name}（{key}）" for key, name in words.NOTICES.items()}),
        "processes": options({p.id: f"{p.name}（{p.id}）" for p in definition.processes.values()}),
    }


def options(names: Any) -> list[dict[str, str]]:
    return [{"value": key, "label": name} for key, name in names.items()]
