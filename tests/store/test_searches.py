"""What people look for is theirs, for as long as they are logged in. Both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from service.domain.logins import LoginSession
from service.domain.people import Person
from service.store import SqlStore
from service.store.logins import SqlLogins
from service.store.searches import KEPT, forget_searches, keep_search, kept_words
from tests.store.cases import NOON

NAME = "欧阳若水"


@pytest.fixture
def looking(store: SqlStore) -> SqlStore:
    """Two people, the first of them logged in twice."""
    with store.begin() as unit:
        for person in ("p1", "p2"):
            unit.add_person(Person(person, person, person), None)
        unit.commit()
    for login, person in (("l1", "p1"), ("l2", "p1"), ("l3", "p2")):
        SqlLogins(store).open(LoginSession(login, person, NOON, NOON, NOON + timedelta(hours=12)))
    return store


def test_words_are_found_by_their_key_in_another_process_by_the_same_login_alone(
    looking: SqlStore, open_database: Callable[..., SqlStore]
) -> None:
    key = keep_search(looking, "l1", "p1", NAME, NOON)

    assert NAME not in key
    assert kept_words(open_database(), "l1", "p1", key) == NAME
    assert kept_words(looking, "l2", "p1", key) == ""
    assert kept_words(looking, "l1", "p2", key) == ""
    assert kept_words(looking, "l3", "p2", key) == ""


def test_the_same_words_have_one_key_in_a_login(looking: SqlStore) -> None:
    first = keep_search(looking, "l1", "p1", NAME, NOON)

    assert keep_search(looking, "l1", "p1", NAME, NOON + timedelta(minutes=1)) == first
    assert keep_search(looking, "l2", "p1", NAME, NOON) != first


def test_the_latest_of_each_login_are_kept(looking: SqlStore) -> None:
    other = keep_search(looking, "l3", "p2", NAME, NOON)
    keys = [keep_search(looking, "l1", "p1", f"{n}", NOON + timedelta(seconds=n)) for n in range(KEPT + 2)]

    words = [kept_words(looking, "l1", "p1", key) for key in keys]

    assert words == ["", "", *(f"{n}" for n in range(2, KEPT + 2))]
    assert kept_words(looking, "l3", "p2", other) == NAME


def test_searches_of_one_instant_keep_the_one_just_made(looking: SqlStore) -> None:
    for n in range(3 * KEPT):
        key = keep_search(looking, "l1", "p1", f"{n}", NOON)
        assert kept_words(looking, "l1", "p1", key) == f"{n}"


@pytest.mark.parametrize("way", ["revoke", "revoke_all", "open", "forget"])
def test_words_go_with_their_login(looking: SqlStore, way: str) -> None:
    keys = {
        login: keep_search(looking, login, person, NAME, NOON)
        for login, person in (("l1", "p1"), ("l3", "p2"))
    }
    logins, later = SqlLogins(looking), NOON + timedelta(hours=13)

    if way == "revoke":
        logins.revoke("l1", NOON)
    elif way == "revoke_all":
        logins.revoke_all("p1", NOON)
    elif way == "open":
        logins.open(LoginSession("l4", "p2", later, later, later + timedelta(hours=12)))
    else:
        assert forget_searches(looking, NOON) == 0
        assert forget_searches(looking, later) == 2

    assert kept_words(looking, "l1", "p1", keys["l1"]) == ""
    assert kept_words(looking, "l3", "p2", keys["l3"]) == ("" if way in {"open", "forget"} else NAME)
