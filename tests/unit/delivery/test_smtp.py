"""Sending to a real mail server: whole, encrypted, and honest about what went wrong."""

from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest

from authserver.delivery.mail import Renderer
from authserver.delivery.server import parse_server
from authserver.delivery.smtp import trust
from authserver.delivery.transport import Deferred, Rejected, Unreachable
from authserver.settings import SettingsError
from tests.support.mailserver import (
    PASSWORD,
    USER,
    Certificate,
    MailServer,
    Scripted,
    make_certificate,
    running,
    way_to,
)

ISSUER = "https://id.example.com"
Mail = Callable[..., EmailMessage]


def test_a_mail_arrives_whole_and_encrypted(
    server: MailServer, certificate: Certificate, mail: Mail
) -> None:
    way_to(server, certificate).send("msg_1", mail(sender="Acme <post@acme.example>"))
    (envelope,) = server.received
    assert (envelope.mail_from, envelope.rcpt_tos) == ("post@acme.example", ["ada@example.com"])
    message = message_from_bytes(envelope.original_content, policy=SMTP)
    assert not message.defects
    assert {name: message[name] for name in ("From", "To", "Message-ID", "Auto-Submitted")} == {
        "From": "Acme <post@acme.example>",
        "To": "ada@example.com",
        "Message-ID": "<msg_1@id.example.com>",
        "Auto-Submitted": "auto-generated",
    }
    assert message["Date"].datetime.isoformat() == "2026-11-24T12:00:00+00:00"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert not [name for name in message if name.startswith("List-")]
    assert server.steps[0] == "EHLO"
    assert server.steps.count("EHLO") == 2, "what was said in the clear was believed"


def test_tls_from_the_first_byte(certificate: Certificate, mail: Mail) -> None:
    with running(certificate, implicit=True) as server:
        way_to(server, certificate, "smtps").send("msg_1", mail())
    assert len(server.received) == 1


def test_without_encryption_only_on_this_machine_and_when_asked_for(mail: Mail) -> None:
    with running() as server:
        way_to(server, None, "smtp+cleartext").send("msg_1", mail())
    assert len(server.received) == 1


@pytest.mark.parametrize(("scheme", "implicit"), [("smtp", False), ("smtps", True)])
@pytest.mark.parametrize("host", ["localhost", "elsewhere.example"])
def test_a_wrong_certificate_gets_no_mail(
    tmp_path: Path, mail: Mail, scheme: str, host: str, *, implicit: bool
) -> None:
    theirs, ours = make_certificate(tmp_path / "a", host), make_certificate(tmp_path / "b")
    believed = ours if host == "localhost" else theirs
    wrong = pytest.raises(Unreachable, match="the certificate is not accepted")
    with running(theirs, implicit=implicit) as server, wrong:
        way_to(server, believed, scheme).send("msg_1", mail())
    assert "MAIL" not in server.steps


def test_an_offer_of_encryption_that_somebody_took_out_gets_no_mail(
    certificate: Certificate, mail: Mail
) -> None:
    with running() as server, pytest.raises(Unreachable, match="offers no STARTTLS"):
        way_to(server, certificate).send("msg_1", mail())
    assert server.steps == ["EHLO"]


def test_a_server_that_takes_the_offer_back_gets_no_mail(
    mail: Mail, certificate: Certificate
) -> None:
    said = [b"220 hello\r\n", b"250-me\r\n250 STARTTLS\r\n", b"454 not now\r\n"]
    with Scripted(said) as port, pytest.raises(Unreachable, match="454 to STARTTLS"):
        way_to(port, certificate).send("msg_1", mail())


def test_a_password_is_sent_encrypted_and_opens_the_server(
    certificate: Certificate, mail: Mail
) -> None:
    user = f"{USER}:{quote(PASSWORD, safe='')}@"
    with running(certificate, auth=True) as server:
        way_to(server, certificate, user=user).send("msg_1", mail())
    assert len(server.received) == 1


