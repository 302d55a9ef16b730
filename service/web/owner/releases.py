"""发布: every release with who, when and why, its files, and all of it as a package."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

from flask import Response, render_template, send_file

from service.domain.errors import Missing
from service.domain.releases import ReleaseRow
from service.store.reads.releases import acknowledged, cases_per_release
from service.usecases.cancel_release import LATEST_BEFORE, may_not_cancel
from service.web.naming import current
from service.web.owner.blueprint import blueprint
from service.web.owner.differing import acknowledged_case
from service.web.owner.shelf import shelf
from service.web.surroundings import house, now, store

# Zip files have no time zone and no year before 1980; one fixed time makes equal content equal bytes.
FIXED_TIME = datetime(1980, 1, 1, tzinfo=UTC).timetuple()[:6]


@blueprint.get("/releases")
def releases() -> str:
    """All of them, the newest first."""
    with house().store.begin(reading=True) as uow:
        rows = uow.releases()
    release = current()
    with store().reading() as connection:
        counts = cases_per_release(connection)
    return render_template(
        "owner/releases.html",
        releases=list(reversed(rows)),
        in_force=release.row.no if release else None,
        counts=counts,
        now=now(),
        latest=now() + LATEST_BEFORE,
    )


@blueprint.get("/releases/<int:no>")
def release(no: int) -> str:
    """One of them."""
    row, files = released(no)
    found = current()
    with store().reading() as connection:
        kept = acknowledged(connection, no)
        in_use = no in cases_per_release(connection)
    return render_template(
        "owner/release.html",
        release=row,
        shelf=shelf(files),
        in_force=found.row.no if found else None,
        may_cancel=may_not_cancel(row, in_use=in_use, latest=now() + LATEST_BEFORE) is None,
        acknowledged=[(one, acknowledged_case(one)) for one in kept],
    )


@blueprint.get("/releases/<int:no>/export.zip")
def export(no: int) -> Response:
    """The files of a release as a package, in the folders they have in a working copy."""
    row, files = released(no)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            package.writestr(entry, files[name])
    packed.seek(0)
    return send_file(
        packed, mimetype="application/zip", as_attachment=True, download_name=f"jsjb-release-{row.no}.zip"
    )


def released(no: int) -> tuple[ReleaseRow, dict[str, bytes]]:
    """A release with its files. Raises: Missing."""
    with house().store.begin(reading=True) as uow:
        row = next((one for one in uow.releases() if one.no == no), None)
        if row is None:
            raise Missing
        return row, uow.release_files(no)
