"""Lists hold what the table of permissions lets a person see, no row more and no row less."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest
from sqlalchemy import select, text

from service.domain.people import DISCIPLINE, GRANTED_ROLES, Grant, Person
from service.domain.permissions import CaseRelations, sight
from service.domain.roster import Department
from service.store import SqlStore
from service.store.migrate import migrate
from service.store.reads.sight import (
    KEY_COLUMNS,
    as_seen_by,
    read_whole_by,
    sights_of,
    title_of,
    title_shown_to,
)
from service.store.store import open_store
from service.store.tables import case_file
from tests.store.cases import NOON, a_case, an_instance, opening, with_release

# `dept_it` and `dept_it_2`: one name begins with the other
HERE, LIKE_HERE, OTHER = "dept_it", "dept_it_2", "deptXit"
ROLES_OF_A_DEPARTMENT = {"dept_liaison", "dept_handler", "dept_head"}


@dataclass(frozen=True)
class Situation:
    """What of a case decides who sees it."""

    lead: str | None
    former: tuple[str, ...]
    helping: str | None
    supervised: bool
    restricted: bool
    raised_by: str | None
    complained: str | None

    def relations(self) -> CaseRelations:
        return CaseRelations(
            restricted=self.restricted,
            lead_department=self.lead,
            former_departments=self.former,
            co_departments=(self.helping,) if self.helping else (),
            has_supervision=self.supervised,
            raised_by=self.raised_by,
            complained_departments=(self.complained,) if self.complained else (),
        )


SITUATIONS = {
    f"c{n}": Situation(*values)
    for n, values in enumerate(
        itertools.product(
            (None, HERE, LIKE_HERE),
            ((), (HERE,), (LIKE_HERE, OTHER)),
            (None, HERE, OTHER),
            (False, True),
            (False, True),
            (None, HERE),
            (None, HERE, LIKE_HERE),
        )
    )
}


def people() -> list[Person]:
    """Somebody with each role in each place, somebody with two, somebody with none."""
    places = [HERE, LIKE_HERE, OTHER]
    grants = [
        Grant(role, place)
        for role in GRANTED_ROLES
        for place in (places if role in ROLES_OF_A_DEPARTMENT else [None, HERE])
    ]
    holders = [(grant,) for grant in grants] + [(Grant(DISCIPLINE), Grant("dept_head", OTHER)), ()]
    return [Person(f"p{n}", f"p{n}", "某", held) for n, held in enumerate(holders)]


@pytest.fixture
def full(store: SqlStore) -> SqlStore:
    """A case in every situation."""
    with_release(store)
    with store.begin() as unit:
        for case_id, one in SITUATIONS.items():
            columns = {"order_no": case_id, "order_round": 1, "title": 'a "department":"dept_it" b'}
            if one.raised_by:
                columns["department"] = one.raised_by
            case = a_case(
                case_id,
                lead_department=one.lead,
                former_departments=one.former,
                co_departments=one.relations().co_departments,
                complained_departments=one.relations().complained_departments,
                restricted=one.restricted,
                columns=columns,
            )
            instances = [an_instance(f"i-{case_id}", case_id)]
            if one.helping:
                instances.append(
                    an_instance(f"h-{case_id}", case_id, process="co_handling", department=one.helping)
                )
            if one.supervised:
                # of a name that no release in force knows
                instances.append(an_instance(f"s-{case_id}", case_id, process="inquest", is_apart=True))
            unit.save(opening(case_id, case=case, instances_opened=instances))
        unit.commit()
    return store


def test_a_list_holds_what_the_table_lets_be_seen_row_by_row(full: SqlStore) -> None:
    for person in people():
        meant = {case_id: sight(person, one.relations()) for case_id, one in SITUATIONS.items()}

        with full.reading() as connection:
            listed = set(connection.execute(select(case_file.c.id).where(as_seen_by(person))).scalars())
            rows = connection.execute(select(*KEY_COLUMNS)).all()
            shown = sights_of(connection, person, rows)

        assert listed == {case_id for case_id, seen in meant.items() if not seen.nothing}, person
        assert shown == meant, person


def test_a_title_is_neither_shown_nor_found_where_a_look_would_be_written_down(full: SqlStore) -> None:
    for person in people():
        meant = {case_id: sight(person, one.relations()) for case_id, one in SITUATIONS.items()}

        with full.reading() as connection:
            rows = connection.execute(select(*KEY_COLUMNS)).all()
            shown = sights_of(connection, person, rows)
            titled = {row.key_id for row in rows if title_of(row, shown[row.key_id]) is not None}
            searched = set(connection.execute(select(case_file.c.id).where(title_shown_to(person))).scalars())

        assert titled == {case_id for case_id, seen in meant.items() if seen.content and not seen.logged}
        assert not any(SITUATIONS[case_id].restricted for case_id in titled)
        assert searched <= titled


def test_a_case_is_read_whole_where_all_of_it_is_shown_and_no_look_is_written_down(full: SqlStore) -> None:
    for person in people():
        meant = {case_id: sight(person, one.relations()) for case_id, one in SITUATIONS.items()}

        with full.reading() as connection:
            found = set(connection.execute(select(case_file.c.id).where(read_whole_by(person))).scalars())

        assert found == {case_id for case_id, seen in meant.items() if seen.contact and not seen.logged}, (
            person
        )


def test_a_case_is_assigned_by_the_response_that_names_a_handler_and_never_by_taking_a_task(
    store: SqlStore,
) -> None:
    named, taker = (Person(f"p{n}", f"p{n}", "某", (Grant("dept_handler", HERE),)) for n in (1, 2))
    case = a_case("c1", lead_department=HERE, restricted=True, columns={"title": "x", "handlers": ["p1"]})
    with with_release(store).begin() as unit:
        unit.add_department(Department(HERE, HERE))
        unit.add_person(taker, None)
        unit.save(opening("c1", case=case))
        unit.claim_task("t1-c1", taker.id, NOON)
        unit.commit()

    with store.reading() as connection:
        rows = connection.execute(select(*KEY_COLUMNS)).all()
        found = {one.id: sights_of(connection, one, rows)["c1"] for one in (named, taker)}

    assert (found["p1"].content, found["p1"].logged) == (True, True)
    assert (found["p2"].content, found["p2"].metadata) == (False, True)


def test_somebody_without_a_role_sees_nothing_and_the_office_everything(full: SqlStore) -> None:
    nobody, office = Person("n", "n", "某", ()), Person("o", "o", "某", (Grant("office_dispatcher", HERE),))

    with full.reading() as connection:
        counts = [
            len(connection.execute(select(case_file.c.id).where(as_seen_by(one))).all())
            for one in (nobody, office)
        ]

    assert counts == [0, len(SITUATIONS)]


BEFORE = """
INSERT INTO release (no, hash, label, "by", "at", reason, effective_from)
 VALUES (1, 'h', 'v1', 'p1', '{AT}', 'first', '{AT}');
