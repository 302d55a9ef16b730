"""What the tests of draft files do at the page on which files are added."""

from __future__ import annotations

import io
from typing import Any

from service.store.drafts import SqlDrafts
from service.usecases.drafts import view_draft
from tests.web.office import Office
from tests.web.rooms import OWNER, AtDrafts


def add(owner: AtDrafts, draft: str, kind: str, **answers: Any):
    """Hand in one of the forms of the page on which files are added."""
    owner.browser.get(f"/owner/drafts/{draft}/add")
    return owner.browser.post(f"/owner/drafts/{draft}/add/{kind}", answers)


def upload(owner: AtDrafts, draft: str, name: str, content: bytes, **answers: str):
    return add(owner, draft, "upload", file=(io.BytesIO(content), name), **answers)


def files(office: Office, draft: str) -> dict[str, bytes]:
    """What would be released."""
    with office.store.begin() as uow:
        person = uow.directory(office.clock.now()).people[OWNER]
    return dict(view_draft(office.house, SqlDrafts(office.store), draft, person).files)
