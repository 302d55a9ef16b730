"""Old code goes on beside a `pre`: what it writes then is completed once it has ended. Really done, from schema to schema."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text

from service.domain.replays import TURN
from service.store import SqlStore, migrate
from service.store.migrate import CLOSING, CURRENT, prepare, standing
from tests.store.many_rows import AT

BEFORE_WHO_SEES, BEFORE_RELATED = "0017", "0023"


def put(engine: Engine, table: str, **values: Any) -> None:
    """A row as code of some revision writes it: of the columns that there are later it knows nothing."""
    names = ", ".join(f'"{name}"' for name in values)
    with engine.begin() as connection:
        asked = text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in values)})")
        connection.execute(asked, values)


def a_release(engine: Engine) -> None:
    put(engine, "release", no=1, hash="", label="", by="p1", at=AT, reason="", effective_from=AT)


def a_case(engine: Engine, case_id: str, **over: Any) -> None:
    own = {
        "id": case_id, "case_no": case_id, "release_no": 1, "received_at": AT, "version": 1, "dispatch_no": 1,
        "restricted": False, "opened_by_form": "register_case", "other_columns": "{}", "audit_seq": 0, "audit_head": "",
        "lead_department": "dept_lead",
    }  # fmt: skip
    put(engine, "case_file", **{**own, **over})


def a_side(engine: Engine, case_id: str, department: str, place: int = 1) -> str:
    """A side process of a department."""
    of = f"{case_id}-{department}-{place}"
    put(
        engine, "instance", id=of, case_id=case_id, process="side", state="running", snapshot=b"{}", version=1, place=place,
        dispatch_no=1, department=department,
    )  # fmt: skip
    return of


def handed_in(engine: Engine, case_id: str, form: str, values: dict[str, Any], **over: Any) -> None:
    with engine.connect() as connection:
        seq = connection.execute(text("SELECT count(*) FROM submission")).scalar_one()
    own = {
        "id": f"s{seq}", "case_id": case_id, "seq": seq, "form": form, "values": json.dumps(values), "at": AT, "by": "p1",
        "by_name": "李", "by_role": "office_dispatcher", "dispatch_no": 1, "instance_id": "i", "node": "n", "key": f"k{seq}",
    }  # fmt: skip
    put(engine, "submission", **{**own, **over})


def of(engine: Engine, case_id: str, *columns: str) -> tuple[Any, ...]:
    with engine.connect() as connection:
        asked = text(f"SELECT {', '.join(columns)} FROM case_file WHERE id = :id")
        return tuple(connection.execute(asked, {"id": case_id}).one())


@pytest.fixture
def prepared(empty: SqlStore) -> Engine:
    """A database of the schema before 0018, prepared for the code of today; the code of then runs on."""
    migrate(empty.engine, BEFORE_WHO_SEES)
    a_release(empty.engine)
    a_case(empty.engine, "early", contact="136 0000 0001")
    handed_in(empty.engine, "early", "register_case", {"complained_department": "dept_a"})
    prepare(empty.engine)
    assert standing(empty.engine) == CLOSING
    return empty.engine


def test_what_a_case_says_of_itself_is_told_whenever_old_code_wrote_it(prepared: Engine) -> None:
    a_case(prepared, "late", contact="(010) 6000-0002")
    handed_in(prepared, "late", "register_case", {"complained_department": "dept_b"})
    a_side(prepared, "late", "dept_c")
    a_side(prepared, "late", "dept_d", place=2)
    seen = ("contact_digits", "complained_departments", "co_departments")
    assert of(prepared, "late", *seen) == (None, "", "")

    migrate(prepared)

    assert standing(prepared) == CURRENT
    assert of(prepared, "late", *seen) == ("01060000002", ",dept_b,", ",dept_c,dept_d,")
    assert of(prepared, "early", *seen) == ("13600000001", ",dept_a,", "")


def test_a_number_that_old_code_changed_is_found_by_the_new_one(prepared: Engine) -> None:
    with prepared.begin() as connection:
        connection.execute(text("UPDATE case_file SET contact = '138 0000 0009' WHERE id = 'early'"))

    migrate(prepared)

    assert of(prepared, "early", "contact_digits") == ("13800000009",)


def test_what_the_discipline_office_started_meanwhile_is_kept_apart(prepared: Engine) -> None:
    a_case(prepared, "late")
    theirs, other = a_side(prepared, "late", "dept_c"), a_side(prepared, "late", "dept_d", place=2)
    handed_in(prepared, "late", "open_supervision", {}, by_role="discipline", started=theirs)
    handed_in(prepared, "late", "assign_co_handling", {"co_department": "dept_d"}, started=other)

    migrate(prepared)

    with prepared.connect() as connection:
        apart = connection.execute(text("SELECT id FROM instance WHERE is_apart")).scalars().all()
    assert apart == [theirs]


def test_what_others_have_to_do_in_stays_theirs_whoever_started_it(prepared: Engine) -> None:
    """As the code of today tells it: a process is the discipline office's where all that is done in it is."""
    a_case(prepared, "late")
    done, to_do, theirs = (a_side(prepared, "late", f"dept_{place}", place) for place in range(3))
    for one in (done, to_do, theirs):
        handed_in(prepared, "late", "ask_for_words", {}, by_role="discipline", started=one, instance_id=one)
    handed_in(prepared, "late", "give_words", {}, by_role="dept_head", instance_id=done)
    for one, audience in ((to_do, "dept_head"), (theirs, "discipline")):
        put(
            prepared, "task", id=f"t-{one}", case_id="late", instance_id=one, node="n", form="f", name="x", audience=audience,
            optional=False, opened_at=AT, state="open",
        )  # fmt: skip

    migrate(prepared)

    with prepared.connect() as connection:
        apart = connection.execute(text("SELECT id FROM instance WHERE is_apart")).scalars().all()
    assert apart == [theirs]


