"""POST /oauth/token: authenticate, check, authorize, mint, settle."""

import time
from functools import partial

from authserver.audit.events import Event, EventType
from authserver.clients.registered import RegisteredClient
from authserver.core.clock import Clock
from authserver.core.limits.buckets import Limiter, Verdict, told
from authserver.core.web import Answer
from authserver.oauth import scopes
from authserver.oauth.client_auth import ClientAuthentication
from authserver.oauth.dpop import Proofs
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.request import Form, MachineRequest
from authserver.oauth.mtls.presented import binds, confirmation
from authserver.oauth.token.allowance import refusal_of, settling
from authserver.oauth.token.checks import CHECKS, AddressRefusedError
from authserver.oauth.token.grants import GRANTS, SLOW
from authserver.oauth.token.grants.base import GrantTools
from authserver.oauth.token.request import TokenRequest
from authserver.tokens.authorization import Confirmation
from authserver.tokens.issuer import Mint

_ATTEMPTS = 3
_REPEATABLE = frozenset({"resource", "audience"})
_WITHOUT_ID_TOKEN = frozenset({"refresh_token", "client_credentials"})
_HEADERS = (("Content-Type", "application/json"), ("Pragma", "no-cache"))


class TokenEndpoint:
    """The token endpoint (RFC 6749 section 3.2)."""

    methods = frozenset({"POST"})
    scripts = True

    def __init__(
        self,
        authentication: ClientAuthentication,
        tools: GrantTools,
        *,
        mint: Mint,
        limiter: Limiter,
        clock: Clock,
        proofs: Proofs,
    ) -> None:
        """Take what the stages work with."""
        self._authentication = authentication
        self._tools = tools
        self._mint = mint
        self._limiter = limiter
        self._clock = clock
        self._proofs = proofs

    def answer(self, request: MachineRequest) -> Answer:
        """Return a token response (section 5.1) or raise OAuthError."""
        started = time.perf_counter()
        # The body comes from the network: nobody else waits for it.
        form = request.form(repeatable=_REPEATABLE)
        self._authentication.prepare(request, form)
        grant_type = form.get("grant_type")
        if grant_type not in _WITHOUT_ID_TOKEN:
            self._mint.prepare(self._authentication.presumed(request, form))
        slow = grant_type in SLOW
        run = self._tools.database.run_alone if slow else self._tools.database.run
        return run(self._metered(request, form, started))

    async def _metered(self, request: MachineRequest, form: Form, started: float) -> Answer:
        form.need("grant_type")
        client = await self._authentication.authenticate(request, form)
        mine = client.tenant.id, client.id
        try:
            answer = await self._answer(request, form, client)
        except OAuthError as error:
            if (reason := refusal_of(error)) is not None:
                self._tools.meter.refused(*mine, reason)
            raise
        self._tools.meter.issued(*mine, time.perf_counter() - started)
        return answer

    async def _answer(
        self, request: MachineRequest, form: Form, client: RegisteredClient
    ) -> Answer:
        rate = self._limiter.take(f"client:{client.id}", client.rate) if client.rate else None
        bound_to = await self._shown(request, client)
        token_request = self._parse(request, form, client, rate=rate, bound_to=bound_to)
        await self._check(token_request)
        body, quotas = await self._issue(token_request)
        nonce = self._proofs.headers(request, client) if bound_to else ()
        limits = told((rate, *quotas) if rate else quotas) if rate or quotas else {}
        return Answer(200, body, (*_HEADERS, *nonce, *limits.items()))

    async def _shown(
        self, request: MachineRequest, client: RegisteredClient
    ) -> Confirmation | None:
        """Return what the request shows that its tokens are bound to."""
        if binds(client):
            return confirmation(request)
        return await self._proofs.take(request, client)

    def _parse(
        self,
        request: MachineRequest,
        form: Form,
        client: RegisteredClient,
        *,
        rate: Verdict | None,
        bound_to: Confirmation | None,
    ) -> TokenRequest:
        return TokenRequest(
            issuer=request.issuer,
            client=client,
            form=form,
            scope=scopes.parse(form.get("scope")),
            resources=form.all("resource"),
            rate=rate,
            now=self._clock.now(),
            http=request,
            bound_to=bound_to,
        )

    async def _check(self, request: TokenRequest) -> None:
        try:
            for check in CHECKS:
                check(request)
        except AddressRefusedError:
            await self._record_refused_address(request)
            raise

    async def _issue(self, request: TokenRequest) -> tuple[bytes, tuple[Verdict, ...]]:
        """Settle what was found; when somebody else was faster, look again.

        Returns the answer, and what is left of the client's quotas if it has any.
        """
        for _ in range(_ATTEMPTS):
            grant = GRANTS[request.grant_type](self._tools, request)
            found = await grant.authorize()
            if isinstance(found, bytes):
                return found, ()
            if request.bound_to:
                found = found._replace(bound_to=request.bound_to)
            issued = self._mint.mint(found, request.now)
            settle = partial(grant.settle, authorization=found, issued=issued)
            settled = await self._tools.database.stored(settling(request, settle))
            if settled is not None:
                return issued.body, settled
            client = self._authentication.confirm(request.http, request.form, request.client)
            request = request._replace(client=client, now=self._clock.now())
        raise OAuthError("temporarily_unavailable", "please try again")

    async def _record_refused_address(self, request: TokenRequest) -> None:
        event = Event(
            EventType.CLIENT_ADDRESS_REFUSED,
            request.client.tenant.id,
            request.actor(),
            resource=f"client:{request.client.id}",
        )
        await self._tools.database.stored(lambda tx: self._tools.trail.record(tx, event))
