"""`jsjb doctor` tells a set-up that is well from one that is not, and says what to do."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.ops.cli import make_group
from service.ops.doctor import WARNING, WELL, WRONG
from service.store import migrate, open_store
from tests.post import Gateway, MailServer, serving
from tests.redis_server import RedisForTests, free_port, redis_server
from tests.usecases.houses import playing
from tests.usecases.installations import settings_at

__all__ = ["redis_server"]
EVERY_PART = {
    "密钥",
    "附件目录",
    "网页文件",
    "消息队列",
    "电子邮件",
    "短信",
    "作业",
    "数据库",
    "内容",
    "时钟",
    "计时",
    "例行作业",
    "封印",
    "锚定",
    "发件箱",
    "事件",
}
Examined = dict[str, tuple[str, str]]


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("JSJB_SMTP_URL", "JSJB_SMS_URL", "JSJB_DATABASE_URL", "JSJB_KEYS", "JSJB_REDIS_URL", "PORT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JSJB_VAR", str(tmp_path / "var"))
    return tmp_path / "var"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set-up made once, to be copied."""
    made = tmp_path_factory.mktemp("installed") / "var"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JSJB_VAR", str(made))
        assert CliRunner().invoke(make_group(), ["init"]).exit_code == 0
    return made


@pytest.fixture
def installed(var: Path, template: Path) -> Path:
    shutil.copytree(template, var)
    return var


def examined() -> tuple[int, Examined]:
    found = CliRunner().invoke(make_group(), ["doctor", "--json"])
    told = {one["part"]: (one["state"], one["told"]) for one in json.loads(found.output)}
    return found.exit_code, told


