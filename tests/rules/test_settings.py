"""Settings are read once, checked, and say plainly what is wrong."""

from __future__ import annotations

import dataclasses
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from service.domain.errors import Invalid
from service.ops.keys import KEY_BYTES, KeyUnsafe, keep_key
from service.ops.settings import Settings


def test_an_empty_environment_gives_the_embedded_service(tmp_path: Path):
    settings = Settings.from_environment({"JSJB_VAR": str(tmp_path)})

    assert settings.is_embedded
    assert settings.database_url == f"sqlite:///{tmp_path / 'jsjb.sqlite3'}"
    assert settings.keys_dir == tmp_path / "keys"
    assert settings.redis_url is None
    assert (settings.host, settings.port, settings.demo) == ("127.0.0.1", 8000, False)


def test_every_setting_is_taken_from_the_environment(tmp_path: Path):
    settings = Settings.from_environment(
        {
            "JSJB_VAR": str(tmp_path),
            "JSJB_DATABASE_URL": "postgresql://jsjb:secret@db/jsjb",
            "JSJB_REDIS_URL": "redis://:secret@redis:6379/3",
            "JSJB_DEMO": "1",
            "JSJB_UPLOAD_MAX_MB": "7",
            "JSJB_SESSION_IDLE_MINUTES": "5",
            "PORT": "8123",
        }
    )

    assert not settings.is_embedded
    assert settings.demo
    assert settings.port == 8123
    assert settings.upload_max_bytes == 7 * 1024 * 1024
    assert settings.session_idle_for == timedelta(minutes=5)


def test_settings_do_not_show_a_password():
    settings = Settings.from_environment(
        {"JSJB_DATABASE_URL": "postgresql://jsjb:geheim@db/jsjb", "JSJB_REDIS_URL": "redis://:geheim@redis/0"}
    )

    assert "geheim" not in repr(settings)


OUTSIDE = {
    "JSJB_SMTP_URL": "smtps://jsjb:geheim@mail.school.example:465",
    "JSJB_MAIL_FROM": "jsjb@school.example",
    "JSJB_SMS_URL": "https://sms.school.example/send",
    "JSJB_SMS_TOKEN": "geheim",
    "JSJB_PUBLIC_URL": "https://jsjb.school.example/",
}


def test_the_ways_beyond_the_pages_are_set_up_without_showing_their_secrets():
    settings = Settings.from_environment(OUTSIDE)

    assert (settings.smtp_url, settings.mail_from) == (OUTSIDE["JSJB_SMTP_URL"], "jsjb@school.example")
    assert (settings.sms_url, settings.sms_token) == ("https://sms.school.example/send", "geheim")
    assert settings.public_url == "https://jsjb.school.example"
    assert "geheim" not in repr(settings)


@pytest.mark.parametrize(
    "name, value",
    [
        ("JSJB_SMTP_URL", "http://jsjb:geheim@mail"),
        ("JSJB_SMTP_URL", "smtp://jsjb:geheim@mail.school.example"),
        ("JSJB_SMTP_URL", "smtps://jsjb:geheim@mail:none"),
        ("JSJB_SMTP_URL", "smtps://"),
        ("JSJB_MAIL_FROM", ""),
        ("JSJB_MAIL_FROM", "jsjb"),
        ("JSJB_MAIL_FROM", "a@school.example, b@school.example"),
        ("JSJB_SMS_URL", "http://sms.school.example/send"),
        ("JSJB_SMS_URL", "https://user@sms.school.example/send"),
        ("JSJB_SMS_TOKEN", ""),
        ("JSJB_SMS_TOKEN", "geheim 2"),
        ("JSJB_SMS_TOKEN", "geheim\nX: y"),
        ("JSJB_PUBLIC_URL", "javascript:alert(1)"),
        ("JSJB_PUBLIC_URL", "https://jsjb.school.example/?x=1"),
        ("JSJB_PUBLIC_URL", "jsjb.school.example"),
    ],
)
def test_a_way_beyond_the_pages_that_cannot_be_meant_is_refused_by_name(name: str, value: str):
    with pytest.raises(Invalid) as refusal:
        Settings.from_environment({**OUTSIDE, name: value})

    assert refusal.value.details == {"name": name}
    assert "geheim" not in refusal.value.message


def test_settings_never_change():
    settings = Settings.from_environment({})

    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.port = 1


@pytest.mark.parametrize(
    "name,value",
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "八千"),
        ("PORT", "٨٠٠٠"),
        ("PORT", "-1"),
        ("JSJB_DEMO", "maybe"),
        ("JSJB_DATABASE_URL", "mysql://db/jsjb"),
        ("JSJB_DATABASE_URL", "postgresql://"),
        ("JSJB_REDIS_URL", "http://redis"),
        ("JSJB_UPLOAD_MAX_MB", "1.5"),
        ("JSJB_SESSION_LONGEST_MINUTES", "10"),
        ("JSJB_VAR", __file__),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_name(name: str, value: str):
    with pytest.raises(Invalid) as refusal:
        Settings.from_environment({name: value})

    assert refusal.value.code == "settings.invalid"
    assert refusal.value.details == {"name": name}
    assert name in refusal.value.message


def test_a_refused_database_address_does_not_show_its_password():
    with pytest.raises(Invalid) as refusal:
        Settings.from_environment({"JSJB_DATABASE_URL": "mysql://jsjb:geheim@db/jsjb"})

    assert "geheim" not in str(refusal.value)


def test_a_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path):
    first = keep_key(tmp_path / "keys", "session")
    second = keep_key(tmp_path / "keys", "session")

    assert first == second
    assert len(first) == KEY_BYTES
    assert stat.S_IMODE((tmp_path / "keys" / "session.key").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["session.key"]


def test_two_names_have_two_keys(tmp_path: Path):
    assert keep_key(tmp_path, "session") != keep_key(tmp_path, "audit")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int):
    keep_key(tmp_path, "session")
    (tmp_path / "session.key").chmod(mode)

    with pytest.raises(KeyUnsafe, match="chmod 600"):
        keep_key(tmp_path, "session")


def test_a_key_that_was_cut_short_is_refused(tmp_path: Path):
    keep_key(tmp_path, "session")
    (tmp_path / "session.key").write_bytes(b"short")

    with pytest.raises(KeyUnsafe, match="长度"):
        keep_key(tmp_path, "session")