INSERT INTO case_file (id, case_no, release_no, received_at, version, dispatch_no, restricted, opened_by_form, contact,
 other_columns, audit_seq, audit_head)
 VALUES ('c1', 'n1', 1, '{AT}', 0, 0, false, 'register_case', '（010）００００-0001', '{{}}', 0, '');
INSERT INTO instance (id, case_id, process, state, snapshot, version, place, dispatch_no, department) VALUES
 ('main', 'c1', 'complaint', 'running', :snapshot, 0, 0, 0, NULL),
 ('helps', 'c1', 'co_handling', 'running', :snapshot, 0, 1, 0, 'dept_hr'),
 ('helped', 'c1', 'co_handling', 'ended', :snapshot, 0, 2, 0, 'dept_it'),
 ('theirs', 'c1', 'inquest', 'running', :snapshot, 0, 3, 0, NULL);
INSERT INTO submission (id, case_id, seq, form, "values", "at", "by", by_name, by_role, dispatch_no, instance_id, node,
 "key", started) VALUES
 ('s1', 'c1', 0, 'register_case', '{{"complained_department"%% "dept_hr"}}', '{AT}', 'p1', '李', 'office_dispatcher', 0,
  'main', 'n', 'k1', 'main'),
 ('s2', 'c1', 1, 'open_inquest', '{{}}', '{AT}', 'p2', '孙', 'discipline', 0, 'theirs', 'n', 'k2', 'theirs')
""".format(AT="2024-03-04T04:00:00.000000Z")


def test_what_was_stored_before_a_case_kept_who_sees_it_is_seen_by_the_same_after(
    empty_database_url: str,
) -> None:
    opened = open_store(empty_database_url, durable=False)
    migrate(opened.engine, "0017")
    with opened.engine.begin() as connection:
        for statement in BEFORE.strip().split(";"):
            named = {"snapshot": b"{}"} if ":snapshot" in statement else {}
            connection.execute(text(statement.replace("%%", "\\:")), named)

    migrate(opened.engine)

    with opened.begin() as unit:
        loaded = unit.load("c1")
    with opened.reading() as connection:
        digits = connection.execute(select(case_file.c.contact_digits)).scalar_one()
    opened.close()
    assert loaded.case.co_departments == ("dept_hr", "dept_it")
    assert loaded.case.complained_departments == ("dept_hr",)
    assert [one.id for one in loaded.instances if one.is_apart] == ["theirs"]
    assert digits == "01000000001"
