"""An outbox in a real database, and a way out that can be told to fail."""

from collections.abc import Callable, Iterator, Sequence
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from authserver.delivery.folder import FolderTransport
from authserver.delivery.mail import Renderer
from authserver.delivery.models import OutboxMessage
from authserver.delivery.outbox import Content, Message, enqueue
from authserver.delivery.worker import MailWorker, Outbox
from authserver.tenants.models import Tenant
from tests.support.mailserver import Certificate, MailServer, make_certificate, running

Mail = Callable[..., EmailMessage]

ISSUER = "https://id.example.com"
VALUES = {
    "name": "Ada",
    "address": "203.0.113.9",
    "browser": "Firefox, Linux",
    "time": "2026-11-24 12:00 UTC",
    "until": "2026-11-24 12:30 UTC",
}


class Post(SimpleNamespace):
    """The outbox of an installation; `sent` is what left, `refuse` what must not."""

    def __init__(self, installation: SimpleNamespace, folder: Path) -> None:
        super().__init__(installation=installation, folder=folder, refuse=set(), sent=[])
        self.database, self.clock = installation.database, installation.clock
        self.tenant: Tenant = installation.tenant("acme")
        self.outbox = Outbox(self.database, self.clock)
        self.render = Renderer(ISSUER, clock=self.clock)
        self.transport = FolderTransport(folder)

    def worker(self, outbox: Outbox | None = None) -> MailWorker:
        keyring = self.installation.keyring
        return MailWorker(
            outbox or self.outbox, render=self.render, transport=self, keyring=keyring
        )

    def send(self, message_id: str, message: EmailMessage) -> None:
        if message["To"] in self.refuse:
            raise OSError(f"cannot reach {message['To']}")
        self.sent.append(message["To"])
        self.transport.send(message_id, message)

    def enqueue(self, to: str = "ada@example.com", **more: object) -> str:
        fields = {"template": "account_locked", "values": VALUES} | more
        message = Message(tenant_id=self.tenant.id, user_id=None, to=to, **fields)
        keyring, now = self.installation.keyring, self.clock.now()
        return self.database.write(lambda tx: enqueue(tx, message, keyring=keyring, now=now))

    def rows(self) -> Sequence[OutboxMessage]:
        with self.database.read() as view:
            wanted = select(OutboxMessage).order_by(OutboxMessage.created_at, OutboxMessage.id)
            return view.platform().scalars(wanted).all()


@pytest.fixture
def post(installation: SimpleNamespace, tmp_path: Path) -> Post:
    return Post(installation, tmp_path / "mail")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def mail(clock: SimpleNamespace) -> Mail:
    def rendered(to: str = "ada@example.com", **more: Any) -> EmailMessage:
        render = Renderer(ISSUER, clock=clock, **more)
        return render(
            "msg_1", "application_signed_out", Content(to, {"application": "Portal"} | VALUES, None)
        )

    return rendered


@pytest.fixture
def server(certificate: Certificate) -> Iterator[MailServer]:
    with running(certificate) as made:
        yield made
