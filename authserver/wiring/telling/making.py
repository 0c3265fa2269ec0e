"""What tells tenants' servers, and collectors of the trail, of events: part of the wiring."""

import socket
from base64 import b64decode
from dataclasses import dataclass, replace

from authserver.audit.reading import TrailReader
from authserver.audit.subjects import Subjects
from authserver.core.ids import random_bytes
from authserver.core.net.fetch import Fetcher, FetchRules
from authserver.roles.administrators import administrators_of
from authserver.settings import SettingsError
from authserver.streaming.reading import Cursors
from authserver.streaming.service import Streams
from authserver.streaming.sinks import Sink
from authserver.streaming.sinks.file import FileSink
from authserver.streaming.sinks.post import PostSink
from authserver.streaming.sinks.syslog import DatagramSink, StreamSink
from authserver.streaming.targets import Kind, Target, parse
from authserver.streaming.worker import StreamWorker
from authserver.webhooks.deliveries import Deliveries
from authserver.webhooks.following import BELL
from authserver.webhooks.sending.outcomes import Outcomes
from authserver.webhooks.sending.queue import WebhookQueue
from authserver.webhooks.sending.sender import WebhookSender, make_fetcher
from authserver.webhooks.sending.worker import WebhookWorker
from authserver.webhooks.service import Webhooks
from authserver.webhooks.signing import PREFIX
from authserver.wiring.signing_in import Ground

_SECONDS = 10.0
_SHORTEST, _LONGEST = 24, 64  # bytes of a secret (Standard Webhooks 1.0)


@dataclass(frozen=True)
class WebhookParts:
    """What changes webhooks, what repeats deliveries, and what makes them."""

    service: Webhooks
    deliveries: Deliveries
    worker: WebhookWorker


@dataclass(frozen=True)
class Telling:
    """All of it, by the names under which the services have it."""

    webhooks: WebhookParts
    streams: Streams


def make_telling(ground: Ground, rules: FetchRules) -> Telling:
    """Return it; what leaves goes by the rules. Raises SettingsError."""
    return Telling(make_webhooks(ground, rules), make_streams(ground, rules))


def make_webhooks(ground: Ground, rules: FetchRules) -> WebhookParts:
    """Return them; endpoints are asked within the rules."""
    database, keyring, clock = ground.database, ground.keyring, ground.clock
    outcomes = Outcomes(
        database,
        ground.trail,
        keyring,
        clock,
        administrators_of,
        spread=lambda: random_bytes(1)[0] / 255,
    )
    reader = TrailReader(Subjects(database, keyring, clock))
    sender = WebhookSender(database, reader, keyring, make_fetcher(clock, rules), clock)
    worker = WebhookWorker(WebhookQueue(database, clock), sender, outcomes)
    database.bells[BELL] = worker.wake
    return WebhookParts(
        Webhooks(ground.trail, ground.follower, keyring, clock, rules),
        Deliveries(ground.trail, clock),
        worker,
    )


def make_streams(ground: Ground, rules: FetchRules) -> Streams:
    """Return what moves the streams of the settings. Raises SettingsError."""
    settings = ground.settings
    try:
        targets = parse(settings.trail_streams)
    except ValueError as error:
        raise SettingsError(f"AUTHSERVER_TRAIL_STREAMS: {error}") from error
    if any(target.kind is Kind.POST for target in targets):
        check_secret(
            settings.trail_stream_secret,
            "AUTHSERVER_TRAIL_STREAM_SECRET: an https stream needs whsec_... in it",
        )
    cursors = Cursors(ground.database, ground.clock)
    fetcher = Fetcher(ground.clock, rules=replace(rules, total_seconds=_SECONDS))
    sinks = [(target.name, _sink(ground, target, fetcher)) for target in targets]
    return Streams(targets, cursors, StreamWorker(cursors, sinks), ground.trail)


def _sink(ground: Ground, target: Target, fetcher: Fetcher) -> Sink:
    settings, host = ground.settings, socket.gethostname()
    if target.kind is Kind.FILE:
        return FileSink(target.path)
    if target.kind is Kind.POST:
        return PostSink(target, fetcher, ground.clock, secret=settings.trail_stream_secret)
    if target.kind is Kind.UDP:
        return DatagramSink(target, host)
    return StreamSink(target, host, ca_file=settings.trail_stream_ca_file)


def check_secret(secret: str, otherwise: str) -> None:
    """Raise SettingsError, with what is said otherwise, for a secret that cannot sign."""
    try:
        known = secret.startswith(PREFIX) and b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError:
        known = b""
    if not known or not _SHORTEST <= len(known) <= _LONGEST:
        raise SettingsError(otherwise)
