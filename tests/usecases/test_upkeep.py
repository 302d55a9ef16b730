"""Upkeep: releases out of and into folders, audit chains, a parked timer that is let go again, readiness."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.domain.errors import ContentInvalid, Refused
from service.domain.people import ADMIN, PROCESS_OWNER, Grant, Person
from service.ops.cli import make_group
from service.ops.factory import create_app
from service.ops.first_start import prepare, start_anew
from service.ops.settings import Settings
from service.usecases.release_content import release_content
from service.usecases.verify_audit import verify_audit
from tests.usecases.houses import PROJECT, Played, shipped
from timers.clock import BEIJING

OWNER = Person("owner", "owner", "林晓", (Grant(PROCESS_OWNER),))


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation of its own, set up."""
    monkeypatch.setenv("JSJB_VAR", str(tmp_path / "var"))
    settings = Settings.from_environment()
    prepare(settings, demo=False, say=lambda _: None)
    return settings


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(make_group(), list(arguments))
    return done.exit_code, done.output


def test_a_release_goes_out_to_a_folder_and_comes_back_as_the_same(
    installation: Settings, tmp_path: Path
) -> None:
    code, _ = run("release", "export", "1", str(tmp_path / "out"))
    again = run("release", str(tmp_path / "out"), "--reason", "原样再发布")

    assert code == 0
    assert "没有发布新版本" in again[1]  # the same files under the same label are no new version
    assert (tmp_path / "out/bpmn/complaint.bpmn").read_bytes() == (
        PROJECT / "bpmn/complaint.bpmn"
    ).read_bytes()


def test_an_export_never_overwrites(installation: Settings, tmp_path: Path) -> None:
    (tmp_path / "bpmn").mkdir()
    (tmp_path / "bpmn/complaint.bpmn").write_text("mine")

    code, said = run("release", "export", "1", str(tmp_path))

    assert code == 1
    assert "请换一个空文件夹" in said
    assert (tmp_path / "bpmn/complaint.bpmn").read_text() == "mine"


def test_content_that_is_wrong_is_not_released_and_every_finding_is_told(
    installation: Settings, tmp_path: Path
) -> None:
    run("release", "export", "1", str(tmp_path / "out"))
    form = tmp_path / "out/forms/dispatch.form"
    form.write_text(form.read_text().replace('"textfield"', '"hologram"', 1))

    code, said = run("release", str(tmp_path / "out"), "--reason", "试")

    assert code == 1
    assert "dispatch.form" in said
    assert run("release", "list")[1].count("\n") == 1


def test_first_start_is_safe_to_repeat_and_fresh_starts_anew(installation: Settings) -> None:
    prepare(installation, demo=False, say=lambda _: None)
    assert run("release", "list")[1].count("\n") == 1

    start_anew(installation)

    assert installation.database_file is not None
    assert not installation.database_file.exists()


def test_readiness_tells_a_database_that_was_never_set_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JSJB_VAR", str(tmp_path / "var"))
    client = create_app().test_client()

    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").status_code == 503
    prepare(Settings.from_environment(), demo=False, say=lambda _: None)
    assert client.get("/readyz").status_code == 200


def test_only_a_process_owner_releases_and_only_with_a_reason(play: Callable[..., Played]) -> None:
    house = play("S02").house
    files = dict(shipped().files)

    with pytest.raises(Refused):
        release_content(house, files, by=Person("x", "x", "x", (Grant(ADMIN),)), reason="试")
    with pytest.raises(ContentInvalid, match="内容"):
        release_content(house, files, by=OWNER, reason=" ")


def test_a_case_keeps_the_release_of_its_receipt(play: Callable[..., Played]) -> None:
    case = play("S02").to(1)
    files = dict(shipped().files)
    table = files["bpmn/deadlines.dmn"].decode()
    files["bpmn/deadlines.dmn"] = changed_days(table).encode()

    row = release_content(case.house, files, by=OWNER, reason="反馈改为两日", label="v2")
    case.to(4)

    assert row.no == 2
    assert case.loaded().case.release_no == 1
    assert (case.clock("handling_feedback").due - case.clock("handling_feedback").start).days == 3
    later = case.house.catalogue.current(case.house.clock.now())
    assert later.content.deadlines.rule("handling_feedback", {}, {}).amount == 2


def test_releases_are_told_apart_by_name(play: Callable[..., Played]) -> None:
    case = play("S02").to(1)
    files = dict(shipped().files)
    table = files["bpmn/deadlines.dmn"].decode()
    changed = {**files, "bpmn/deadlines.dmn": changed_days(table).encode()}

    second = release_content(case.house, changed, by=OWNER, reason="反馈改为两日")
    again = release_content(case.house, changed, by=OWNER, reason="反馈改为两日")
    with pytest.raises(ContentInvalid) as refused:
        release_content(case.house, files, by=OWNER, reason="改回三日", label=second.label)
    third = release_content(case.house, files, by=OWNER, reason="改回三日")

    day = case.house.clock.now().astimezone(BEIJING).date()
    assert (second.no, second.label) == (2, f"v2（{day}）")
    assert again == second
    assert [one.rule for one in refused.value.findings] == ["release.label_taken"]
    assert (third.no, third.label) == (3, f"v3（{day}）")


@pytest.mark.parametrize(
    "label, rule",
    [
        ("  三日   版 ", "release.label_taken"),
        ("Ｖ９", "release.label_taken"),
        ("v9", "release.label_taken"),
        ("名" * 41, "release.label"),
        ("   ", "release.label"),
    ],
)
def test_names_that_nobody_could_tell_apart_are_one(
    play: Callable[..., Played], label: str, rule: str
) -> None:
    house, files = play("S02").house, dict(shipped().files)
    changed = {**files, "bpmn/deadlines.dmn": changed_days(files["bpmn/deadlines.dmn"].decode()).encode()}
    assert release_content(house, changed, by=OWNER, reason="改", label=" 三日 版").label == "三日 版"
    assert release_content(house, files, by=OWNER, reason="改回", label="V9").no == 3

    with pytest.raises(ContentInvalid) as refused:
        release_content(house, changed, by=OWNER, reason="又改", label=label)

    assert [one.rule for one in refused.value.findings] == [rule]


def test_no_release_governs_what_was_received_before_it_was_made(play: Callable[..., Played]) -> None:
    house = play("S02").house
    files = dict(shipped().files)
    files["bpmn/deadlines.dmn"] = changed_days(files["bpmn/deadlines.dmn"].decode()).encode()
    now = house.clock.now()

    with pytest.raises(ContentInvalid) as refused:
        release_content(house, files, by=OWNER, reason="倒签", effective_from=now - timedelta(seconds=1))

    assert [one.rule for one in refused.value.findings] == ["release.back_dated"]
    assert release_content(house, files, by=OWNER, reason="即日", effective_from=now).no == 2


def changed_days(table: str) -> str:
    """The deadline table with two days for the feedback instead of three."""
    row = table.index('"handling_feedback"')
    cell = table.index("<text>3</text>", row)
    return table[:cell] + "<text>2</text>" + table[cell + len("<text>3</text>") :]


def test_every_chain_is_verified_and_one_that_was_cut_is_named(play: Callable[..., Played]) -> None:
    case = play("S02").to(5)
    assert verify_audit(case.house).broken == []

    engine = case.house.store.engine  # type: ignore[attr-defined]
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE case_file SET audit_head = '{'0' * 64}' WHERE id = '{case.case_id}'"
        )

    assert [case_no for case_no, _ in verify_audit(case.house).broken] == [case.loaded().case.case_no]
