"""The settings of a running part: read once from the environment, checked, never changed after."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import gettempdir
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

from service.domain.errors import Invalid
from service.domain.outside import email_of

T = TypeVar("T")

PROJECT = Path(__file__).resolve().parents[2]
MEBIBYTE = 1024 * 1024
DEMO_PASSWORD = "jsjb-demo-2024"  # noqa: S105  shown to everybody on the login page of a demo
DATABASES = ("sqlite", "postgresql")
YES = frozenset({"1", "true", "yes", "on"})
SMTP_SCHEMES = ("smtps", "smtp+starttls", "smtp")
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
NO = frozenset({"", "0", "false", "no", "off"})


class SettingInvalid(Invalid):
    """配置有误。"""

    code = "settings.invalid"

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"环境变量 {name} 应为{expected}，现为“{value}”。", name=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What may differ between two places where the service runs. Rules of the office are content, not settings."""

    database_url: str = field(repr=False)  # may hold a password
    redis_url: str | None = field(default=None, repr=False)  # none: the same outbox is read by a thread
    var_dir: Path
    keys_dir: Path
    pulse_dir: Path  # where the parts leave signs of life; of this machine alone
    content_dir: Path  # holds bpmn/ and forms/, which are release 1
    host: str
    port: int
    demo: bool  # demo organisation; its credentials are shown on the login page
    demo_password: str = field(repr=False)  # of every demo person, and of nobody else
    behind_https: bool  # cookies are sent over https only
    trusted_proxies: int  # how many hops of X-Forwarded-* are ours
    upload_max_bytes: int
    upload_quota_bytes: int  # of one case, with what one person has uploaded and not yet handed in
    form_max_bytes: int  # of the fields of one request, files aside
    form_max_parts: int
    disk_floor_bytes: int  # below this much free space uploads are refused
    session_idle_for: timedelta
    session_longest_for: timedelta
    anchors_dir: Path  # where the audit chains end is written here; better on another disk
    anchor_every: timedelta
    anchor_records: int  # or sooner, after so many
    smtp_url: str | None = field(default=None, repr=False)  # none: no mail goes out; may hold a password
    mail_from: str | None = None
    sms_url: str | None = None  # none: no short messages go out
    sms_token: str | None = field(default=None, repr=False)
    public_url: str | None = None  # where people open the pages, without a slash at its end
    # a replay in pages counts the cases that its person may not read as well: a number may answer what a draft asks of one
    replays_count_others: bool = False

    @property
    def attachments_dir(self) -> Path:
        """Where attachments lie, each named by its SHA-256."""
        return self.var_dir / "attachments"

    @property
    def downloads_dir(self) -> Path:
        """Where what was made for people to fetch lies for a while."""
        return self.var_dir / "downloads"

    @property
    def anchors_file(self) -> Path:
        """Where the audit chains end, a line each time."""
        return self.anchors_dir / "audit.jsonl"

    @property
    def database_file(self) -> Path | None:
        """The file of an embedded database; None for one on a server."""
        return Path(self.database_url.partition(":///")[2]) if self.is_embedded else None

    @property
    def is_embedded(self) -> bool:
        """Whether one process does everything: SQLite cannot be shared between machines."""
        return self.database_url.startswith("sqlite")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings that the environment gives, the defaults of the embedded service for the rest.

        Raises: `settings.invalid` for a value that cannot be meant.
        """
        given = _Environment(os.environ if environment is None else environment)
        var_dir = given.folder("JSJB_VAR", PROJECT / "var")
        idle_for = given.minutes("JSJB_SESSION_IDLE_MINUTES", 30)
        longest_for = given.minutes("JSJB_SESSION_LONGEST_MINUTES", 12 * 60)
        if longest_for < idle_for:
            raise SettingInvalid(
                "JSJB_SESSION_LONGEST_MINUTES",
                given.text("JSJB_SESSION_LONGEST_MINUTES", "720"),
                "不小于 JSJB_SESSION_IDLE_MINUTES 的分钟数",
            )
        smtp_url, mail_from = given.smtp_url("JSJB_SMTP_URL"), given.mail_address("JSJB_MAIL_FROM")
        if smtp_url and not mail_from:
            raise SettingInvalid("JSJB_MAIL_FROM", "", "发件人的邮件地址，设置了 JSJB_SMTP_URL 就要填")
        sms_url, sms_token = given.sms_url("JSJB_SMS_URL"), given.token("JSJB_SMS_TOKEN")
        if sms_url and not sms_token:
            raise SettingInvalid("JSJB_SMS_TOKEN", "", "短信网关的令牌，设置了 JSJB_SMS_URL 就要填")
        return cls(
            database_url=given.database_url("JSJB_DATABASE_URL", f"sqlite:///{var_dir / 'jsjb.sqlite3'}"),
            redis_url=given.redis_url("JSJB_REDIS_URL"),
            var_dir=var_dir,
            keys_dir=given.folder("JSJB_KEYS", var_dir / "keys"),
            pulse_dir=given.folder("JSJB_PULSE", Path(gettempdir()) / f"jsjb-{os.getuid()}"),
            content_dir=given.folder("JSJB_CONTENT", PROJECT),
            host=given.text("JSJB_HOST", "127.0.0.1"),
            port=given.number("PORT", 8000, least=1, most=65535),
            demo=given.yes("JSJB_DEMO"),
            demo_password=given.text("JSJB_DEMO_PASSWORD", DEMO_PASSWORD),
            behind_https=given.yes("JSJB_HTTPS"),
            trusted_proxies=given.number("JSJB_TRUSTED_PROXIES", 0, least=0, most=5),
            upload_max_bytes=given.mebibytes("JSJB_UPLOAD_MAX_MB", 50),
            upload_quota_bytes=given.mebibytes("JSJB_UPLOAD_QUOTA_MB", 500),
            form_max_bytes=given.mebibytes("JSJB_FORM_MAX_MB", 2),
            form_max_parts=given.number("JSJB_FORM_MAX_PARTS", 1000, least=10, most=100_000),
            disk_floor_bytes=given.mebibytes("JSJB_DISK_FLOOR_MB", 512),
            session_idle_for=idle_for,
            session_longest_for=longest_for,
            anchors_dir=given.folder("JSJB_ANCHORS", var_dir / "anchors"),
            anchor_every=given.minutes("JSJB_ANCHOR_MINUTES", 10),
            anchor_records=given.number("JSJB_ANCHOR_RECORDS", 500, least=1, most=1_000_000),
            smtp_url=smtp_url,
            mail_from=mail_from,
            sms_url=sms_url,
            sms_token=sms_token,
            public_url=given.public_url("JSJB_PUBLIC_URL"),
            replays_count_others=given.yes("JSJB_REPLAYS_COUNT_OTHERS") or given.yes("JSJB_DEMO"),
        )


@dataclass(frozen=True, slots=True)
class _Environment:
    """Reads one variable at a time, each by the kind of value it holds."""

    variables: Mapping[str, str]

    def text(self, name: str, default: str) -> str:
        return self.variables.get(name, "").strip() or default

    def _read(self, name: str, default: T, convert: Callable[[str], T | None], expected: str) -> T:
        value = self.variables.get(name, "").strip()
        if not value:
            return default
        converted = convert(value)
        if converted is None:
            raise SettingInvalid(name, value, expected)
        return converted

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        def convert(value: str) -> int | None:
            within = value.isascii() and value.isdigit() and least <= int(value) <= most
            return int(value) if within else None

        return self._read(name, default, convert, f" {least} 到 {most} 之间的整数")

    def mebibytes(self, name: str, default: int) -> int:
        return self.number(name, default, least=1, most=1024 * 1024) * MEBIBYTE

    def minutes(self, name: str, default: int) -> timedelta:
        return timedelta(minutes=self.number(name, default, least=1, most=7 * 24 * 60))

    def yes(self, name: str) -> bool:
        def convert(value: str) -> bool | None:
            word = value.lower()
            return True if word in YES else False if word in NO else None

        return self._read(name, False, convert, " 1 或 0")

    def folder(self, name: str, default: Path) -> Path:
        def convert(value: str) -> Path | None:
            path = Path(value).expanduser().absolute()
            return None if path.exists() and not path.is_dir() else path

        return self._read(name, default, convert, "文件夹的路径")

    def database_url(self, name: str, default: str) -> str:
        def convert(value: str) -> str | None:
            scheme, mark, rest = value.partition("://")
            known = scheme.partition("+")[0] in DATABASES
            return value if known and mark and rest else None

        # the value may hold a password, and is therefore not repeated
        if self.text(name, "") and convert(self.text(name, "")) is None:
            raise SettingInvalid(name, "……", " sqlite:///文件 或 postgresql://用户:口令@主机/库 形式的地址")
        return self._read(name, default, convert, "")

    def redis_url(self, name: str) -> str | None:
        value = self.text(name, "")
        if value and (urlsplit(value).scheme not in ("redis", "rediss", "unix")):
            raise SettingInvalid(name, "……", " redis://主机:端口/库号 形式的地址")
        return value or None

    def smtp_url(self, name: str) -> str | None:
        value = self.text(name, "")
        parts = address(value)
        known = parts is not None and parts.scheme in SMTP_SCHEMES and parts.path in ("", "/")
        if value and not (known and parts):
            # the value may hold a password, and is therefore not repeated
            raise SettingInvalid(
                name, "……", " smtps://、smtp+starttls:// 或 smtp:// 用户:口令@主机:端口 形式的地址"
            )
        if parts and parts.scheme == "smtp" and parts.password and parts.hostname not in HERE:
            raise SettingInvalid(name, "……", "加密的 smtps:// 或 smtp+starttls://，口令不能明文传送")
        return value or None

    def mail_address(self, name: str) -> str | None:
        return self._read(name, None, email_of, "邮件地址，如 jsjb@example.edu.cn")

    def sms_url(self, name: str) -> str | None:
        def convert(value: str) -> str | None:
            parts = address(value)
            safe = parts and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE))
            return value if safe and parts and parts.username is None else None

        return self._read(name, None, convert, " https:// 形式的地址，令牌另填在 JSJB_SMS_TOKEN")

    def token(self, name: str) -> str | None:
        value = self.text(name, "")
        if value and not (value.isascii() and value.isprintable() and " " not in value):
            raise SettingInvalid(name, "……", "不含空格的一串字母、数字和符号")
        return value or None

    def public_url(self, name: str) -> str | None:
        def convert(value: str) -> str | None:
            parts = address(value)
            plain = parts and parts.scheme in ("http", "https") and not parts.query and not parts.fragment
            return value.rstrip("/") if plain and parts and parts.username is None else None

        return self._read(name, None, convert, " https://主机 形式的地址")


def address(value: str) -> SplitResult | None:
    """The parts of an address that names a host; None for what is no such address."""
    try:
        parts = urlsplit(value)
        named = (
            parts.hostname and (parts.port is None or parts.port) and value.isprintable() and " " not in value
        )
    except ValueError:
        return None
    return parts if named else None
