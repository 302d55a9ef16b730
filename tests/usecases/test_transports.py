"""Mail and short messages as they are carried: who vouches for the server, what is no header, what is never told on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.domain.outside import AddressRefused, Message, NotTaken, WayDown, email_of, mobile_of
from service.jobs.mail import SmtpMail
from service.jobs.sms import SmsGateway
from tests.post import Gateway, MailServer, certified, serving
from tests.redis_server import free_port

FROM = "jsjb@school.example"
LOGIN = "jsjb:p@ss word"
URL_LOGIN = "jsjb:p%40ss%20word"
HELLO = Message("li@school.example", "【诉求件办理】新派单", "请登录系统查看。\n.\n..一行点\n", "0" * 32)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with serving(Gateway()) as server:
        yield server


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A server with TLS and a login, for which this machine vouches."""
    context, vouched = certified(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(vouched))
    with serving(MailServer(context, login=LOGIN)) as server:
        yield server


def test_a_password_is_said_only_after_the_connection_is_safe(trusted: MailServer) -> None:
    SmtpMail(f"smtp+starttls://{URL_LOGIN}@127.0.0.1:{trusted.port}", FROM).send(HELLO)

    assert trusted.to == ["li@school.example"]
    verbs = [line.split()[0].upper() for line in trusted.heard]
    assert verbs.index("STARTTLS") < verbs.index("AUTH") < verbs.index("MAIL")
    assert trusted.taken[0][1].get_content().splitlines() == HELLO.text.splitlines()


def test_a_server_that_offers_no_safe_connection_is_told_nothing() -> None:
    with serving(MailServer(login=LOGIN)) as server:
        with pytest.raises(WayDown):
            SmtpMail(f"smtp+starttls://{URL_LOGIN}@127.0.0.1:{server.port}", FROM).send(HELLO)

        assert {line.split()[0].upper() for line in server.heard} == {"EHLO", "QUIT"}


def test_a_server_for_which_nobody_vouches_is_told_nothing(
    trusted: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")

    with pytest.raises(WayDown) as refused:
        SmtpMail(f"smtp+starttls://{URL_LOGIN}@127.0.0.1:{trusted.port}", FROM).send(HELLO)

    assert refused.value.details == {"cause": "SSLCertVerificationError"}
    assert trusted.taken == []


def test_a_wrong_password_is_told_as_a_way_that_is_down_without_the_password(trusted: MailServer) -> None:
    mail = SmtpMail(f"smtp+starttls://jsjb:geheim@127.0.0.1:{trusted.port}", FROM)

    with pytest.raises(WayDown) as refused:
        mail.look()

    assert refused.value.details == {"smtp": 535}
    assert "geheim" not in repr(mail) + repr(refused.value)


@pytest.mark.parametrize(
    "message",
    [
        Message("li@school.example", "新派单\r\nBcc: other@school.example", "x", "k"),
        Message("li@school.example\r\nBcc: other@school.example", "新派单", "x", "k"),
        Message("li@school.example, other@school.example", "新派单", "x", "k"),
    ],
    ids=["subject", "address", "two"],
)
def test_a_line_break_or_a_second_address_makes_no_header(message: Message) -> None:
    with serving(MailServer()) as server:
        with pytest.raises(ValueError, match=r".+"):
            SmtpMail(f"smtp://127.0.0.1:{server.port}", FROM).send(message)

        assert server.taken == []


@pytest.mark.parametrize("code", [451, 552])
def test_a_message_that_is_not_taken_comes_again(code: int) -> None:
    with serving(MailServer()) as server:
        server.at_data = code
        with pytest.raises(NotTaken) as refused:
            SmtpMail(f"smtp://127.0.0.1:{server.port}", FROM).send(HELLO)

    assert not isinstance(refused.value, WayDown)
    assert refused.value.details == {"smtp": code}


def test_where_nobody_listens_the_way_is_down() -> None:
    port = free_port()

    with pytest.raises(WayDown):
        SmtpMail(f"smtp://127.0.0.1:{port}", FROM).send(HELLO)
    with pytest.raises(WayDown):
        SmsGateway(f"http://127.0.0.1:{port}/send", "t").send(HELLO)


def test_a_short_message_carries_its_key_and_its_token(gateway: Gateway) -> None:
    SmsGateway(gateway.url, "geheim").send(Message("13800000000", "", "新派单", "k" * 32))

    assert gateway.taken == [
        {"to": "13800000000", "text": "新派单", "key": "k" * 32, "authorization": "Bearer geheim"}
    ]


def test_a_netrc_of_the_machine_does_not_replace_the_token(
    gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))

    SmsGateway(gateway.url, "geheim").send(HELLO)

    assert gateway.taken[0]["authorization"] == "Bearer geheim"


@pytest.mark.parametrize(
    "status, raised",
    [(422, AddressRefused), (400, NotTaken), (302, NotTaken), (401, WayDown), (429, WayDown), (503, WayDown)],
)
def test_what_the_gateway_answers_decides_whether_it_comes_again(
    gateway: Gateway, status: int, raised: type[Exception]
) -> None:
    gateway.status = status

    with pytest.raises(raised) as refused:
        SmsGateway(gateway.url, "geheim").send(HELLO)

    assert type(refused.value) is raised
    assert gateway.asked == ["/send"]  # and a token follows no redirection
    assert "geheim" not in repr(SmsGateway(gateway.url, "geheim"))


@pytest.mark.parametrize(
    "written, kept",
    [
        (" Li.Ming+jsjb@School.example ", "Li.Ming+jsjb@School.example"),
        ("ｌｉ@school.example", "li@school.example"),
        ("li@school.example\r\nBcc: x@y.example", None),
        ("li@school.example,x@y.example", None),
        ("李明 <li@school.example>", None),
        ("li@localhost", None),
        ("li..ming@school.example", None),
        ("@school.example", None),
        ("li@school.example" + "e" * 250, None),
        ("", None),
    ],
)
def test_a_mail_address_is_one_address_or_none(written: str, kept: str | None) -> None:
    assert email_of(written) == kept


@pytest.mark.parametrize(
    "written, kept",
    [
        ("13800000000", "13800000000"),
        ("+86 138-0000-0000", "13800000000"),
        ("１３８０００００００0", "13800000000"),
        ("010-8888-6666", None),
        ("12800000000", None),
        ("1380000000", None),
        ("138000000001", None),
        ("13800000000; 13900000000", None),
        ("手机13800000000", None),
        ("", None),
    ],
)
def test_a_mobile_number_is_one_number_or_none(written: str, kept: str | None) -> None:
    assert mobile_of(written) == kept
