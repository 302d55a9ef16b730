"""Notices beyond the pages, by a real mail server and a real gateway: each person once by each way, and nothing of what
the complaint says. On both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.domain.errors import JsjbError
from service.domain.outside import EMAIL, SMS, Addressed, NotTaken
from service.domain.people import DISCIPLINE
from service.domain.ports import Waiting
from service.domain.roster import Absence, Addresses
from service.jobs.mail import SmtpMail
from service.jobs.sms import SmsGateway
from service.ops.relaying import by_channels
from service.ops.settings import Settings
from service.ops.working import workshops
from service.store import SqlStore
from service.store.deliveries import SqlDeliveries
from service.store.outbox import SqlOutbox
from service.usecases.hand_on import do_entry
from service.usecases.relay import NOTICE, InApp, Relayed, delivering
from service.usecases.tell_outside import RESTS_FOR, Outside, stays_inside
from tests.post import Gateway, MailServer, serving
from tests.usecases.houses import Played
from tests.usecases.installations import settings_at

DISPATCHED = 4  # S02
REGISTERED = 1  # S04, urgent
LIAISON, HEAD, DIRECTOR = "dept_liaison_dept_logistics", "dept_head_dept_logistics", "office_director"
TOKEN = "geheim"


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with serving(MailServer()) as server:
        yield server


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with serving(Gateway()) as server:
        yield server


class Post:
    """The ways out of a played case: its relay, and what was told of addresses that were refused."""

    def __init__(self, case: Played, mail: MailServer, gateway: Gateway) -> None:
        self.case = case
        self.refused: list[JsjbError] = []
        store = case.house.store
        assert isinstance(store, SqlStore)
        self.store, self.outbox = store, SqlOutbox(store)
        transports = {
            EMAIL: SmtpMail(f"smtp://127.0.0.1:{mail.port}", "jsjb@school.example"),
            SMS: SmsGateway(gateway.url, TOKEN),
        }
        self.deliveries = SqlDeliveries(store)
        self.outside = Outside(
            case.house,
            self.deliveries,
            transports,
            lambda _, error: self.refused.append(error),
            "https://jsjb.school.example",
        )

    def relay(self) -> Relayed:
        return by_channels(self.outbox, (InApp(), self.outside), self.case.house.clock)()

    def reachable(self, *people: str, mobile: bool = True) -> None:
        """These have addresses; without a name, everybody."""
        with self.store.begin() as uow:
            for person in people or uow.roster().members:
                uow.set_addresses(person, Addresses(at(person), number(person) if mobile else None))
            uow.commit()

    def notice(self, kind: str) -> str:
        return next(one.id for one in self.case.notices() if one.kind == kind)

    def entry(self, kind: str) -> Waiting:
        """The entry of the outbox of a notice."""
        told = self.notice(kind)
        return next(one for one in self.outbox.waiting([NOTICE]) if one.payload["notice"] == told)


def at(person: str) -> str:
    return f"{person}@school.example"


def number(person: str) -> str:
    return f"138{sum(person.encode()) % 10**8:08d}"


@pytest.fixture
def post(play: Callable[..., Played], mail: MailServer, gateway: Gateway) -> Callable[..., Post]:
    def begin(name: str, step: int, **how: Any) -> Post:
        return Post(play(name, **how).to(step), mail, gateway)

    return begin


def test_an_urgent_case_is_told_by_mail_and_by_message_to_whom_it_reaches(
    post: Callable[..., Post], mail: MailServer, gateway: Gateway
) -> None:
    here = post("S04", REGISTERED)
    here.reachable()

    relayed = here.relay()

    assert relayed.failed == 0
    assert set(mail.to) == {at(DIRECTOR)}
    assert set(gateway.to) == {number(DIRECTOR)}
    _, letter = mail.taken[0]
    case_no = here.case.loaded().case.case_no
    assert letter["Subject"] == f"【诉求件办理】收到紧急件：{case_no}"
    assert letter["From"] == "jsjb@school.example"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert f"https://jsjb.school.example/cases/{case_no}" in letter.get_content()
    assert gateway.taken[0]["text"].startswith(letter["Subject"])
    assert gateway.taken[0]["authorization"] == f"Bearer {TOKEN}"


def test_it_says_by_when_in_beijing_and_nothing_of_the_complaint(
    post: Callable[..., Post], mail: MailServer, gateway: Gateway
) -> None:
    here = post("S02", DISPATCHED)
    here.reachable()
    here.case.now("2024-03-11T00:00:00")
    known = here.case.loaded()
    words = {
        text
        for one in known.submissions
        for name, text in one.values.items()
        if name in ("title", "content", "caller_name", "caller_contact")
    }

    here.relay()

    everything = [f"{letter['Subject']}\n{letter.get_content()}" for _, letter in mail.taken]
    everything += [one["text"] for one in gateway.taken]
    assert any("即将到期" in one and "双反馈期限 2024-03-11 24:00（北京时间）" in one for one in everything)
    assert len(words) >= 3
    assert [word for word in words if any(word in one for one in everything)] == []
    assert gateway.taken == []  # none of these kinds is worth waking anybody


def test_kinds_that_the_register_does_not_name_stay_on_the_pages(
    post: Callable[..., Post], mail: MailServer, gateway: Gateway
) -> None:
    here = post("S02", DISPATCHED, policy={"notice_channels": {"case_assigned": "sms"}})
    here.reachable()

    here.relay()

    assert mail.taken == []
    assert set(gateway.to) == {number(LIAISON), number(HEAD)}


def test_whoever_has_no_address_is_passed_over(
    post: Callable[..., Post], mail: MailServer, gateway: Gateway
) -> None:
    here = post("S02", DISPATCHED)
    here.reachable(HEAD)

    assert here.relay().failed == 0
    assert mail.to == [at(HEAD)]


def test_repeated_it_goes_out_once(post: Callable[..., Post], mail: MailServer, gateway: Gateway) -> None:
    here = post("S04", REGISTERED)
    here.reachable()
    notice = here.notice("urgent_received")

    for _ in range(3):
        here.outside.deliver(notice)

    assert (mail.to, gateway.to) == ([at(DIRECTOR)], [number(DIRECTOR)])
    assert here.deliveries.delivered(notice) == {(DIRECTOR, EMAIL), (DIRECTOR, SMS)}


def test_sent_again_after_a_crash_before_it_was_noted_it_can_be_told_by_its_key(
    post: Callable[..., Post], mail: MailServer, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = post("S04", REGISTERED)
    here.reachable()
    notice = here.notice("urgent_received")

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(here.deliveries, "note", killed)
        with pytest.raises(KeyboardInterrupt):
            here.outside.deliver(notice)
    here.outside.deliver(notice)

    assert mail.to == [at(DIRECTOR)] * 2
    assert len({letter["Message-ID"] for _, letter in mail.taken}) == 1
    assert mail.taken[0][1]["Message-ID"] == f"<{gateway_key(mail)}@school.example>"
    assert gateway_key(mail) != gateway.taken[0]["key"]  # each way has its own


def gateway_key(mail: MailServer) -> str:
    return mail.taken[0][1]["Message-ID"].strip("<>").partition("@")[0]


def test_what_a_way_does_not_take_comes_again_and_nobody_is_told_twice(
    post: Callable[..., Post], mail: MailServer, gateway: Gateway
) -> None:
    here = post("S04", REGISTERED)
    here.reachable()
    mail.closed = True
    others = len(here.case.notices()) - 1

    first = here.relay()
    mail.closed = False
    second = here.relay()  # the server is not asked again so soon
    here.case.world.clock.advance(RESTS_FOR)
    third = here.relay()

    assert (first, second, third) == (Relayed(others, 1), Relayed(0, 1), Relayed(1, 0))
    assert (mail.to, gateway.to) == ([at(DIRECTOR)], [number(DIRECTOR)])


def test_a_worker_lets_it_come_again_after_the_pause_and_then_finishes(
    post: Callable[..., Post], mail: MailServer, gateway: Gateway
) -> None:
    here = post("S04", REGISTERED)
    here.reachable()
    now = here.case.house.clock.now
    doers = {NOTICE: delivering((InApp(), here.outside))}
    gateway.status = 503
    entry = here.entry("urgent_received")

    with pytest.raises(NotTaken):
        do_entry(here.outbox, doers, entry.id, now)
    gateway.status = 202
    here.case.world.clock.advance(RESTS_FOR)
    assert do_entry(here.outbox, doers, entry.id, now)
    assert not do_entry(here.outbox, doers, entry.id, now)

    assert (mail.to, gateway.to) == ([at(DIRECTOR)], [number(DIRECTOR)])


@pytest.mark.parametrize("code", [550, 553])
def test_an_address_that_is_refused_for_good_holds_up_nobody_and_is_not_tried_again(
    post: Callable[..., Post], mail: MailServer, gateway: Gateway, code: int
) -> None:
    here = post("S02", DISPATCHED, policy={"notice_channels": {"case_assigned": "both"}})
    here.reachable()
    mail.refuses[at(LIAISON)] = code
    gateway.answers[number(LIAISON)] = 422

    assert here.relay().failed == 0
    mail.refuses.clear()
    gateway.answers.clear()
    for one in here.case.notices():
        here.outside.deliver(one.id)

    assert (mail.to, gateway.to) == ([at(HEAD)], [number(HEAD)])
    assert [error.code for error in here.refused] == ["outside.address_refused"] * 2
    assert at(LIAISON) not in repr(here.refused)


def test_one_address_that_is_busy_does_not_keep_the_others_waiting(
    post: Callable[..., Post], mail: MailServer, gateway: Gateway
) -> None:
    here = post("S02", DISPATCHED)
    here.reachable()
    mail.refuses[at(LIAISON)] = 450

    assert here.relay().failed >= 1
    assert mail.to == [at(HEAD)]
    mail.refuses.clear()
    assert here.relay().failed == 0
    assert mail.to == sorted([at(HEAD), at(LIAISON)])


def test_what_the_server_says_to_our_leaving_does_not_undo_what_it_took(
    post: Callable[..., Post], mail: MailServer, gateway: Gateway
) -> None:
    here = post("S02", DISPATCHED)
    here.reachable(HEAD)
    mail.at_quit = 500

    assert here.relay().failed == 0
    assert mail.to == [at(HEAD)]


def test_who_stands_in_at_the_instant_of_the_notice_is_told(
    post: Callable[..., Post], play: Callable[..., Played], mail: MailServer, gateway: Gateway
) -> None:
    here = post("S02", DISPATCHED - 1)
    here.reachable()
    with here.store.begin() as uow:
        away = Absence("a1", LIAISON, date(2024, 3, 8), date(2024, 3, 8))
        uow.add_absence(away, noted_by=LIAISON, noted_at=here.case.house.clock.now())
        uow.commit()
    here.case.to(DISPATCHED)
    to_liaison = next(n for n in here.case.notices() if n.kind == "case_assigned" and n.to == "dept_liaison")
    here.case.world.clock.advance(timedelta(days=2))  # when the liaison is back

    told = {one.person for one in here.deliveries.recipients(to_liaison)}

    assert told == {LIAISON, HEAD}  # the role fell to the head that day
    with here.store.begin() as uow:
        uow.end_absence("a1", None)
        uow.commit()
    assert {one.person for one in here.deliveries.recipients(to_liaison)} == {LIAISON}


def test_a_notice_of_a_case_one_may_not_know_of_is_not_told_them(
    post: Callable[..., Post], mail: MailServer, gateway: Gateway
) -> None:
    here = post("S02", DISPATCHED)
    here.reachable()
    with here.store.engine.begin() as connection:  # as after an accepted return of a restricted case
        connection.exec_driver_sql(
            "UPDATE case_file SET former_departments = ',dept_logistics,', restricted = true"
        )

    assert here.relay().failed == 0
    assert mail.taken == []


EVERYTHING = {"correction_ordered": "both", "correction_overdue": "both", "co_handling_overdue": "both"}


def test_what_is_the_discipline_offices_never_leaves_whatever_the_register_says(
    post: Callable[..., Post], mail: MailServer, gateway: Gateway
) -> None:
    here = post("S06", 0, policy={"notice_channels": EVERYTHING})
    here.reachable()
    here.case.to(len(here.case.case.steps))
    kinds = {one.kind for one in here.case.notices()}

    while here.relay().done:
        pass

    assert {"supervision_clue", "correction_ordered", "co_handling_overdue"} <= kinds
    told = [letter["Subject"] for _, letter in mail.taken] + [one["text"] for one in gateway.taken]
    assert any("协办逾期" in one for one in told)
    assert [one for one in told if "线索" in one or "改正" in one] == []
    assert at(DISCIPLINE) not in mail.to
    assert number(DISCIPLINE) not in gateway.to


def test_a_notice_is_kept_inside_by_whom_it_is_for_its_item_or_its_process(post: Callable[..., Post]) -> None:
    here = post("S02", DISPATCHED)
    release = here.case.house.catalogue.release(here.case.loaded().case.release_no)
    told = here.deliveries.addressed(here.notice("case_assigned"))
    assert told is not None

    def of(**other: Any) -> Addressed:
        return replace(told, notice=replace(told.notice, **other))

    assert not stays_inside(told, release)
    for kept in (
        of(to=DISCIPLINE),
        of(role=DISCIPLINE),
        of(item="m2"),
        of(kind="supervision_clue"),
        of(kind="correction_ordered"),
        replace(told, is_apart=True),
    ):
        assert stays_inside(kept, release)


def test_a_notice_that_is_gone_is_told_to_nobody(post: Callable[..., Post], mail: MailServer) -> None:
    here = post("S02", 1)

    here.outside.deliver("no such notice")

    assert mail.taken == []


def test_relay_and_workers_of_an_installation_use_the_ways_that_its_settings_name(
    post: Callable[..., Post], mail: MailServer, gateway: Gateway, database_url: str, tmp_path: Path
) -> None:
    here = post("S04", REGISTERED)
    here.reachable()
    settings_at(tmp_path / "var", database_url, here.case.house.audit_key)
    given = {"JSJB_VAR": str(tmp_path / "var"), "JSJB_DATABASE_URL": database_url}
    by_mail = {"JSJB_SMTP_URL": f"smtp://127.0.0.1:{mail.port}", "JSJB_MAIL_FROM": "jsjb@school.example"}
    by_message = {"JSJB_SMS_URL": gateway.url, "JSJB_SMS_TOKEN": TOKEN}
    for more in ({}, by_mail, by_message):
        workshop = workshops(Settings.from_environment({**given, **more}))()
        workshop.doers[NOTICE](here.entry("urgent_received"))
        assert isinstance(workshop.outbox, SqlOutbox)
        workshop.outbox._store.close()

    assert (mail.to, gateway.to) == ([at(DIRECTOR)], [number(DIRECTOR)])
    assert "http" not in mail.taken[0][1].get_content()  # no address is known to lead to
