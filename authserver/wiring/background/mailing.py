"""What sends mail, and where to: part of the wiring."""

from collections.abc import Callable, Sequence
from pathlib import Path

from authserver.delivery import smtp
from authserver.delivery.folder import FolderTransport
from authserver.delivery.mail import Renderer, mail_host
from authserver.delivery.outbox import BELL
from authserver.delivery.queue import Outbox
from authserver.delivery.server import parse_server
from authserver.delivery.transport import Transport
from authserver.delivery.worker import MailWorker
from authserver.settings import Settings
from authserver.tenants.brands import Brands
from authserver.wiring.signing_in import Ground


def make_mail(ground: Ground, outbox: Outbox, chores: Sequence[Callable[[], None]]) -> MailWorker:
    """Return the worker that sends what is in the outbox, and does the chores beside it."""
    settings, keyring = ground.settings, ground.keyring
    render = Renderer(
        settings.issuer,
        clock=ground.clock,
        language=settings.default_language,
        sender=settings.mail_from,
        brand_of=Brands(ground.database, platform_url=settings.issuer).of,
    )
    transport = _transport(settings)
    worker = MailWorker(outbox, render=render, transport=transport, keyring=keyring, chores=chores)
    ground.database.bells[BELL] = worker.wake
    return worker


def mail_folder(settings: Settings) -> Path:
    """Return where mails are put while there is no mail server."""
    return settings.data_dir / "mail"


def _transport(settings: Settings) -> Transport:
    if not settings.smtp_url:
        return FolderTransport(mail_folder(settings))
    server = parse_server(settings.smtp_url, settings.smtp_timeout.total_seconds())
    trust = smtp.trust(settings.smtp_ca_file)
    return smtp.SmtpTransport(server, hello=mail_host(settings.issuer), trust=trust)
