"""Drafts: saved file by file, seen by their owners alone, nothing of them lost where two edit the same."""

from __future__ import annotations

import pytest

from service.store.drafts import SqlDrafts
from service.usecases.drafts import mark
from tests.web.office import shipped
from tests.web.rooms import (
    ADMIN,
    HANDLING,
    KEY,
    OWNER,
    POLICY,
    SECOND_OWNER,
    TABLE,
    AtDrafts,
    two_days,
    with_second_owner,
)

OTHERS = ("paidan", "zhuren", "chengban_logistics", "jiwei", ADMIN)


def test_the_home_of_owners_lists_the_content_in_force(office):
    text = AtDrafts(office).browser.get("/owner/").text

    assert "现行第 1 版" in text
    assert all(name in text for name in shipped())
    assert "诉求件办理" in text


@pytest.mark.parametrize("mode", ["", "?mode=text"])
@pytest.mark.parametrize("name", [HANDLING, TABLE, "bpmn/facts.yaml", "forms/dispatch.form"])
def test_each_kind_of_file_has_its_editor_and_can_be_edited_as_text(office, name, mode):
    owner = AtDrafts(office)
    draft = owner.begin()

    answer = owner.browser.get(f"/owner/drafts/{draft}/files/{name}{mode}")

    assert answer.status_code == 200
    assert 'id="editor-data"' in answer.text
    assert mark(shipped()[name]) in answer.text
    assert ("data-lines" in answer.text) == (mode != "" or not name.endswith((".bpmn", ".dmn")))


def test_a_draft_begun_twice_with_one_key_is_one_draft(office):
    owner = AtDrafts(office)

    owner.begin()
    owner.begin()

    assert [draft.id for draft in SqlDrafts(office.store).all()] == [KEY]


def test_a_saved_file_is_in_the_draft_and_not_in_force(office):
    owner = AtDrafts(office)
    draft = owner.begin()

    saved = owner.save(draft, TABLE, two_days())

    assert saved.status_code == 200, saved.text
    told = saved.json
    stale, *options = told.pop("findings")
    assert told == {"mark": mark(two_days()), "replayed": False}
    assert (stale["rule"], stale["element"]) == ("deadlines.stale_basis", "row_handling_feedback")
    assert {one["rule"] for one in options} == {"figure.still_told"}
    assert owner.browser.get(f"/owner/drafts/{draft}/raw/{TABLE}").data == two_days()
    assert office.house.catalogue.current(office.clock.now()).content.files[TABLE] == shipped()[TABLE]


