"""What holds for a client at every endpoint that it calls: its addresses and its rate."""

from authserver.audit.events import Event, EventType
from authserver.audit.service import Trail
from authserver.clients.registered import RegisteredClient
from authserver.core.clock import Clock
from authserver.core.database.engine import Database
from authserver.core.limits.buckets import Limiter
from authserver.oauth.lane.request import Form, MachineRequest
from authserver.oauth.token.checks import (
    AddressRefusedError,
    check_client_address,
    check_client_rate,
)
from authserver.oauth.token.request import TokenRequest


class ClientGate:
    """Lets clients through, by the checks of the token endpoint and out of the same bucket."""

    def __init__(self, database: Database, trail: Trail, *, limiter: Limiter, clock: Clock) -> None:
        """Take what counts and records."""
        self._database = database
        self._trail = trail
        self._limiter = limiter
        self._clock = clock

    def check(self, request: MachineRequest, client: RegisteredClient, form: Form) -> None:
        """Raise OAuthError where the client may not call from there, or not so often."""
        rate = self._limiter.take(f"client:{client.id}", client.rate) if client.rate else None
        seen = TokenRequest(request.issuer, client, form, (), (), rate, self._clock.now(), request)
        try:
            check_client_address(seen)
        except AddressRefusedError:
            self._record(seen)
            raise
        check_client_rate(seen)

    def _record(self, seen: TokenRequest) -> None:
        event = Event(
            EventType.CLIENT_ADDRESS_REFUSED,
            seen.client.tenant.id,
            seen.actor(),
            resource=f"client:{seen.client.id}",
        )
        self._database.write(lambda transaction: self._trail.record(transaction, event))
