"""A tenant's servers that receive webhooks, and who makes them."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from sqlalchemy import select, update

from authserver.audit.events import Actor, Event, EventType
from authserver.core.net.fetch import FetchedDocument, Fetcher, FetchRules
from authserver.webhooks.models import WebhookDelivery, WebhookEndpoint
from authserver.webhooks.sending.sender import make_fetcher
from authserver.webhooks.service import NewWebhook
from tests.support.world import TenantFixture, World

FAR = "https://told.example"  # registered are https addresses only
LOCAL = FetchRules(allow_loopback_http=True)


@dataclass(frozen=True)
class Message:
    """What a receiver got."""

    name: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def is_signed_by(self, secret: str) -> bool:
        """Check as the specification says, by hand."""
        stamp = self.headers["webhook-timestamp"]
        content = f"{self.id}.{stamp}.".encode() + self.body
        key = base64.b64decode(secret.removeprefix("whsec_"))
        wanted = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        return wanted in self.headers["webhook-signature"].split(" ")


@dataclass
class Receivers:
    """Servers by name: each answers with its status, or as `behaviour` says."""

    url: str = ""
    got: list[Message] = field(default_factory=list)
    status: dict[str, int] = field(default_factory=dict)
    behaviour: dict[str, Any] = field(default_factory=dict)
    closing: threading.Event = field(default_factory=threading.Event)

    def by(self, name: str) -> list[Message]:
        return [one for one in self.got if one.name == name]

    def types(self, name: str = "rcv") -> list[str]:
        return [one.document["type"] for one in self.by(name)]


class _Handler(BaseHTTPRequestHandler):
    receivers: ClassVar[Receivers]

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        name = self.path.strip("/")
        headers = {key.lower(): value for key, value in self.headers.items()}
        self.receivers.got.append(Message(name, headers, body))
        act = self.receivers.behaviour.get(name)
        if act is not None:
            act(self)
            return
        answer = b"thanks"
        self.send_response(self.receivers.status.get(name, 200))
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Stay quiet: clients that hang up are the point."""


class _Nearby:
    """Asks this machine for what is registered at an https address."""

    def __init__(self, fetcher: Fetcher, here: str) -> None:
        self._fetcher, self._here = fetcher, here

    def fetch(self, url: str, **more: Any) -> FetchedDocument:
        return self._fetcher.fetch(url.replace(FAR, self._here), **more)


@contextmanager
def listening() -> Iterator[Receivers]:
    """Run a server on this machine that is every receiver."""
    receivers = Receivers()
    server = _Server(("127.0.0.1", 0), type("Bound", (_Handler,), {"receivers": receivers}))
    receivers.url = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield receivers
    finally:
        receivers.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def reachable(world: World, seconds: float = 10.0) -> Iterator[Receivers]:
    """Let the server reach receivers on this machine, and have nobody else to tell."""
    left = update(WebhookDelivery).where(WebhookDelivery.sent_at.is_(None))
    world.services.database.write(
        lambda tx: tx.platform().execute(left.values(failed_at=world.clock.now()))
    )
    sender = world.services.webhooks.worker._sender  # noqa: SLF001  its URLs are https: else it would not
    with listening() as there, pytest.MonkeyPatch.context() as patch:
        fetcher = make_fetcher(world.clock, LOCAL)
        fetcher._rules = replace(fetcher._rules, total_seconds=seconds)  # noqa: SLF001  tests wait less
        near = replace(sender, fetcher=_Nearby(fetcher, there.url))
        patch.setattr(world.services.webhooks.worker, "_sender", near)
        yield there


@dataclass(frozen=True)
class Hook:
    """An endpoint of a tenant, with the secret that was shown once."""

    id: str
    secret: str
    name: str


def actor_of(world: World, tenant: TenantFixture) -> Actor:
    return replace(world.operator, principal=tenant.id)


def hook(
    world: World, tenant: TenantFixture, *events: str, name: str = "rcv", url: str = ""
) -> Hook:
    """Register an endpoint for events; all of them where none is named."""
    new = NewWebhook(url or f"{FAR}/{name}", events or ("*",))
    row, secret = write(
        world,
        lambda tx: world.services.webhooks.service.create(
            tx, tenant.id, new, actor=actor_of(world, tenant)
        ),
    )
    return Hook(row.id, secret, name)


def write(world: World, job: Any) -> Any:
    done = world.services.database.write(job)
    world.services.watch.changed()
    return done


def happen(
    world: World,
    tenant: TenantFixture,
    resource: str | None = "thing:1",
    type_: EventType = EventType.CLIENT_CHANGED,
    **more: Any,
) -> str:
    """Let something happen in a tenant, and return the event's id."""
    event = Event(type_, tenant.id, actor_of(world, tenant), resource=resource, **more)
    return str(world.services.database.write(lambda tx: world.services.trail.record(tx, event)).id)


def deliver(world: World) -> int:
    return world.services.webhooks.worker.deliver_due()


def deliveries(world: World, hook_: Hook) -> list[WebhookDelivery]:
    """Return an endpoint's deliveries, oldest event first."""
    with world.services.database.read() as view:
        wanted = select(WebhookDelivery).where(WebhookDelivery.endpoint_id == hook_.id)
        session = view.platform()
        found = list(session.scalars(wanted.order_by(WebhookDelivery.event_id)))
        session.expunge_all()
        return found


def endpoint(world: World, hook_: Hook) -> WebhookEndpoint:
    with world.services.database.read() as view:
        session = view.platform()
        row = session.get_one(WebhookEndpoint, hook_.id)
        session.expunge_all()
        return row