def test_the_same_bytes_saved_again_change_nothing(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    owner.save(draft, TABLE, two_days())
    version = SqlDrafts(office.store).find(draft).version

    again = owner.save(draft, TABLE, two_days())

    assert again.json["replayed"] is True
    assert SqlDrafts(office.store).find(draft).version == version


def test_whoever_saves_second_learns_who_was_first_and_overwrites_nothing(office):
    with_second_owner(office)
    first, second = AtDrafts(office), AtDrafts(office, SECOND_OWNER)
    draft = first.begin()
    first.save(draft, POLICY, shipped()[POLICY] + b"# first\n")

    refused = second.save(draft, POLICY, shipped()[POLICY] + b"# second\n")

    assert refused.status_code == 409
    assert refused.json["code"] == "draft.changed"
    assert refused.json["first_by"] == "林晓"
    assert refused.json["first_at_text"] == "03-08 16:30"
    assert SqlDrafts(office.store).files(draft)[POLICY].content == shipped()[POLICY] + b"# first\n"


def test_whoever_was_second_can_save_once_they_have_seen_the_first(office):
    with_second_owner(office)
    first, second = AtDrafts(office), AtDrafts(office, SECOND_OWNER)
    draft = first.begin()
    first.save(draft, POLICY, shipped()[POLICY] + b"# first\n")
    refused = second.save(draft, POLICY, shipped()[POLICY] + b"# second\n")

    body = {"content": (shipped()[POLICY] + b"# second\n").decode(), "seen": refused.json["mark"]}
    saved = second.send(f"/owner/drafts/{draft}/files/{POLICY}", body)

    assert saved.status_code == 200
    assert SqlDrafts(office.store).files(draft)[POLICY].changed_by == SECOND_OWNER


def test_two_owners_save_different_files_of_one_draft(office):
    with_second_owner(office)
    first, second = AtDrafts(office), AtDrafts(office, SECOND_OWNER)
    draft = first.begin()

    answers = [
        first.save(draft, POLICY, shipped()[POLICY] + b"# first\n"),
        second.save(draft, TABLE, two_days()),
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert set(SqlDrafts(office.store).files(draft)) == {POLICY, TABLE}


def test_a_file_saved_as_it_was_released_is_no_change(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    owner.save(draft, TABLE, two_days())

    owner.save(draft, TABLE, shipped()[TABLE], seen=two_days())

    assert SqlDrafts(office.store).files(draft) == {}


def test_a_file_is_taken_back(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    owner.save(draft, TABLE, two_days())

    answer = owner.browser.post(f"/owner/drafts/{draft}/take-back/{TABLE}")

    assert answer.status_code == 302
    assert SqlDrafts(office.store).files(draft) == {}


def test_what_is_wrong_is_told_at_the_element_and_saved_all_the_same(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    broken = shipped()[HANDLING].replace(b'jsjb:form="submit_report"', b'jsjb:form="no_such_form"')

    saved = owner.save(draft, HANDLING, broken)

    finding = next(f for f in saved.json["findings"] if "no_such_form" in f["message"])
    assert (finding["file"], finding["element"]) == (HANDLING, "submit_report")
    assert finding["severity"] == "error"
    assert finding["line"]
    assert finding["cure"]
    assert SqlDrafts(office.store).files(draft)[HANDLING].content == broken


@pytest.mark.parametrize(
    "hostile, rule",
    [
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "doctype"),
        (b"<definitions", "xml"),
        (b"", "xml"),
    ],
)
def test_a_hostile_or_broken_diagram_is_refused_by_the_check(office, hostile, rule):
    owner = AtDrafts(office)
    draft = owner.begin()

    checked = owner.send(f"/owner/drafts/{draft}/check/{HANDLING}", {"content": hostile.decode()})

    rules = [f["rule"] for f in checked.json["findings"] if f["file"] == HANDLING]
    assert any(rule in found for found in rules), rules


def test_a_check_saves_nothing(office):
    owner = AtDrafts(office)
    draft = owner.begin()

    owner.send(f"/owner/drafts/{draft}/check/{TABLE}", {"content": two_days().decode()})

    assert SqlDrafts(office.store).files(draft) == {}


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"content": 3},
        {"content": "a\x00b"},
        {"content": "\ud800"},
        {"content": "x" * (1024 * 1024 + 1)},
    ],
    ids=["nothing", "list", "number", "nul", "surrogate", "too large"],
)
def test_what_is_no_content_is_refused(office, body):
    owner = AtDrafts(office)
    draft = owner.begin()

    answer = owner.send(f"/owner/drafts/{draft}/files/{TABLE}", body)

    assert answer.status_code == 422, answer.text
    assert SqlDrafts(office.store).files(draft) == {}


@pytest.mark.parametrize("name", ["bpmn/no_such.bpmn", "../etc/passwd", "bpmn/../policy.yaml"])
def test_only_files_of_the_content_can_be_saved(office, name):
    owner = AtDrafts(office)
    draft = owner.begin()

    answer = owner.send(f"/owner/drafts/{draft}/files/{name}", {"content": "a", "seen": ""})

    assert answer.status_code == 404
    assert SqlDrafts(office.store).files(draft) == {}


def test_a_discarded_draft_is_gone(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    owner.save(draft, TABLE, two_days())

    owner.browser.post(f"/owner/drafts/{draft}/discard")

    assert SqlDrafts(office.store).all() == []
    assert owner.browser.get(f"/owner/drafts/{draft}").status_code == 404


def test_words_of_the_content_are_never_markup(office):
    owner = AtDrafts(office)
    draft = owner.begin()
    payload = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    escaped = payload.replace("<", "&lt;").replace(">", "&gt;")
    hostile = shipped()[HANDLING].decode().replace('name="报送办理情况', f'name="{escaped}报送办理情况')
    assert hostile.encode() != shipped()[HANDLING]
    owner.save(draft, HANDLING, hostile.encode())
    owner.save(draft, POLICY, shipped()[POLICY] + f"# {payload}\n".encode())

    pages = [
        owner.browser.get(f"/owner/drafts/{draft}{rest}").text
        for rest in ("", f"/files/{HANDLING}", f"/files/{POLICY}?mode=text", "/policy", "/release")
    ]

    assert not [page for page in pages if "<script>alert" in page or "<img src=x" in page]


@pytest.mark.parametrize("account", OTHERS)
def test_nobody_but_owners_gets_into_any_of_their_routes(office, account):
    draft = AtDrafts(office).begin()
    browser = office.browser(account)
    browser.get("/notices")
    answers = {}

    for rule in office.app.url_map.iter_rules():
        if not rule.endpoint.startswith("owner."):
            continue
        values = {"draft_id": draft, "name": TABLE, "no": 1, "kind": "form", "key": "day_count"}
        with office.app.test_request_context():
            path = office.app.url_map.bind("localhost").build(
                rule.endpoint, {a: values[a] for a in rule.arguments}, method=None
            )
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answers[f"{method} {path}"] = (browser.get if method == "GET" else browser.post)(path).status_code

    assert len(answers) > 15
    assert set(answers.values()) == {403}, answers
    assert [one.id for one in SqlDrafts(office.store).all()] == [draft]


def test_nobody_gets_in_who_is_not_logged_in(office):
    assert office.browser().get("/owner/").status_code == 302


def test_an_owner_lands_in_their_own_room(office):
    answer = office.browser(OWNER).get("/")

    assert answer.status_code == 302
    assert answer.location == "/owner/"
