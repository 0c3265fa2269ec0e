"""What operators see of the outbox, and what they can do."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result
from sqlalchemy import select

from authserver.core.clock import SystemClock
from authserver.delivery.models import OutboxMessage
from authserver.delivery.outbox import Message, enqueue
from authserver.settings import Settings
from authserver.wiring.services import build

Run = Callable[..., Result]
Answer = Callable[..., dict[str, object]]


@pytest.fixture
def post(answer: Answer, data_dir: Path) -> Iterator[SimpleNamespace]:
    """The outbox of the installation that the commands work on."""
    answer("tenants", "create", "acme", "--name", "Acme", "--type", "customer")
    services = build(Settings(data_dir=data_dir), SystemClock())
    tenant_id = services.caches.tenants.get("acme").id

    def put(template: str = "account_locked") -> str:
        message = Message(tenant_id, None, "ada@canary.example", template, {"name": "Canary"})
        now = services.clock.now()
        return services.database.write(
            lambda tx: enqueue(tx, message, keyring=services.keyring, now=now)
        )

    def row(message_id: str) -> OutboxMessage:
        with services.database.read() as view:
            found = view.platform().scalars(select(OutboxMessage).filter_by(id=message_id)).one()
            view.platform().expunge(found)
            return found

    yield SimpleNamespace(put=put, row=row, outbox=services.outbox)
    services.database.close()


def fail(post: SimpleNamespace) -> str:
    message_id = post.put()
    (claim,) = post.outbox.claim()
    post.outbox.given_up(claim, "550 to RCPT")
    return message_id


def test_the_list_says_what_waits_and_failed_but_not_to_whom(
    post: SimpleNamespace, run: Run, answer: Answer
) -> None:
    failed, waiting = fail(post), post.put("application_signed_out")
    said = answer("mail", "list")
    assert said["counts"] == {"waiting": 1, "sending": 0, "failed": 1, "sent": 0}
    first, second = said["messages"]
    assert (first["id"], first["state"], first["attempts"]) == (waiting, "waiting", 0)
    assert (second["id"], second["template"], second["state"]) == (
        failed,
        "account_locked",
        "failed",
    )
    assert (second["attempts"], second["last_error"]) == (1, "550 to RCPT")
    text = run("mail", "list").stdout
    assert text.startswith("1 waiting, 0 sending, 1 failed, 0 sent\n")
    assert failed in text
    assert "canary" not in (text + json.dumps(said)).lower()


def test_the_list_can_be_of_one_state_and_short(post: SimpleNamespace, answer: Answer) -> None:
    failed, newest = fail(post), [post.put() for _ in range(3)][-1]
    listed = answer("mail", "list", "--state", "failed")["messages"]
    assert [one["id"] for one in listed] == [failed]
    listed = answer("mail", "list", "--limit", "1")["messages"]
    assert [one["id"] for one in listed] == [newest]
    post.outbox.claim()
    assert {one["state"] for one in answer("mail", "list", "--state", "sending")["messages"]} == {
        "sending"
    }


def test_what_was_given_up_is_tried_again(post: SimpleNamespace, answer: Answer) -> None:
    failed = fail(post)
    assert answer("mail", "retry", failed) == {"retried": [failed]}
    row = post.row(failed)
    assert (row.failed_at, row.attempts, row.claimed_until) == (None, 0, None)
    assert [claim.id for claim in post.outbox.claim()] == [failed]


def test_everything_that_was_given_up_is_tried_again(post: SimpleNamespace, answer: Answer) -> None:
    failed = [fail(post), fail(post)]
    assert answer("mail", "retry", "--failed") == {"retried": sorted(failed)}
    assert answer("mail", "retry", "--failed") == {"retried": []}


def test_what_was_sent_or_is_being_sent_is_left_alone(post: SimpleNamespace, run: Run) -> None:
    sent = post.put()
    (claim,) = post.outbox.claim()
    post.outbox.sent(claim)
    sending = post.put()
    post.outbox.claim()
    for message_id in (sent, sending, "msg_nobody"):
        refused = run("mail", "retry", message_id)
        assert refused.exit_code == 1
        assert message_id in refused.stderr
    assert post.row(sent).sent_at
    assert post.row(sending).attempts == 1


def test_retry_wants_to_know_what(run: Run, post: SimpleNamespace) -> None:
    assert run("mail", "retry").exit_code == 2
    assert run("mail", "retry", post.put(), "--failed").exit_code == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AUTHSERVER_SMTP_URL", "http://mail.example"),
        ("AUTHSERVER_SMTP_URL", "smtp+cleartext://mail.example"),
        ("AUTHSERVER_SMTP_TIMEOUT", "31"),
        ("AUTHSERVER_MAIL_FROM", "nobody"),
        ("AUTHSERVER_WORKER", "sometimes"),
        ("AUTHSERVER_DEV_MAIL", "yes"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch, *, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    refused = run("mail", "list")
    assert refused.exit_code == 1
    assert name in refused.stderr


def test_a_file_of_certificates_must_be_there(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTHSERVER_SMTP_URL", "smtp://mail.example")
    monkeypatch.setenv("AUTHSERVER_SMTP_CA_FILE", "/nowhere/ca.pem")
    assert "AUTHSERVER_SMTP_CA_FILE" in run("mail", "list").stderr
