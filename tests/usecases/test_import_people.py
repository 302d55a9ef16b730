"""Departments and people out of a spreadsheet: all of it, or nothing and every row that is wrong."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from openpyxl import Workbook

from service.domain.errors import FormInvalid, Invalid
from service.domain.people import HANDLER, LIAISON, OFFICE_DISPATCHER, Grant
from service.domain.roster import Addresses, Appointment, civil_day
from service.usecases.organisation.import_people import import_people
from tests.usecases.houses import Played

HEAD = ["账号", "姓名", "岗位", "部门代号", "部门", "口令"]
NEW = [
    ["liming", "李明", "部门专人", "dept_library", "图书馆", "a long password"],
    ["liming", "李明", "承办人", "dept_library", "图书馆", None],
    ["wangfang", "王芳", "党政办公室派单员", None, None, None],
]


def book(*rows: list[str | None]) -> bytes:
    made = Workbook()
    for row in (HEAD, *rows):
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def text(*rows: list[str | None]) -> bytes:
    return "\n".join(",".join(cell or "" for cell in row) for row in (HEAD, *rows)).encode("utf-8-sig")


@pytest.mark.parametrize("written", [book, text])
def test_a_list_brings_departments_people_and_several_roles_of_one(
    play: Callable[..., Played], written: Callable[..., bytes]
) -> None:
    house = play("S02").house

    taken = import_people(house, written(*NEW))

    with house.store.begin(reading=True) as uow:
        directory = uow.directory(house.clock.now())
    assert (taken.departments, taken.people, taken.changed) == (("图书馆",), ("李明", "王芳"), ())
    assert directory.departments["dept_library"].name == "图书馆"
    assert set(directory.people["liming"].grants) == {
        Grant(LIAISON, "dept_library"),
        Grant(HANDLER, "dept_library"),
    }
    assert directory.people["wangfang"].grants == (Grant(OFFICE_DISPATCHER),)
    assert directory.on_duty("dept_library", LIAISON)


def test_the_same_list_again_changes_nothing_and_another_one_the_roles_alone(
    play: Callable[..., Played],
) -> None:
    house = play("S02").house
    import_people(house, book(*NEW))

    again = import_people(house, book(*NEW))
    fewer = import_people(house, book(NEW[0]))

    assert (again.people, again.changed, len(again.unchanged)) == ((), (), 2)
    assert fewer.changed == ("李明",)
    with house.store.begin(reading=True) as uow:
        people = uow.directory(house.clock.now()).people
    assert people["liming"].grants == (
        Grant(LIAISON, "dept_library"),
        Grant(HANDLER, "dept_library", fallen=True),  # nobody is named any more
    )
    assert "wangfang" in people


REACHED = [*HEAD, "邮箱", "手机"]


def reached_at(*rows: list[str | None]) -> bytes:
    return "\n".join(",".join(cell or "" for cell in row) for row in (REACHED, *rows)).encode("utf-8-sig")


def test_addresses_come_with_the_list_and_an_empty_cell_takes_none_away(play: Callable[..., Played]) -> None:
    house = play("S02").house
    li = ["liming", "李明", "部门专人", "dept_library", "图书馆", None]
    import_people(house, reached_at([*li, "li@school.example", "138 0000 0000"]))

    other = import_people(house, reached_at([*li, "", "13900000000"]))
    again = import_people(house, reached_at([*li, "", ""]))

    assert (other.changed, again.changed) == (("李明",), ())
    with house.store.begin(reading=True) as uow:
        assert uow.roster().members["liming"].addresses == Addresses("li@school.example", "13900000000")


def test_an_address_that_is_none_keeps_the_list_out(play: Callable[..., Played]) -> None:
    li = ["liming", "李明", "部门专人", "dept_library", "图书馆", None]

    with pytest.raises(FormInvalid) as refused:
        import_people(play("S02").house, reached_at([*li, "李明", "010-8888-6666"]))

    assert [(one.path, one.code) for one in refused.value.fields] == [("2.邮箱", "form"), ("2.手机", "form")]


def test_a_rehearsal_of_it_writes_nothing(play: Callable[..., Played]) -> None:
    house = play("S02").house

    taken = import_people(house, book(*NEW), apply=False)

    with house.store.begin(reading=True) as uow:
        assert "liming" not in uow.directory(house.clock.now()).people
    assert taken.people == ("李明", "王芳")


def test_one_wrong_row_keeps_out_all_and_every_one_is_named(play: Callable[..., Played]) -> None:
    house = play("S02").house
    rows = [
        *NEW,
        ["aa", "甲", "科长", None, None, None],
        ["bb", "乙", "承办人", None, None, None],
        ["cc", "", "承办人", "dept_new", None, "short"],
    ]

    with pytest.raises(FormInvalid) as refused:
        import_people(house, book(*rows))

    assert [(one.path, one.code) for one in refused.value.fields] == [
        ("5.岗位", "unknown"),
        ("6.部门代号", "required"),
        ("7.姓名", "required"),
        ("7.部门", "required"),
        ("7.口令", "short"),
    ]
    with house.store.begin(reading=True) as uow:
        assert "liming" not in uow.directory(house.clock.now()).people


@pytest.mark.parametrize(
    "content, code",
    [
        (b"PK not a book", "people.unreadable"),
        (b"\xff\xfe\x00", "people.unreadable"),
        ("姓名,岗位\n甲,承办人".encode(), "people.columns"),
        (b"", "people.columns"),
    ],
)
def test_what_is_no_list_is_told(play: Callable[..., Played], content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        import_people(play("S02").house, content)

    assert refused.value.code == code


def test_who_moves_to_another_department_keeps_the_old_appointment_with_its_end(
    play: Callable[..., Played],
) -> None:
    house = play("S02").house
    import_people(house, book(*NEW))
    moved = [["liming", "李明", "部门专人", "dept_archive", "档案馆", None]]
    now = house.clock.now()

    told = import_people(house, book(*moved), apply=False)
    taken = import_people(house, book(*moved))
    again = import_people(house, book(*moved))

    with house.store.begin(reading=True) as uow:
        held = uow.roster().members["liming"].appointments
        directory = uow.directory(now)
    today = civil_day(now)
    assert set(held) == {
        Appointment(LIAISON, "dept_library", until=today, ended_at=now),
        Appointment(HANDLER, "dept_library", until=today, ended_at=now),
        Appointment(LIAISON, "dept_archive", since=today),
    }
    grants = directory.people["liming"].grants
    assert [one for one in grants if not one.fallen] == [Grant(LIAISON, "dept_archive")]
    assert (told.changed, taken.changed, again.changed) == (("李明",), ("李明",), ())
    assert again.unchanged == ("李明",)


def test_another_name_in_the_list_is_the_name_from_then_on_and_is_recorded(
    play: Callable[..., Played],
) -> None:
    house = play("S02").house
    import_people(house, book(*NEW))
    renamed = [[row[0], "李铭" if row[0] == "liming" else row[1], *row[2:]] for row in NEW]

    told = import_people(house, book(*renamed), apply=False)
    with house.store.begin(reading=True) as uow:
        before = uow.roster().members["liming"]
    taken = import_people(house, book(*renamed), by="admin")
    again = import_people(house, book(*renamed))

    assert (told.changed, taken.changed, again.changed) == (("李铭（原名李明）",), ("李铭（原名李明）",), ())
    with house.store.begin(reading=True) as uow:
        after = uow.roster().members["liming"]
        _, records = uow.chain("person", "admin")
    assert (before.name, after.name, after.appointments) == ("李明", "李铭", before.appointments)
    assert records[-1].payload["renamed"] == {"liming": ["李明", "李铭"]}


def test_one_account_with_two_names_keeps_the_list_out(play: Callable[..., Played]) -> None:
    rows = [NEW[0], ["liming", "李铭", *NEW[1][2:]], ["wangfang", "王" * 41, *NEW[2][2:]]]

    with pytest.raises(FormInvalid) as refused:
        import_people(play("S02").house, book(*rows))

    assert [(one.path, one.code) for one in refused.value.fields] == [
        ("3.姓名", "differs"),
        ("4.姓名", "long"),
    ]


def test_a_department_whose_only_liaison_is_moved_away_is_named(play: Callable[..., Played]) -> None:
    house = play("S02").house
    first = import_people(house, book(*NEW))
    moved = [["liming", "李明", "部门专人", "dept_archive", "档案馆", None]]

    told = import_people(house, book(*moved), apply=False).left_empty
    taken = import_people(house, book(*moved)).left_empty
    again = import_people(house, book(*moved)).left_empty

    no_head = "没有部门负责人：紧急件无人可达"
    assert first.left_empty == (f"图书馆：{no_head}",)
    assert told == taken
    assert set(taken) == {
        "图书馆：没有指定专人：一般件不能派到本部门（第四条第四款）",
        f"档案馆：{no_head}",
    }
    assert again == ()


def test_who_is_one_of_two_liaisons_leaves_no_gap(play: Callable[..., Played]) -> None:
    house = play("S02").house
    second = ["zhaowu", "赵五", "部门专人", "dept_library", "图书馆", "a long password"]
    import_people(house, book(*NEW, second))

    left = import_people(house, book(["liming", "李明", "承办人", "dept_library", None, None])).left_empty

    assert left == ()


def test_a_department_that_never_named_a_liaison_is_not_left_without_one(play: Callable[..., Played]) -> None:
    house = play("S02").house
    import_people(house, book(["liming", "李明", "部门负责人", "dept_library", "图书馆", "a long password"]))

    left = import_people(house, book(NEW[2])).left_empty

    assert left == ()
