"""POST /oauth/revoke (RFC 7009)."""

from authserver.audit.events import ActorKind, Event, EventType
from authserver.audit.service import Trail
from authserver.clients.registered import RegisteredClient
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.jose import InvalidToken
from authserver.core.web import Answer
from authserver.oauth.access_tokens import AccessTokens, ReadToken, expiry
from authserver.oauth.client_auth import ClientAuthentication
from authserver.oauth.lane.request import MachineRequest
from authserver.tokens import families, refresh, statements
from authserver.tokens.families import RevocationReason


class RevocationEndpoint:
    """Ends a token of the authenticated client, at once, and everything of its family.

    A token that is unknown, or another client's, gets the same answer and stays as it is. When
    the revocation cannot be stored the answer is 503, never 200.
    """

    methods = frozenset({"POST"})
    scripts = True

    def __init__(
        self,
        authentication: ClientAuthentication,
        tokens: AccessTokens,
        *,
        database: Database,
        trail: Trail,
        clock: Clock,
    ) -> None:
        """Take what authenticates the caller, reads tokens and stores."""
        self._authentication = authentication
        self._tokens = tokens
        self._database = database
        self._trail = trail
        self._clock = clock

    def answer(self, request: MachineRequest) -> Answer:
        """Revoke and return an empty answer (section 2.2)."""
        form = request.form()
        self._authentication.prepare(request, form)
        client = self._database.run_alone(self._authentication.authenticate(request, form))
        token = form.need("token")
        if not self._revoke_refresh_token(request, client, token):
            self._revoke_access_token(request, client, token)
        return Answer(200, b"")

    def _revoke_refresh_token(
        self, request: MachineRequest, client: RegisteredClient, token: str
    ) -> bool:
        with self._database.read() as view:
            found = refresh.find(view, token, self._clock.now())
        if found is None:
            return False
        if found.client_id == client.id:
            event = families.family_event(
                EventType.TOKENS_REVOKED,
                tenant_id=found.tenant_id,
                family_id=found.family_id,
                user_id=found.user_id,
                actor=request.actor(ActorKind.CLIENT, client.id),
            )
            self._revoke_family(event, found.family_id)
        return True

    def _revoke_access_token(
        self, request: MachineRequest, client: RegisteredClient, token: str
    ) -> None:
        try:
            found = self._tokens.read(token, request.issuer)
        except InvalidToken:
            return
        if found.client_id != client.id:
            return
        family_id = found.origin.family_id
        event = Event(
            EventType.TOKENS_REVOKED,
            found.claims["tenant_id"],
            request.actor(ActorKind.CLIENT, client.id),
            subject=self._person_of(client, found) if family_id else None,
            resource=f"family:{family_id}" if family_id else f"token:{found.claims['jti']}",
        )
        if family_id:
            self._revoke_family(event, family_id)
        else:
            self._revoke_machine_token(event, client, found)

    def _person_of(self, client: RegisteredClient, token: ReadToken) -> str | None:
        """Return the account of a person's token, which says it to most clients itself."""
        family_id = token.origin.family_id
        if client.sector is None or family_id is None:
            return str(token.claims["sub"])
        with self._database.read() as view:
            return families.owner(view, token.claims["tenant_id"], family_id)

    def _revoke_family(self, event: Event, family_id: str) -> None:
        now = self._clock.now()
        self._database.write(
            lambda transaction: families.revoke(
                transaction,
                self._trail,
                event,
                family_id=family_id,
                reason=RevocationReason.REVOKED_BY_CLIENT,
                now=now,
            )
        )

    def _revoke_machine_token(
        self, event: Event, client: RegisteredClient, found: ReadToken
    ) -> None:
        values = {
            "jti": found.claims["jti"],
            "tenant_id": client.tenant.id,
            "client_id": client.id,
            "revoked_at": self._clock.now(),
            "expires_at": expiry(found),
        }

        def job(transaction: Transaction) -> None:
            if transaction.change(statements.REVOKE_MACHINE_TOKEN, values):
                self._trail.record(transaction, event)

        self._database.write(job)