@pytest.mark.parametrize(
    "lead, dispatched_in, decision, helps",
    [
        ("dept_lead", 1, "rejected", ",dept_c,"),
        ("dept_lead", 1, "sustained", ""),
        ("dept_lead", 0, "rejected", ""),
        (None, 1, "rejected", ""),
    ],
    ids=["helps", "objection sustained", "of an earlier dispatch", "given back"],
)
def test_who_was_released_from_helping_is_not_told_to_help(
    prepared: Engine, lead: str | None, dispatched_in: int, decision: str, helps: str
) -> None:
    a_case(prepared, "late", lead_department=lead)
    side = a_side(prepared, "late", "dept_c")
    asked = {"co_department": "dept_c"}
    handed_in(prepared, "late", "assign_co_handling", asked, dispatch_no=dispatched_in, started=side)
    handed_in(prepared, "late", "rule_objection", {"decision": decision}, instance_id=side)

    migrate(prepared)

    assert of(prepared, "late", "co_departments") == (helps,)


def test_a_risk_report_filed_meanwhile_is_found_by_its_case(empty: SqlStore) -> None:
    migrate(empty.engine, BEFORE_RELATED)
    a_release(empty.engine)
    prepare(empty.engine)
    a_case(empty.engine, "late", opened_by_form="risk_report")
    handed_in(empty.engine, "late", "risk_report", {"related_case": None})
    handed_in(empty.engine, "late", "risk_report", {"related_case": "JSJB-1"})
    handed_in(empty.engine, "late", "risk_report", {"related_case": "JSJB-2"})
    a_case(empty.engine, "other")
    handed_in(empty.engine, "other", "risk_report", {"related_case": "JSJB-3"})

    migrate(empty.engine)

    assert of(empty.engine, "late", "related_case") == ("JSJB-1",)
    assert of(empty.engine, "other", "related_case") == (None,)


def test_a_file_that_was_taken_out_of_a_draft_meanwhile_is_to_go(empty: SqlStore) -> None:
    engine = empty.engine
    migrate(engine, "0012")
    a_release(engine)
    put(engine, "person", id="p1", account="p1", name="李")
    draft = {"id": "d1", "person_id": "p1", "title": "x", "base_release_no": 1, "version": 1}
    put(engine, "draft", **draft, created_at=AT, changed_at=AT)
    prepare(engine)
    put(engine, "draft_file", draft_id="d1", name="gone", content=None)
    put(engine, "draft_file", draft_id="d1", name="kept", content=b"x")

    migrate(engine)

    with engine.connect() as connection:
        gone = connection.execute(text("SELECT name FROM draft_file WHERE removed")).scalars().all()
    assert gone == ["gone"]


def test_a_replay_that_old_code_did_with_other_eyes_is_gone_and_those_of_today_stay(empty: SqlStore) -> None:
    engine = empty.engine
    migrate(engine, "0038")
    a_release(engine)
    a_case(engine, "c1")
    put(engine, "person", id="p1", account="p1", name="李")
    for one, kind in (("old", "replay"), ("new", TURN)):
        put(
            engine, "replay", id=one, draft_id="d1", hash="", person_id="p1", asked_at=AT, since=AT, state="waiting",
            changed_at=AT,
        )  # fmt: skip
        put(engine, "replay_case", replay_id=one, case_id="c1", outcome="same", told="{}")
        put(engine, "outbox", key=f"replay:{one}:0", kind=kind, payload="{}", at=AT, attempts=0)

    migrate(engine)

    with engine.connect() as connection:
        for asked in ("id FROM replay", "replay_id FROM replay_case"):
            assert connection.execute(text(f"SELECT {asked}")).scalars().all() == ["new"]
        assert connection.execute(text("SELECT kind FROM outbox")).scalars().all() == [TURN]


def test_what_the_code_of_today_has_told_stays(store: SqlStore) -> None:
    a_release(store.engine)
    told = {"co_departments": ",dept_x,", "complained_departments": ",dept_y,", "related_case": "JSJB-9"}
    a_case(store.engine, "new", opened_by_form="risk_report", contact="匿名", **told)
    handed_in(store.engine, "new", "register_case", {"complained_department": "dept_b"})
    handed_in(store.engine, "new", "risk_report", {"related_case": "JSJB-1"})
    a_side(store.engine, "new", "dept_c")
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0037'"))

    migrate(store.engine)

    assert of(store.engine, "new", "contact_digits", *told) == (None, *told.values())


def test_the_rows_above_are_those_that_old_code_could_write(empty: SqlStore) -> None:
    migrate(empty.engine, BEFORE_WHO_SEES)
    names = {column["name"] for column in inspect(empty.engine).get_columns("case_file")}

    assert not names & {"co_departments", "complained_departments", "contact_digits", "related_case"}
