"""A real mail server (aiosmtpd) that can be told to misbehave, and certificates for it."""

# ruff: noqa: N802  the names are those that aiosmtpd calls

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from authserver.delivery.server import parse_server
from authserver.delivery.smtp import SmtpTransport, trust
from tests.support.process import free_port

USER, PASSWORD = "mailer", "Lantern:/@42"


@dataclass(frozen=True)
class Certificate:
    """A certificate that is its own authority, and its key."""

    path: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path, self.key)
        return context


def make_certificate(folder: Path, host: str = "localhost") -> Certificate:
    """Make a certificate for a host, good for a day."""
    folder.mkdir(parents=True, exist_ok=True)
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate = Certificate(folder / "server.pem", folder / "server.key")
    certificate.path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    certificate.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate


@dataclass
class MailServer:
    """What a server got, and how it is to behave.

    `replies` maps a step (EHLO, MAIL, RCPT, DATA) to its answers, in order; when they run out, all
    is well. The answer `die` closes the connection, `sleep` gives none for a while.
    """

    port: int = field(default_factory=free_port)
    replies: dict[str, list[str]] = field(default_factory=dict)
    received: list[Envelope] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    nap: float = 5.0

    async def _reply(self, step: str, server: SMTP) -> str | None:
        self.steps.append(step)
        planned = self.replies.get(step, [])
        reply = planned.pop(0) if planned else None
        if reply == "die":
            server.transport.abort()
        elif reply == "sleep":
            await asyncio.sleep(self.nap)
        elif reply is not None:
            return reply
        return None

    async def handle_EHLO(
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str, replies: list[str]
    ) -> list[str]:
        session.host_name = hostname  # aiosmtpd asks for it
        refusal = await self._reply("EHLO", server)
        return [refusal] if refusal else replies

    async def handle_MAIL(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = await self._reply("MAIL", server)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return refusal or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        refusal = await self._reply("RCPT", server)
        if refusal is None:
            envelope.rcpt_tos.append(address)
        return refusal or "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        self.received.append(envelope)
        return await self._reply("DATA", server) or "250 OK"


class _Server(SMTP):
    """Dies between the go-ahead for the mail and its end where the plan says so."""

    async def smtp_DATA(self, arg: str) -> None:
        plan = self.event_handler.replies.get("HALFWAY", [])
        if plan:
            plan.pop(0)
            self.event_handler.steps.append("HALFWAY")
            await self.push("354 go ahead")
            await self._reader.readline()
            self.transport.abort()
            return
        await super().smtp_DATA(arg)

    async def smtp_QUIT(self, arg: str) -> None:
        plan = self.event_handler.replies.get("QUIT", [])
        if plan == ["die"]:
            self.transport.abort()
            return
        if plan:
            await asyncio.sleep(self.event_handler.nap)
        await super().smtp_QUIT(arg)


class _Controller(Controller):
    """Leaves no connection open behind it."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._made: list[SMTP] = []

    def factory(self) -> SMTP:
        self._made.append(_Server(self.handler, **self.SMTP_kwargs))
        return self._made[-1]

    def cancel_tasks(self, stop_loop: bool = True) -> None:  # noqa: FBT001, FBT002  aiosmtpd's
        for made in self._made:
            for transport in (made.transport, made._original_transport):  # noqa: SLF001  no other way
                # There was none, or, in Python 3.11.2, it went over TLS and is gone.
                with suppress(AttributeError):
                    transport.abort()
        # The loop closes what was aborted in its next turn.
        self.loop.call_soon(super().cancel_tasks, stop_loop)


@contextmanager
def running(
    certificate: Certificate | None = None,
    *,
    implicit: bool = False,
    auth: bool = False,
    **more: Any,
) -> Iterator[MailServer]:
    """Run a server on this machine. Without a certificate it offers no encryption."""
    server = MailServer()
    context = certificate.server_context() if certificate else None
    if auth:
        more |= {"authenticator": _authenticate, "auth_required": True}
    if context and not implicit:
        more |= {"tls_context": context, "require_starttls": True}
    controller = _Controller(
        server,
        hostname="localhost",
        port=server.port,
        ssl_context=context if implicit else None,
        **{"enable_SMTPUTF8": True} | more,
    )
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def _authenticate(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
) -> AuthResult:
    good = isinstance(data, LoginPassword) and data == LoginPassword(
        USER.encode(), PASSWORD.encode()
    )
    return AuthResult(success=good, handled=False)


class Scripted:
    """A server that says what it is told, a piece after each line it gets, or one after a pause."""

    def __init__(
        self, said: list[bytes], certificate: Certificate | None = None, pause: float = 0.0
    ) -> None:
        self._said, self._certificate, self._pause = said, certificate, pause
        self._listener = socket.create_server(("localhost", 0))
        self._thread = threading.Thread(target=self._talk, daemon=True)

    def __enter__(self) -> int:
        self._thread.start()
        return int(self._listener.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._thread.join(10)

    def _talk(self) -> None:
        connection, _ = self._listener.accept()
        if self._certificate:
            context = self._certificate.server_context()
            connection = context.wrap_socket(connection, server_side=True)
        with connection:
            for number, piece in enumerate(self._said):
                if number and not self._pause and not connection.recv(4096):
                    return
                try:
                    connection.sendall(piece)
                except OSError:
                    return
                time.sleep(self._pause)


def way_to(
    server: MailServer | int, ca: Certificate | None, scheme: str = "smtp", **more: Any
) -> SmtpTransport:
    """Return the way to a server on this machine."""
    port = server if isinstance(server, int) else server.port
    user = more.pop("user", "")
    known = parse_server(f"{scheme}://{user}localhost:{port}", more.pop("timeout", 5.0))
    trusted = trust(str(ca.path)) if ca else ssl.create_default_context()
    return SmtpTransport(known, hello="id.example.com", trust=trusted, **more)
