"""A hostile draft learns nothing by a replay: what it works out of a case stands in no page, row, record or log."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update

from service.domain.people import HEAD, LEADING_GROUP, OFFICE_DISPATCHER, PROCESS_OWNER
from service.domain.roster import Appointment
from service.rehearsal.replaying.live import Live
from service.rehearsal.replaying.replay import Replaying
from service.store.tables import audit, case_file, metadata, person_audit, replay, replay_case
from tests.web.office import Office, shipped
from tests.web.rooms import OWNER, TABLE, AtDrafts, two_days
from tests.web.test_owner_replay import BOTH, address, ask, numbers, play

WORDS = "暗号琥珀九"  # what the complainant said, and a draft wants to read
DISPATCHING, COMPLAINT, FACTS = "bpmn/dispatching.bpmn", "bpmn/complaint.bpmn", "bpmn/facts.yaml"

Change = Callable[[], dict[str, bytes]]


def refusing(check: str, message: str = "不行") -> dict[str, bytes]:
    """A rule more at the dispatch."""
    text = shipped()[DISPATCHING].decode()
    place = text.index("<jsjb:rule", text.index('id="dispatch_case"', text.index("<bpmn:userTask")))
    rule = f'<jsjb:rule code="E_ASKED" article="A5-3" check="{check}" message="{message}"/>'
    return {DISPATCHING: (text[:place] + rule + text[place:]).encode()}


def replaced(name: str, was: str, now: str) -> dict[str, bytes]:
    text = shipped()[name].decode()
    assert text.count(was) == 1, was
    return {name: text.replace(was, now).encode()}


def basis() -> dict[str, bytes]:
    """The basis of a due time is worked out of what the complainant said."""
    was = "&quot;其他事项3个自然日内反馈办理情况（第六条第二项）&quot;"
    text = two_days().decode()
    was = was if was in text else '"其他事项3个自然日内反馈办理情况（第六条第二项）"'
    return {TABLE: text.replace(was, "register_case.title").encode()}


# how a draft may try to have the words told; whether whoever runs the service is told them
HOSTILE: dict[str, tuple[Change, bool]] = {
    "error text of an expression": (lambda: refusing("due(register_case.title) = null"), True),
    "an expression that breaks": (lambda: refusing("minutes(register_case.title) = null"), False),
    "addressee of a notice": (
        lambda: replaced(
            COMPLAINT,
            'jsjb:notice="case_assigned" jsjb:to="dept_liaison,dept_head"',
            'jsjb:notice="case_assigned" jsjb:to="{register_case.title},dept_liaison,dept_head"',
        ),
        True,
    ),
    "basis of a due time": (basis, True),
    "a fact of the head": (
        lambda: replaced(
            FACTS,
            "  lead_department: if dispatch != null then dispatch.lead_department else case.opened_for",
            "  lead_department: if dispatch != null then register_case.title else case.opened_for",
        ),
        False,
    ),
    "a fact with the words": (
        lambda: (
            replaced(
                FACTS,
                "  return_count:",
                f'  named: contains(register_case.title, "{WORDS}")\n  return_count:',
            )
            | refusing("named = false", "{register_case.title}")
        ),
        False,
    ),
}


@pytest.fixture
def office_and_owner(office: Office) -> Office:
    """An owner who dispatches as well, and one who does not; a case with the words."""
    with office.store.begin() as uow:
        uow.appoint(BOTH, [Appointment(OFFICE_DISPATCHER), Appointment(PROCESS_OWNER)])
        uow.commit()
    office.dispatched(title=f"反映{WORDS}", content=f"内容{WORDS}", caller_name=WORDS)
    office.later(minutes=5)
    return office


def drafted(owner: AtDrafts, changed: dict[str, bytes], key: str | None = None) -> str:
    draft = owner.begin(key) if key else owner.begin()
    for name, content in changed.items():
        assert owner.save(draft, name, content).status_code == 200
    return draft


def kept(office: Office) -> str:
    """What is kept of replays: the job, how each case came out, and every record."""
    with office.store.reading() as connection:
        rows = [connection.execute(select(one)).all() for one in (replay, replay_case, person_audit, audit)]
    return json.dumps([[[str(value) for value in row] for row in one] for one in rows], ensure_ascii=False)


def of_house(office: Office, changed: dict[str, bytes]) -> str:
    """What whoever runs the service is told."""
    live = Live(office.store, office.house.catalogue)
    replaying = Replaying.on(live, {**shipped(), **changed}, office.house.calendar)
    with office.store.reading() as connection:
        ids = connection.execute(select(case_file.c.id).order_by(case_file.c.case_no)).scalars().all()
    told = [replaying.case(one, office.clock.now()).as_data() for one in ids]
    return json.dumps(told, ensure_ascii=False)


@pytest.mark.parametrize("way", HOSTILE)
@pytest.mark.parametrize("counting", [False, True])
def test_what_a_draft_works_out_of_a_case_is_told_nowhere(
    office_and_owner: Office, caplog: pytest.LogCaptureFixture, way: str, counting: bool
) -> None:
    office = office_and_owner
    office.counting(counting)
    change, is_told_to_house = HOSTILE[way]
    changed = change()
    told = {}
    with caplog.at_level(logging.DEBUG):
        for place, account in enumerate((BOTH, OWNER)):
            owner = AtDrafts(office, account)
            draft = drafted(owner, changed, f"{place:032x}")
            ask(owner, draft)
            play(office)
            told[account] = owner.browser.get(address(draft)).text
            told[account] += owner.browser.get(f"{address(draft)}/progress").text

    assert 'data-state="ready"' in told[BOTH]
    assert ("0 件不同，0 件不能重演" in told[BOTH]) is False  # it does go otherwise
    for text in (
        *told.values(),
        caplog.text,
        "".join(str(one.__dict__) for one in caplog.records),
        kept(office),
    ):
        assert WORDS not in text
    assert (WORDS in of_house(office, changed)) is is_told_to_house


def test_an_owner_who_may_read_no_case_is_told_of_none_not_even_a_number(office_and_owner: Office) -> None:
    office = office_and_owner
    owner = AtDrafts(office, OWNER)
    draft = drafted(owner, refusing("false"))
    ask(owner, draft)
    play(office)

    page = owner.browser.get(address(draft)).text

    assert "您有权看全部内容、可以重演的诉求件" in page
    assert "JSJB_REPLAYS_COUNT_OTHERS=1" in page
    assert "jsjb replay" not in page  # of which nothing is to be handed to whoever writes the draft
    assert "件相同" not in page
    assert numbers(page) == []
    with office.store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(replay_case)).scalar() == 0


@pytest.mark.parametrize(
    "held, sees",
    [
        (Appointment(HEAD, "dept_logistics"), True),
        (Appointment(HEAD, "dept_hr"), False),
        (Appointment(LEADING_GROUP), False),  # its contacts are masked for them
    ],
)
def test_only_cases_that_their_owner_may_read_whole_are_replayed(
    office_and_owner: Office, held: Appointment, sees: bool
) -> None:
    office = office_and_owner
    with office.store.begin() as uow:
        uow.appoint(OWNER, [held, Appointment(PROCESS_OWNER)])
        uow.commit()
    owner = AtDrafts(office, OWNER)
    draft = drafted(owner, refusing("false"))
    ask(owner, draft)
    play(office)

    assert bool(numbers(owner.browser.get(address(draft)).text)) is sees


def test_whether_another_case_is_restricted_cannot_be_asked(office_and_owner: Office) -> None:
    """What comes of the case that may be read is the same whether or not another is restricted."""
    office = office_and_owner
    other = office.registered(upstream_order_no="FIC-2024-777777")
    office.later(minutes=5)
    office.dispatched(upstream_order_no="FIC-2024-777778")
    office.later(minutes=5)
    changed = refusing(f"is_restricted(&quot;{other}&quot;)")
    owner = AtDrafts(office, BOTH)

    def told(key: str) -> tuple[str, str]:
        draft = drafted(owner, changed, key)
        ask(owner, draft)
        play(office)
        with office.store.reading() as connection:
            rows = connection.execute(
                select(replay_case.c.outcome, replay_case.c.told)
                .join(case_file, case_file.c.id == replay_case.c.case_id)
                .where(case_file.c.case_no != other)
                .where(replay_case.c.replay_id == select(func.max(replay.c.id)).scalar_subquery())
            ).all()
        of_house_now = of_house(office, changed)
        return json.dumps([list(row) for row in rows], ensure_ascii=False), of_house_now

    before = told("0" * 32)
    with office.store.begin() as uow:
        uow.transaction.execute(update(case_file).where(case_file.c.case_no == other).values(restricted=True))  # type: ignore[attr-defined]
        uow.commit()
    after = told("1" * 32)

    assert before[0] == after[0]
    assert before[1] != after[1]  # whoever runs the service is told


def replayed(office: Office) -> tuple[AtDrafts, str]:
    """An owner who may read the cases, and their draft on which they have had them replayed."""
    owner = AtDrafts(office, BOTH)
    draft = drafted(owner, {TABLE: two_days()})
    ask(owner, draft)
    play(office)
    return owner, draft


def test_which_cases_were_replayed_for_whom_is_on_record(office_and_owner: Office) -> None:
    office = office_and_owner
    owner, draft = replayed(office)

    with office.store.reading() as connection:
        found = connection.execute(select(person_audit).where(person_audit.c.kind == "replayed")).all()
        asked = connection.execute(select(replay)).one()

    assert [row.person_id for row in found] == [asked.person_id]
    payload = found[0].payload
    payload = json.loads(payload) if isinstance(payload, str) else payload
    assert (payload["draft"], payload["hash"], payload["replay"]) == (draft, asked.hash, asked.id)
    assert payload["cases"] == sorted(set(numbers(owner.browser.get(address(draft)).text)))


def test_another_owner_is_not_shown_what_was_replayed_with_other_eyes(office_and_owner: Office) -> None:
    office = office_and_owner
    _, draft = replayed(office)

    page = AtDrafts(office, OWNER).browser.get(address(draft)).text

    assert "您还没有在这份草稿上重演过" in page
    assert numbers(page) == []


def test_the_tables_of_replays_are_those_looked_at_here() -> None:
    assert {name for name in metadata.tables if "replay" in name} == {"replay", "replay_case"}


def test_no_other_page_interface_or_download_tells_of_replays(office: Office) -> None:
    """Where one is added, what it tells is held to the same as the page of the draft."""
    named = {rule.endpoint for rule in office.app.url_map.iter_rules() if "replay" in rule.rule}

    assert named == {"owner.replay_page", "owner.replay_progress", "owner.replay", "owner.cancel_replay"}
