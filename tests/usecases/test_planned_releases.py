"""What is planned and what is released now, one beside the other: nothing comes early or is changed back unsaid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from service.content.overlaps import Revision, repeated, undone
from service.domain.errors import ContentInvalid
from service.domain.people import PROCESS_OWNER, Grant, Person
from service.ops.first_start import prepare
from service.ops.settings import Settings
from service.usecases.house import House
from service.usecases.release_content import Known, noticed_beside, release_content
from tests.usecases.houses import Played, shipped
from tests.usecases.test_upkeep import changed_days, run
from timers.clock import BEIJING

OWNER = Person("owner", "owner", "林晓", (Grant(PROCESS_OWNER),))
TABLE, POLICY, FORM = "bpmn/deadlines.dmn", "bpmn/policy.yaml", "forms/register_case.form"
Files = dict[str, bytes]


def two_days(files: Mapping[str, bytes]) -> Files:
    """The files with two days for the feedback."""
    return {**files, TABLE: changed_days(files[TABLE].decode()).encode()}


def renamed(files: Mapping[str, bytes]) -> Files:
    """The files with another word in a form."""
    assert files[FORM].count('来信来访"'.encode()) == 1
    return {**files, FORM: files[FORM].replace('来信来访"'.encode(), '来信或来访"'.encode())}


@pytest.fixture
def house(play: Callable[..., Played]) -> House:
    return play("S02").house


def plan(house: House, files: Files, in_hours: int, **more: object) -> datetime:
    """A release for later; when."""
    since = house.clock.now() + timedelta(hours=in_hours)
    release_content(house, files, by=OWNER, reason=f"{in_hours}", effective_from=since, **more)  # type: ignore[arg-type]
    return since


def refused(house: House, files: Files, **more: object) -> list[tuple[str, str]]:
    """The rule and the message of each finding that keeps the files from being released."""
    with pytest.raises(ContentInvalid) as raised:
        release_content(house, files, by=OWNER, reason="试", **more)  # type: ignore[arg-type]
    return [(one.rule, one.message) for one in raised.value.findings]


def test_what_is_planned_does_not_come_early_unsaid(house: House) -> None:
    base = dict(shipped().files)
    since = plan(house, two_days(base), 19)

    found = refused(house, renamed(two_days(base)))

    when = since.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    (early, said), (back, told) = found
    assert (early, back) == ("release.early", "release.taken_back")
    assert said.startswith(f"第 2 版计划于 {when} 生效的改动将提前生效：")
    assert "数量 3 → 2" in said
    assert FORM not in said
    assert told == f"到 {when} 第 2 版生效时，这一版的这些改动会被改回：{FORM}。"


def test_what_is_made_from_the_release_in_force_is_not_changed_back_unsaid(house: House) -> None:
    base = dict(shipped().files)
    plan(house, two_days(base), 1)

    assert [rule for rule, _ in refused(house, renamed(base))] == ["release.taken_back"]

    row = release_content(house, renamed(base), by=OWNER, reason="照此", known=Known(planned=True))
    assert row.no == 3


def test_a_release_for_later_does_not_take_back_what_came_before_it_unsaid(house: House) -> None:
    base = dict(shipped().files)
    plan(house, two_days(base), 1)
    since = house.clock.now() + timedelta(hours=2)

    assert [rule for rule, _ in refused(house, base, effective_from=since)] == ["release.takes_back"]
    meant = release_content(
        house, base, by=OWNER, reason="改回", effective_from=since, known=Known(made_from=2)
    )

    assert meant.no == 3


def test_what_follows_the_planned_release_and_holds_it_meets_nothing(house: House) -> None:
    base = dict(shipped().files)
    plan(house, two_days(base), 1)

    plan(house, renamed(two_days(base)), 2)

    with house.store.begin(reading=True) as uow:
        assert [row.no for row in uow.releases()] == [1, 2, 3]


def test_words_are_held_to_the_release_that_is_in_force_then(house: House) -> None:
    base = dict(shipped().files)
    plan(house, two_days(base), 1)

    now = noticed_beside(house, two_days(base))
    later = noticed_beside(house, two_days(base), house.clock.now() + timedelta(hours=2))

    assert {one.rule for one in now} >= {"deadlines.stale_basis", "release.early"}
    assert later == []


def test_content_whose_place_another_took_is_released_again(house: House) -> None:
    base = dict(shipped().files)
    since = plan(house, two_days(base), 1)
    known = Known(planned=True)
    now = release_content(house, renamed(base), by=OWNER, reason="先改字", known=known)
    again = release_content(house, renamed(base), by=OWNER, reason="再发一次", known=known)

    later = release_content(
        house, renamed(base), by=OWNER, reason="仍按这样", effective_from=since + timedelta(1), known=known
    )

    assert (now.no, again.no, later.no) == (3, 3, 4)


def test_the_command_says_it_and_goes_on_only_where_it_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JSJB_VAR", str(tmp_path / "var"))
    prepare(Settings.from_environment(), demo=False, say=lambda _: None)
    for name, change in (("first", two_days), ("second", renamed)):
        for file, content in change(shipped().files).items():
            (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / file).write_bytes(content)
    second = ("release", str(tmp_path / "second"), "--reason", "改字")
    assert (
        run("release", str(tmp_path / "first"), "--reason", "两日", "--from", "2099-01-01T00:00:00")[0] == 0
    )

    code, said = run(*second)
    anyway = run(*second, "--anyway")

    assert code == 1
    assert f"到 2099-01-01 00:00 第 2 版生效时，这一版的这些改动会被改回：{FORM}" in said
    assert "--anyway" in said
    assert anyway[0] == 0
    assert "第 3 版" in anyway[1]
    assert "会被改回" in anyway[1]


A, B, C = b"version: v1\n", b"version: v1\na: bb\n", b"version: v1\na: cc\n"


@pytest.mark.parametrize(
    "of, by, same",
    [
        (({}, {"x": A}), ({}, {"x": A}), ["x"]),
        (({}, {"x": A}), ({}, {"x": B}), ["x"]),
        (({"x": A}, {}), ({"x": A}, {}), ["x"]),
        (({"x": A}, {}), ({"x": A}, {"x": B}), []),
        (({"x": A}, {"x": B}), ({"x": A}, {"x": B + b"c: dd\n"}), ["x"]),
        (({"x": A}, {"x": B}), ({"x": A}, {"x": C}), []),
        (({"x": A}, {"x": B}), ({"y": A}, {"y": B}), []),
    ],
)
def test_the_same_change_in_two_places(
    of: tuple[Files, Files], by: tuple[Files, Files], same: list[str]
) -> None:
    assert [one.name for one in repeated(Revision(*of), Revision(*by))] == same


@pytest.mark.parametrize(
    "of, by, gone",
    [
        (({}, {"x": A}), {}, ["x"]),
        (({}, {"x": A}), {"x": A}, []),
        (({"x": A}, {}), {"x": A}, ["x"]),
        (({"x": A}, {"x": B}), {}, ["x"]),
        (({"x": A}, {"x": B}), {"x": A}, ["x"]),
        (({"x": A}, {"x": B}), {"x": C}, ["x"]),
        (({"x": A}, {"x": B}), {"x": B + b"c: dd\n"}, []),
    ],
)
def test_a_change_that_is_taken_back(of: tuple[Files, Files], by: Files, gone: list[str]) -> None:
    assert [one.name for one in undone(Revision(*of), by)] == gone
