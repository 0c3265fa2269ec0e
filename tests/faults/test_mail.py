"""`authserver worker` in processes of its own: sent once, whoever dies, and drained at the end."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import delete, select, update

from authserver.core.clock import SystemClock
from authserver.delivery.models import OutboxMessage
from authserver.delivery.outbox import Message, enqueue
from authserver.settings import Settings
from authserver.wiring.services import build
from tests.conftest import process_database
from tests.support.mailserver import PASSWORD, USER, MailServer, make_certificate, running
from tests.support.process import (
    Installation,
    ServerProcess,
    Worker,
    make_installation,
    wait_for,
)

pytestmark = pytest.mark.processes

VALUES = {"name": "Ada", "application": "Portal", "time": "2026-11-24 12:00 UTC"}


class Post:
    """The outbox of an installation in processes, emptied, and the mail server it sends to."""

    def __init__(self, installation: Installation, server: MailServer) -> None:
        self.installation, self.server = installation, server
        more = {"database_url": installation.database_url} if installation.database_url else {}
        settings = Settings(data_dir=installation.data_dir, issuer=installation.issuer, **more)
        self.services = build(settings, SystemClock())
        self.tenant = self.services.caches.tenants.get("acme")
        self.services.database.write(lambda tx: tx.platform().execute(delete(OutboxMessage)))

    def put(self, count: int = 1) -> list[str]:
        services, now = self.services, self.services.clock.now()

        def job(transaction: Any) -> list[str]:
            return [
                enqueue(transaction, message, keyring=services.keyring, now=now)
                for message in (
                    Message(self.tenant.id, None, f"p{number}@x.example", TEMPLATE, VALUES)
                    for number in range(count)
                )
            ]

        return services.database.write(job)

    def rows(self) -> list[OutboxMessage]:
        with self.services.database.read() as view:
            found = list(view.platform().scalars(select(OutboxMessage)))
            view.platform().expunge_all()
            return found

    def sent(self) -> int:
        return sum(row.sent_at is not None for row in self.rows())

    def let_leases_run_out(self) -> None:
        """Do what five minutes do."""
        past = self.services.clock.now() - timedelta(seconds=1)
        change = update(OutboxMessage).where(OutboxMessage.claimed_until.is_not(None))
        self.services.database.write(
            lambda tx: tx.platform().execute(change.values(claimed_until=past))
        )


TEMPLATE = "application_signed_out"


@pytest.fixture(scope="module")
def made(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with a tenant, on each database."""
    with process_database(database_kind) as url:
        made = make_installation(tmp_path_factory.mktemp("mail"), url)
        made.tenant("acme")
        yield made


@pytest.fixture
def post(made: Installation, tmp_path: Path) -> Iterator[Post]:
    """The installation with a mail server, and workers of their own."""
    certificate = make_certificate(tmp_path / "certificate")
    with running(certificate, auth=True) as server:
        secret = quote(PASSWORD, safe="")
        settings = {
            "AUTHSERVER_SMTP_URL": f"smtp://{USER}:{secret}@localhost:{server.port}",
            "AUTHSERVER_SMTP_CA_FILE": str(certificate.path),
            "AUTHSERVER_SMTP_TIMEOUT": "20",
            "AUTHSERVER_WORKER": "external",
        }
        post = Post(replace(made, settings=settings), server)
        yield post
        post.services.database.close()


def test_two_workers_send_each_mail_once(post: Post) -> None:
    post.put(40)
    first, second = (Worker(post.installation, name) for name in ("first", "second"))
    with first, second:
        wait_for(lambda: post.sent() == 40, "every mail to be sent")
        assert (first.stop(), second.stop()) == (0, 0)
    receivers = [one.rcpt_tos[0] for one in post.server.received]
    assert sorted(receivers) == sorted(f"p{number}@x.example" for number in range(40))
    assert {row.attempts for row in post.rows()} == {1}


def test_a_mail_whose_worker_is_killed_while_sending_is_sent_by_another(post: Post) -> None:
    (message_id,) = post.put()
    post.server.replies["RCPT"], post.server.nap = ["sleep"], 10.0
    with Worker(post.installation) as worker:
        wait_for(lambda: "RCPT" in post.server.steps, "the worker to be sending")
        worker.kill()
    assert post.server.received == []
    with Worker(post.installation, "another"):
        wait_for(lambda: post.rows()[0].claimed_until is not None, "the row")
        assert post.rows()[0].attempts == 1, "somebody took it before the lease was over"
    post.let_leases_run_out()
    # It looks at once. The one of before would look when its fifteen seconds are over.
    with Worker(post.installation, "a third"):
        wait_for(lambda: post.sent() == 1, "the other worker to send it")
    assert [one.rcpt_tos for one in post.server.received] == [["p0@x.example"]]
    assert f"Message-ID: <{message_id}@".encode() in post.server.received[0].original_content


def test_a_worker_that_is_asked_to_end_finishes_its_mail_and_frees_the_others(post: Post) -> None:
    post.put(5)
    post.server.replies["DATA"], post.server.nap = ["sleep"], 2.0
    with Worker(post.installation) as worker:
        wait_for(lambda: "DATA" in post.server.steps, "the worker to be sending")
        os.kill(worker.pid, signal.SIGTERM)
        assert worker.stop() == 0
    assert len(post.server.received) == 1
    assert sorted(row.attempts for row in post.rows()) == [0, 0, 0, 0, 1]
    assert {row.claimed_until for row in post.rows()} == {None}
    assert post.sent() == 1


def test_the_server_leaves_mail_to_the_worker_and_to_no_log(post: Post) -> None:
    post.put()
    with ServerProcess(post.installation):
        with Worker(post.installation) as worker:
            wait_for(lambda: post.sent() == 1, "the worker to send it")
        assert '"event":"mail_sent"' in worker.said()
        for secret in ("p0@x.example", "Ada", PASSWORD):
            assert secret not in worker.said()


def test_the_server_sends_by_itself_unless_told_otherwise(made: Installation) -> None:
    post = Post(made, MailServer())
    (message_id,) = post.put()
    with ServerProcess(made) as server:
        wait_for(lambda: post.sent() == 1, "the server to send it")
        assert server.stop() == 0
    assert (made.data_dir / "mail" / f"{message_id}.eml").is_file()
    post.services.database.close()
