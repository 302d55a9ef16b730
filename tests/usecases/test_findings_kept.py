"""What a check found is kept for the very bytes it looked at, and for no others."""

from __future__ import annotations

from service.usecases import check_content as room
from service.usecases.check_content import check_content, findings_of
from tests.web.office import shipped

FORM = "forms/dispatch.form"


def test_the_same_bytes_are_looked_at_once_and_others_anew(monkeypatch):
    looked_at = []
    monkeypatch.setattr(
        room, "check_content", lambda files: looked_at.append(len(files)) or check_content(files)
    )
    whole = shipped()
    without = {name: data for name, data in whole.items() if name != FORM}
    room._kept.cache_clear()

    first = findings_of(whole)
    first.append("mine")
    again, broken, last = findings_of(dict(whole)), findings_of(without), findings_of(whole)

    assert looked_at == [len(whole), len(without)]
    assert again == last == check_content(whole)
    assert broken == check_content(without) != again