def change(var: Path, *statements: str) -> None:
    """Change the database behind the house's back."""
    with closing(sqlite3.connect(var / "jsjb.sqlite3")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_a_set_up_that_was_just_made_is_well(installed: Path) -> None:
    code, told = examined()

    assert code == 0
    assert set(told) == EVERY_PART
    assert {state for state, _ in told.values()} == {WELL}


def test_before_the_set_up_it_says_to_make_one_and_makes_nothing(var: Path) -> None:
    code, told = examined()

    assert code == 1
    assert {part for part, (state, _) in told.items() if state == WRONG} == {"密钥", "附件目录", "数据库"}
    assert all("jsjb init" in told[part][1] for part in ("密钥", "附件目录", "数据库"))
    assert not var.exists()


def timer(state: str) -> str:
    return (
        "INSERT INTO timer (id, case_id, instance_id, node, purpose, fires_at, due_at, state, generation, fence, attempts)"
        f" VALUES ('t', 'c', 'i', 'n', 'due', '2024-03-04T04:00:00.000000Z', '2024-03-04T04:00:00.000000Z', '{state}', 1, 1, 0)"
    )


AILING: list[tuple[str, str, str, str]] = [
    ("计时", timer("waiting"), WRONG, "jsjb timers"),
    ("计时", timer("parked"), WRONG, "停放"),
    (
        "计时",
        "INSERT INTO sign_of_life (name, at) VALUES ('timers', '2024-03-04T04:00:00.000000Z')",
        WARNING,
        "请启动 jsjb timers",
    ),
    (
        "发件箱",
        "INSERT INTO outbox (key, kind, payload, at, attempts) VALUES ('k', 'notice', '{}', '2024-03-04T04:00:00.000000Z', 0)",
        WRONG,
        "jsjb relay",
    ),
    (
        "事件",
        "INSERT INTO incident (id, kind, message, at) VALUES ('x', 'timer.parked', 'm', '2024-03-04T04:00:00.000000Z')",
        WARNING,
        "1 件",
    ),
    (
        "时钟",
        (
            "INSERT INTO audit (case_id, seq, at, actor, kind, payload, seal)"
            " VALUES ('c', 1, '9000-01-01T00:00:00.000000Z', 'p', 'k', '{}', '')"
        ),
        WRONG,
        "校时",
    ),
    ("数据库", "UPDATE alembic_version SET version_num = '0001'", WRONG, "jsjb init"),
    ("内容", "DELETE FROM release_file", WRONG, ""),
]


@pytest.mark.parametrize("part, statement, state, says", AILING, ids=lambda one: str(one)[:20])
def test_what_ails_is_told_with_what_to_do(
    installed: Path, part: str, statement: str, state: str, says: str
) -> None:
    change(installed, statement)

    code, told = examined()

    assert told[part][0] == state
    assert says in told[part][1]
    assert code == (1 if state == WRONG else 0)


def test_keys_that_others_can_read_are_told(installed: Path) -> None:
    (installed / "keys" / "audit.key").chmod(0o644)

    code, told = examined()

    assert (code, told["密钥"][0]) == (1, WRONG)


@pytest.fixture
def recorded(var: Path) -> Path:
    """An installation with a case in it: something was sealed."""
    store = open_store(f"sqlite:///{var / 'jsjb.sqlite3'}", durable=False)
    migrate(store.engine)
    played = playing(store, var / "attachments").to(2)
    settings_at(var, store.engine.url.render_as_string(), played.house.audit_key)
    store.close()
    return var


def test_where_something_was_sealed_no_other_key_is_made(recorded: Path) -> None:
    (recorded / "keys" / "audit.key").unlink()

    code, told = examined()
    started = CliRunner().invoke(make_group(), ["init"])

    assert (code, told["密钥"][0]) == (1, WRONG)
    assert "取回" in told["密钥"][1]
    assert (started.exit_code, "[settings.key_gone]" in started.output) == (1, True)
    assert not (recorded / "keys" / "audit.key").exists()


def test_a_key_that_is_another_one_is_told(recorded: Path) -> None:
    assert examined()[1]["封印"][0] == WELL
    (recorded / "keys" / "audit.key").write_bytes(b"x" * 32)

    code, told = examined()

    assert (code, told["封印"][0]) == (1, WRONG)
    assert "取回原来的密钥" in told["封印"][1]


def test_fonts_that_were_not_built_are_told(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dist" / "fonts").mkdir(parents=True)
    (tmp_path / "dist" / "app.css").touch()
    monkeypatch.setattr("service.ops.doctor.FONTS", tmp_path / "dist" / "fonts")

    code, told = examined()

    assert (code, told["网页文件"][0], "字体" in told["网页文件"][1]) == (1, WRONG, True)


def test_a_database_that_cannot_be_reached_says_why(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JSJB_DATABASE_URL", f"postgresql://jsjb:geheim@127.0.0.1:{free_port()}/jsjb")

    code, told = examined()

    assert (code, told["数据库"][0]) == (1, WRONG)
    assert "refused" in told["数据库"][1]
    assert "JSJB_DATABASE_URL" in told["数据库"][1]
    assert "geheim" not in told["数据库"][1]


def test_a_queue_that_nobody_works_for_is_told(
    installed: Path, redis_server: RedisForTests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JSJB_REDIS_URL", redis_server.url)

    code, told = examined()

    assert (code, told["作业"][0]) == (0, WARNING)
    assert "没有作业进程应答" in told["作业"][1]


@pytest.mark.parametrize(
    "trouble, state, says",
    [
        (lambda server: None, WELL, "正常"),
        (lambda server: server.client().config_set("requirepass", "another"), WRONG, "不认口令"),
        (lambda server: server.kill(), WRONG, "不会丢通知"),
        (lambda server: server.hang(), WRONG, "不会丢通知"),
        (lambda server: server.client().config_set("maxmemory-policy", "allkeys-lru"), WARNING, "noeviction"),
    ],
    ids=["well", "locked", "gone", "hangs", "forgets"],
)
def test_a_queue_is_asked_whether_it_answers_and_keeps_what_it_is_given(
    installed: Path,
    redis_server: RedisForTests,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Callable[[RedisForTests], object],
    state: str,
    says: str,
) -> None:
    monkeypatch.setenv("JSJB_REDIS_URL", redis_server.url)
    trouble(redis_server)

    code, told = examined()

    assert told["消息队列"][0] == state
    assert says in told["消息队列"][1]
    assert code == (1 if state == WRONG else 0)


@pytest.mark.parametrize(
    "closed, state, says", [(False, WELL, "jsjb@school.example"), (True, WRONG, "邮件会补发")]
)
def test_a_mail_server_is_asked_whether_it_lets_us_in_and_is_sent_nothing(
    installed: Path, monkeypatch: pytest.MonkeyPatch, closed: bool, state: str, says: str
) -> None:
    with serving(MailServer()) as server:
        server.closed = closed
        monkeypatch.setenv("JSJB_SMTP_URL", f"smtp://127.0.0.1:{server.port}")
        monkeypatch.setenv("JSJB_MAIL_FROM", "jsjb@school.example")
        code, told = examined()

    assert told["电子邮件"][0] == state
    assert says in told["电子邮件"][1]
    assert code == (1 if state == WRONG else 0)
    assert [line for line in server.heard if line.upper().startswith(("MAIL", "RCPT", "DATA"))] == []


@pytest.mark.parametrize(
    "status, state, says",
    [(405, WELL, "正常"), (401, WRONG, "JSJB_SMS_TOKEN"), (302, WRONG, "JSJB_SMS_URL"), (500, WRONG, "500")],
)
def test_a_gateway_is_asked_whether_it_knows_us_and_is_sent_nothing(
    installed: Path, monkeypatch: pytest.MonkeyPatch, status: int, state: str, says: str
) -> None:
    with serving(Gateway()) as server:
        server.status = status
        monkeypatch.setenv("JSJB_SMS_URL", server.url)
        monkeypatch.setenv("JSJB_SMS_TOKEN", "geheim")
        _, told = examined()

    assert told["短信"][0] == state
    assert says in told["短信"][1]
    assert (server.asked, server.taken) == ([], [])


def test_it_is_said_in_words_too(installed: Path) -> None:
    found = CliRunner().invoke(make_group(), ["doctor"])

    assert found.exit_code == 0
    assert "正常  数据库：sqlite，表结构是最新的" in found.output
