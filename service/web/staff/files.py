"""Files: each goes up on its own, and comes down only as a download."""

from __future__ import annotations

from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue

from service.domain.errors import Invalid
from service.usecases.attach_file import attach_file, open_attachment
from service.usecases.upload_quota import room_for
from service.web.show import size_text
from service.web.staff.blueprint import blueprint
from service.web.staff.handed_out import handed_out
from service.web.surroundings import house, person, settings

CREATED = 201


@blueprint.post("/files")
def upload() -> ResponseReturnValue:
    """Keep one file; a form that is handed in later names it."""
    case_no = request.args.get("case")
    require_room(case_no)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid("没有收到文件，请重新选择。", code="file.missing")
    kept = attach_file(
        house(), sent.stream, sent.filename, person(), case_no=case_no, limit=settings().upload_max_bytes
    )
    told = {"id": kept.id, "name": kept.name, "sha256": kept.sha256, "size": kept.size_bytes}
    return jsonify({**told, "size_text": size_text(kept.size_bytes)}), CREATED


def require_room(case_no: str | None) -> None:
    """Refuses what does not fit the quota before it comes, where it says how large it is; else as soon as it shows.

    Raises: QuotaUsed.
    """
    room = room_for(house(), person(), case_no)
    if room.left is None:
        return
    beside = settings().form_max_bytes  # what a request holds beside its file
    room.require(max(1, (request.content_length or 0) - beside))
    request.max_content_length = min(settings().upload_max_bytes, room.left) + beside


@blueprint.get("/files/<attachment_id>")
def download(attachment_id: str) -> Response:
    """A file, never shown in the page's own name: always a download, with the type its bytes have."""
    attachment, content = open_attachment(house(), attachment_id, person())
    return handed_out(content, attachment.name, attachment.media_type, etag=attachment.sha256)
