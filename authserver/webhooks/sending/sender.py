"""One message on its way: read from the trail, signed and posted (Standard Webhooks 1.0)."""

from dataclasses import dataclass, replace

from authserver.audit.reading import TrailReader
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database
from authserver.core.net.fetch import (
    FetchBusy,
    Fetcher,
    FetchFailed,
    FetchLimits,
    FetchRefused,
    FetchRequest,
    FetchRules,
)
from authserver.webhooks import keys
from authserver.webhooks.models import MAX_ANSWER, WebhookEndpoint
from authserver.webhooks.sending.outcomes import Attempt, Failure
from authserver.webhooks.sending.queue import OF_EACH
from authserver.webhooks.signing import payload, signed

AT_ONCE = 24  # to all endpoints
_SECONDS = 10.0
_SUCCESSES = range(200, 300)
# How often an endpoint is asked is decided by the queue; these bounds only hold if it goes wrong.
_LIMITS = FetchLimits(
    in_flight=2 * OF_EACH, per_minute=60_000, in_flight_of_all=2 * AT_ONCE, negative_seconds=0
)


class Undelivered(Exception):  # noqa: N818  an outcome
    """The endpoint did not take it."""

    def __init__(self, failure: Failure) -> None:
        """Take why."""
        super().__init__(failure.error)
        self.failure = failure


class Lost(Exception):  # noqa: N818  an outcome
    """The event or the endpoint is not there any more."""


class TooMany(Exception):  # noqa: N818  an outcome
    """Too many are on their way already."""


def make_fetcher(clock: Clock, rules: FetchRules) -> Fetcher:
    """Return what posts to endpoints, within the installation's rules."""
    return Fetcher(clock, rules=replace(rules, total_seconds=_SECONDS), limits=_LIMITS)


@dataclass(frozen=True)
class WebhookSender:
    """Makes messages, each signed anew for its attempt, and posts them."""

    database: Database
    trail: TrailReader
    keyring: Keyring
    fetcher: Fetcher
    clock: Clock

    def send(self, attempt: Attempt) -> int:
        """Post it and return the status. Raises Undelivered, Lost or TooMany."""
        url, request = self._made(attempt)
        try:
            answer = self.fetcher.fetch(url, key=attempt.endpoint_id, request=request)
        except FetchBusy as error:
            raise TooMany from error
        except FetchRefused as error:
            raise Undelivered(Failure(error.reason)) from error
        except FetchFailed as error:
            raise Undelivered(Failure(error.reason, error.status)) from error
        if answer.status in _SUCCESSES:
            return answer.status
        said = f"the server answered with status {answer.status}"
        raise Undelivered(Failure(said, answer.status, _printable(answer.body)))

    def _made(self, attempt: Attempt) -> tuple[str, FetchRequest]:
        now = self.clock.now()
        with self.database.read() as view:
            event = self.trail.one(view, attempt.tenant_id, attempt.event_id)
            endpoint = view.tenant(attempt.tenant_id).get(WebhookEndpoint, attempt.endpoint_id)
            if event is None or endpoint is None:
                raise Lost
            url = endpoint.url
            secrets = keys.live(
                view, attempt.tenant_id, attempt.endpoint_id, keyring=self.keyring, now=now
            )
        body = payload(attempt.tenant_id, event)
        headers = signed(event.id, body, at=now, keys=secrets)
        return url, FetchRequest(json=body, headers=headers, excerpt=MAX_ANSWER)


def _printable(answer: bytes) -> str | None:
    """Return the beginning of an answer without what is no text."""
    text = answer.decode(errors="replace")
    kept = "".join(one if one.isprintable() or one in "\n\t" else " " for one in text)
    return kept.strip() or None
