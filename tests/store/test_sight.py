"""Lists hold what the table of permissions lets a person see, no row more and no row less."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from service.domain.people import DISCIPLINE, GRANTED_ROLES, Grant, Person
from service.domain.permissions import CaseRelations, sight
from service.domain.roster import Department
from service.store import SqlStore
from service.store.reads.sight import KEY_COLUMNS, as_seen_by, sights_of, title_of, title_shown_to
from service.store.tables import case_file
from tests.store.cases import NOON, a_case, an_instance, opening, with_release

SUPERVISION = ("supervision",)
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

    def relations(self) -> CaseRelations:
        return CaseRelations(
            restricted=self.restricted,
            lead_department=self.lead,
            former_departments=self.former,
            co_departments=(self.helping,) if self.helping else (),
            has_supervision=self.supervised,
            raised_by=self.raised_by,
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
                restricted=one.restricted,
                columns=columns,
            )
            instances = [an_instance(f"i-{case_id}", case_id)]
            if one.helping:
                instances.append(
                    an_instance(f"h-{case_id}", case_id, process="co_handling", department=one.helping)
                )
            if one.supervised:
                instances.append(an_instance(f"s-{case_id}", case_id, process="supervision"))
            unit.save(opening(case_id, case=case, instances_opened=instances))
        unit.commit()
    return store


def test_a_list_holds_what_the_table_lets_be_seen_row_by_row(full: SqlStore) -> None:
    for person in people():
        meant = {case_id: sight(person, one.relations()) for case_id, one in SITUATIONS.items()}

        with full.reading() as connection:
            listed = set(
                connection.execute(select(case_file.c.id).where(as_seen_by(person, SUPERVISION))).scalars()
            )
            rows = connection.execute(select(*KEY_COLUMNS)).all()
            shown = sights_of(connection, person, rows, SUPERVISION)

        assert listed == {case_id for case_id, seen in meant.items() if not seen.nothing}, person
        assert shown == meant, person


def test_a_title_is_neither_shown_nor_found_where_a_look_would_be_written_down(full: SqlStore) -> None:
    for person in people():
        meant = {case_id: sight(person, one.relations()) for case_id, one in SITUATIONS.items()}

        with full.reading() as connection:
            rows = connection.execute(select(*KEY_COLUMNS)).all()
            shown = sights_of(connection, person, rows, SUPERVISION)
            titled = {row.key_id for row in rows if title_of(row, shown[row.key_id]) is not None}
            searched = set(connection.execute(select(case_file.c.id).where(title_shown_to(person))).scalars())

        assert titled == {case_id for case_id, seen in meant.items() if seen.content and not seen.logged}
        assert not any(SITUATIONS[case_id].restricted for case_id in titled)
        assert searched <= titled


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
            len(connection.execute(select(case_file.c.id).where(as_seen_by(one, SUPERVISION))).all())
            for one in (nobody, office)
        ]

    assert counts == [0, len(SITUATIONS)]
