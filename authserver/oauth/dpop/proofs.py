"""Proofs of possession as requests bring them: fit, with our nonce where one is asked for, once.

A request without a proof costs a look at its headers and nothing else; that a client may not go
without one is a check of the endpoint.
"""

from collections.abc import Sequence
from datetime import datetime

from authserver.audit.events import ActorKind, Event, EventType
from authserver.audit.service import Trail
from authserver.clients.registered import RegisteredClient
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import fingerprint
from authserver.core.jose import InvalidToken
from authserver.oauth.dpop import proof as proofs
from authserver.oauth.dpop import statements
from authserver.oauth.dpop.nonces import Nonces
from authserver.oauth.dpop.proof import MAX_AGE, SKEW, Proof, Wanted
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.request import MachineRequest
from authserver.tokens.authorization import Confirmation

INVALID, USE_NONCE = "invalid_dpop_proof", "use_dpop_nonce"
ERRORS = frozenset({INVALID, USE_NONCE})
HEADER = "HTTP_DPOP"


class Proofs:
    """Takes proofs, each of them once, across all processes."""

    def __init__(
        self, database: Database, *, trail: Trail, clock: Clock, keys: Sequence[bytes]
    ) -> None:
        """Take where used proofs are kept, and the keys of nonces."""
        self._database = database
        self._trail = trail
        self._clock = clock
        self._nonces = Nonces(keys)

    async def take(
        self, request: MachineRequest, client: RegisteredClient, token: str | None = None
    ) -> Confirmation | None:
        """Use the request's proof up and return its key; None where there is no proof.

        `token` is the access token it must have been made for, at a resource. Raises OAuthError:
        invalid_dpop_proof or use_dpop_nonce.
        """
        text = request.environ.get(HEADER)
        if text is None:
            return None
        now = self._clock.now()
        url = request.issuer.url + request.environ["PATH_INFO"]
        wanted = Wanted(request.method, url, now, token, client.proof_algorithms)
        try:
            found = proofs.read(text, wanted)
        except InvalidToken as error:
            raise refuse(str(error)) from error
        self._check_nonce(request, client, found, now=now)
        await self._use(request, client, found, now=now)
        return Confirmation.of_key(found.jkt)

    def headers(
        self, request: MachineRequest, client: RegisteredClient
    ) -> tuple[tuple[str, str], ...]:
        """Return the nonce for the next request of a client that must have one (section 8.2)."""
        if not client.needs_proof_nonce:
            return ()
        return (("DPoP-Nonce", self._nonces.issue(request.issuer.url, self._clock.now())),)

    def _check_nonce(
        self, request: MachineRequest, client: RegisteredClient, found: Proof, *, now: datetime
    ) -> None:
        if not client.needs_proof_nonce:
            return
        if found.nonce is None or not self._nonces.is_good(found.nonce, request.issuer.url, now):
            raise OAuthError(
                USE_NONCE,
                "the DPoP proof needs the nonce in the header DPoP-Nonce",
                headers=dict(self.headers(request, client)),
            )

    async def _use(
        self, request: MachineRequest, client: RegisteredClient, found: Proof, *, now: datetime
    ) -> None:
        values = {
            "tenant_id": client.tenant.id,
            "client_id": client.id,
            "proof_hash": fingerprint(f"{found.jkt} {found.jti}", "dpop proof"),
            "expires_at": now + MAX_AGE + 2 * SKEW,  # and a little more
        }
        event = Event(
            EventType.PROOF_REPLAYED,
            client.tenant.id,
            request.actor(ActorKind.CLIENT, client.id),
            resource=f"client:{client.id}",
            facts={"key": found.jkt},
        )

        def job(transaction: Transaction) -> bool:
            if transaction.change(statements.USE_PROOF, values) == 1:
                return True
            self._trail.record(transaction, event)
            return False

        if not await self._database.stored(job):
            raise refuse("jti was used before")


def refuse(reason: str) -> OAuthError:
    """Return the refusal of a proof; whoever made it may know what is wrong with it."""
    return OAuthError(INVALID, f"the DPoP proof is not valid: {reason[:200]}", detail=reason)
