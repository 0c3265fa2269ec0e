"""The line to the provider of one connection: nothing reaches it, or comes from it, another way.

Every request is bounded in time and size, goes to checked addresses only (core.net.fetch), and not
at all while the provider is down (core.net.breaker). What comes back is data or an outcome.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from authserver.core.clock import Clock
from authserver.core.net.breaker import Breakers
from authserver.core.net.fetch import (
    FetchBusy,
    FetchedDocument,
    Fetcher,
    FetchFailed,
    FetchLimits,
    FetchRefused,
    FetchRequest,
    FetchRules,
)
from authserver.federation.connectors.base import UpstreamDown, UpstreamRefused

REQUEST_SECONDS = 4.0
CONVERSATION_SECONDS = 8.0
# Each waits on a thread of the server: `authserver serve` has as many more as all may be.
IN_FLIGHT = 8
IN_FLIGHT_OF_ALL = 16
LIMITS = FetchLimits(
    in_flight=IN_FLIGHT, per_minute=3000, in_flight_of_all=IN_FLIGHT_OF_ALL, negative_seconds=0
)
_TOO_MANY_REQUESTS = 429
_CLIENT_ERRORS = range(400, 500)
_SERVER_ERRORS = range(500, 600)


def make_fetcher(clock: Clock, rules: FetchRules) -> Fetcher:
    """Return what asks providers, within the installation's rules."""
    return Fetcher(clock, rules=replace(rules, total_seconds=REQUEST_SECONDS), limits=LIMITS)


@dataclass(frozen=True)
class Said:
    """An answer: its status, and what it says."""

    status: int
    content: object

    @property
    def members(self) -> Mapping[str, object]:
        """Return the JSON object that it is. Raises UpstreamRefused."""
        if not isinstance(self.content, dict):
            raise UpstreamRefused("the answer is not an object")
        return self.content

    @property
    def is_refusal(self) -> bool:
        """Tell whether the provider understood, and did not want to."""
        return self.status in _CLIENT_ERRORS


class Line:
    """Asks one provider, in one conversation that ends after some seconds."""

    def __init__(
        self,
        key: str,
        fetcher: Fetcher,
        breakers: Breakers,
        *,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the connection's id; the time runs from now on."""
        self.key = key
        self._fetcher, self._breakers, self._timer = fetcher, breakers, timer
        self._ends = timer() + CONVERSATION_SECONDS

    def check_open(self) -> None:
        """Raise UpstreamDown if nothing would be asked now."""
        if self._breakers.is_open(self.key):
            raise UpstreamDown("it failed a moment ago")

    def read(self, url: str) -> Mapping[str, object]:
        """Return a public document. Raises UpstreamDown alone: nobody is to blame but its owner."""
        try:
            return self._ask(url, FetchRequest()).members
        except UpstreamRefused as error:
            raise UpstreamDown(str(error)) from error

    def read_as(self, url: str, access_token: str) -> Said:
        """Return what the provider says to somebody's access token, refusals included."""
        try:
            request = FetchRequest(authorization=f"Bearer {access_token}", any_status=True)
        except FetchRefused as error:
            raise UpstreamRefused(error.reason) from error
        return self._ask(url, request)

    def post(self, url: str, form: str, authorization: str | None) -> Said:
        """Send a form, once, and return what is said to it, refusals included."""
        request = FetchRequest(
            form=form, authorization=authorization, any_status=True, form_answers=True
        )
        return self._ask(url, request)

    def _ask(self, url: str, request: FetchRequest) -> Said:
        seconds = self._ends - self._timer()
        if seconds <= 0:
            raise UpstreamDown("it took too long")
        if not self._breakers.enter(self.key):
            raise UpstreamDown("it failed a moment ago")
        try:
            said = self._answered(url, replace(request, seconds=seconds))
        except UpstreamRefused:
            self._breakers.succeeded(self.key)
            raise
        except FetchBusy as error:
            raise UpstreamDown(error.reason) from error
        except (FetchRefused, FetchFailed) as error:
            self._breakers.failed(self.key)
            raise UpstreamDown(error.reason) from error
        self._breakers.succeeded(self.key)
        return said

    def _answered(self, url: str, request: FetchRequest) -> Said:
        """Return the answer. Raises UpstreamRefused only for a refusal that cannot be read.

        A refusal says that the provider is there: were it a failure, strangers with made-up codes
        could open the breaker.
        """
        try:
            document = self._fetcher.fetch(url, key=self.key, request=request)
        except FetchFailed as error:
            if error.status in _CLIENT_ERRORS and error.status != _TOO_MANY_REQUESTS:
                raise UpstreamRefused(error.reason) from error
            raise
        if document.status == _TOO_MANY_REQUESTS or document.status in _SERVER_ERRORS:
            raise FetchFailed(f"the server answered with status {document.status}")
        return Said(document.status, _content(document))


def _content(document: FetchedDocument) -> object:
    return document.form() if document.is_form else document.json()
