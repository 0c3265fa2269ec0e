"""A server that collects events: batches of JSON, signed as webhooks are (Standard Webhooks)."""

import hashlib
from collections.abc import Sequence

from authserver.core.clock import Clock
from authserver.core.net.fetch import Fetcher, FetchFailed, FetchRefused, FetchRequest
from authserver.streaming.sinks import Line, Refused
from authserver.streaming.targets import Target
from authserver.webhooks.signing import signed

_SUCCESSES = range(200, 300)
_EXCERPT = 1024


class PostSink:
    """Posts batches; one that comes again has the id that it had."""

    def __init__(self, target: Target, fetcher: Fetcher, clock: Clock, *, secret: str) -> None:
        """Take where to, what asks URLs, and the secret that signs."""
        self._target, self._fetcher, self._clock = target, fetcher, clock
        self._secret = secret

    def send(self, lines: Sequence[Line]) -> None:
        """Post them. Raises Refused."""
        body = b'{"events":[' + b",".join(line.json() for line in lines) + b"]}"
        batch = f"{self._target.name}-{hashlib.sha256(body).hexdigest()[:32]}"
        headers = signed(batch, body, at=self._clock.now(), keys=[self._secret])
        request = FetchRequest(json=body, headers=headers, excerpt=_EXCERPT)
        try:
            answer = self._fetcher.fetch(self._target.url, key=self._target.name, request=request)
        except (FetchRefused, FetchFailed) as error:
            raise Refused(error.reason) from error
        if answer.status not in _SUCCESSES:
            raise Refused(f"the server answered with status {answer.status}")

    def close(self) -> None:
        """Nothing is open."""
