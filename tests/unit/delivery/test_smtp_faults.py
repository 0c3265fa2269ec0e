"""A mail server that is not there, is slow, refuses, or dies: and what became of the mail."""

import time
from collections.abc import Callable
from email.message import EmailMessage

import pytest

from authserver.delivery.transport import Deferred, Rejected, Unreachable
from tests.support.mailserver import Certificate, MailServer, Scripted, way_to
from tests.support.process import free_port

Mail = Callable[..., EmailMessage]


def test_nobody_is_there(certificate: Certificate, mail: Mail) -> None:
    with pytest.raises(Unreachable, match="connection refused"):
        way_to(free_port(), certificate).send("msg_1", mail())


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT"])
def test_a_slow_server_is_left(
    server: MailServer, certificate: Certificate, mail: Mail, step: str
) -> None:
    server.replies[step] = ["sleep"]
    began = time.monotonic()
    kind = Unreachable if step == "EHLO" else Deferred
    with pytest.raises(kind, match="no answer in time"):
        way_to(server, certificate, timeout=0.2).send("msg_1", mail())
    assert time.monotonic() - began < server.nap
    assert server.received == []


def test_a_server_that_thinks_about_a_mail_is_given_time(
    server: MailServer, certificate: Certificate, mail: Mail
) -> None:
    server.replies["DATA"], server.nap = ["sleep"], 1.0
    way_to(server, certificate, timeout=0.5).send("msg_1", mail())
    assert len(server.received) == 1


def test_a_server_that_dribbles_is_cut_off(certificate: Certificate, mail: Mail) -> None:
    began = time.monotonic()
    late = pytest.raises(Unreachable, match="it took too long")
    with Scripted([b"2"] * 600, pause=0.05) as port, late:
        way_to(port, certificate, deadline=0.5).send("msg_1", mail())
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("step", "reply", "kind"),
    [
        ("EHLO", "421 closing", Unreachable),
        ("MAIL", "451 later", Deferred),
        ("MAIL", "550 who are you", Deferred),
        ("RCPT", "450 ada@example.com is busy", Deferred),
        ("RCPT", "550 no ada@example.com here", Rejected),
        ("RCPT", "421 closing", Unreachable),
        ("DATA", "452 full", Deferred),
        ("DATA", "554 spam for ada@example.com", Rejected),
    ],
)
def test_a_refusal_counts_for_what_it_says(
    server: MailServer,
    certificate: Certificate,
    mail: Mail,
    step: str,
    reply: str,
    kind: type[Exception],
) -> None:
    server.replies[step] = [reply, reply]
    with pytest.raises(kind) as refused:
        way_to(server, certificate).send("msg_1", mail())
    assert str(refused.value) == f"{reply[:3]} to {step}", "what the server says may be personal"


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT"])
def test_a_connection_that_dies_is_tried_again(
    server: MailServer, certificate: Certificate, mail: Mail, step: str
) -> None:
    server.replies[step] = ["die"]
    with pytest.raises((Deferred, Unreachable), match="connection"):
        way_to(server, certificate).send("msg_1", mail())


@pytest.mark.parametrize("when", ["HALFWAY", "DATA"])
def test_a_connection_that_dies_with_the_mail_says_that_it_may_have_arrived(
    server: MailServer, certificate: Certificate, mail: Mail, when: str
) -> None:
    server.replies[when] = ["die"]
    with pytest.raises(Deferred, match="may have arrived"):
        way_to(server, certificate).send("msg_1", mail())


def test_what_happens_after_the_mail_was_taken_does_not_unsend_it(
    server: MailServer, certificate: Certificate, mail: Mail
) -> None:
    server.replies["QUIT"] = ["die"]
    way_to(server, certificate).send("msg_1", mail())
    assert len(server.received) == 1


def test_a_server_that_does_not_say_goodbye_is_not_waited_for(
    server: MailServer, certificate: Certificate, mail: Mail
) -> None:
    server.replies["QUIT"], server.nap = ["sleep"], 20.0
    began = time.monotonic()
    way_to(server, certificate).send("msg_1", mail())
    assert time.monotonic() - began < 10
    assert len(server.received) == 1