def test_a_wrong_password_is_not_the_fault_of_the_mail(
    certificate: Certificate, mail: Mail
) -> None:
    wrong = pytest.raises(Unreachable, match="535 to AUTH")
    with running(certificate, auth=True) as server, wrong:
        way_to(server, certificate, user="mailer:wrong@").send("msg_1", mail())
    assert "MAIL" not in server.steps


def test_a_server_that_knows_no_passwords_gets_none(certificate: Certificate, mail: Mail) -> None:
    without = [b"220 hello\r\n", b"250 me\r\n"]
    with Scripted(without, certificate) as port, pytest.raises(Unreachable, match="no AUTH"):
        way_to(port, certificate, "smtps", user="mailer:secret@").send("msg_1", mail())


def test_an_international_address_needs_a_server_that_takes_it(
    certificate: Certificate, mail: Mail
) -> None:
    with running(certificate) as server:
        way_to(server, certificate).send("msg_1", mail("andré@example.com"))
    assert server.received[0].rcpt_tos == ["andré@example.com"]
    assert "SMTPUTF8" in server.received[0].mail_options
    wrong = pytest.raises(Rejected, match="SMTPUTF8")
    with running(certificate, enable_SMTPUTF8=False) as server, wrong:
        way_to(server, certificate).send("msg_1", mail("andré@example.com"))
    assert server.received == []


def test_an_international_domain_needs_nothing(certificate: Certificate, mail: Mail) -> None:
    with running(certificate, enable_SMTPUTF8=False) as server:
        way_to(server, certificate).send("msg_1", mail("ada@Müller.example"))
    assert server.received[0].rcpt_tos == ["ada@xn--mller-kva.example"]


def test_lines_that_begin_with_a_dot_arrive(server: MailServer, certificate: Certificate) -> None:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = "a@example.com", "b@example.com"
    message.set_content("one\n.\n.two\n")
    way_to(server, certificate).send("msg_1", message)
    got = message_from_bytes(server.received[0].original_content, policy=SMTP)
    assert got.get_content().split() == ["one", ".", ".two"]


@pytest.mark.parametrize(
    "to", ["a@x.example, b@y.example", "a@x.example\nBcc: b@y.example", "a@x.example\rb"]
)
def test_an_address_is_one_receiver_or_none(
    server: MailServer, certificate: Certificate, mail: Mail, to: str
) -> None:
    try:
        way_to(server, certificate).send("msg_1", mail(to))
    except (ValueError, Deferred, Rejected):
        assert server.received == []
        return
    (envelope,) = server.received
    assert len(envelope.rcpt_tos) == 1
    assert "b@y.example" not in envelope.rcpt_tos


@pytest.mark.parametrize(
    "url",
    [
        "localhost",
        "http://localhost",
        "smtp://",
        "smtp://mail.example:port",
        "smtp://[::1",
        "smtp://mail.example/path",
        "smtp://mail.example?tls=none",
        "smtp+cleartext://mail.example",
        "smtp+cleartext://user:secret@localhost",
    ],
)
def test_a_server_that_cannot_be_used_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_server(url, 10)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("smtp://mail.example", 587, "starttls"),
        ("smtps://mail.example", 465, "implicit"),
        ("smtp+cleartext://[::1]", 25, "none"),
        ("smtp://mail.example:2525", 2525, "starttls"),
    ],
)
def test_the_scheme_says_how_the_connection_is_encrypted(url: str, port: int, tls: str) -> None:
    server = parse_server(url, 10)
    assert (server.port, server.tls) == (port, tls)


def test_the_password_is_not_shown() -> None:
    server = parse_server("smtp://mailer:s%40cret@mail.example", 10)
    assert server.password == "s@cret"
    assert "cret" not in repr(server)


@pytest.mark.parametrize(
    "text",
    [
        "nobody",
        "a@b@c.example",
        "A <a@x.example>, B <b@y.example>",
        "a@x.example\nBcc: b@y.example",
        "@x.example",
        "ä@x.example",
    ],
)
def test_a_sender_is_one_address(text: str, clock: SimpleNamespace) -> None:
    with pytest.raises(SettingsError):
        Renderer(ISSUER, clock=clock, sender=text)


def test_a_file_of_certificates_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        trust(str(tmp_path / "nothing.pem"))
