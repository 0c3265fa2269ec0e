"""What a client's own token request would end in, tried for whoever looks after the client.

The same checks and the same mint, in the same order. Nothing is stored and the token is not given:
what comes out are its claims.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from authserver.clients.policy import AuthMethod
from authserver.clients.registered import RegisteredClient
from authserver.core.cache import Snapshots
from authserver.core.clock import Clock
from authserver.core.ids import new_id
from authserver.core.jose import unverified_claims
from authserver.core.problems import NotFound
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.request import Form, MachineRequest
from authserver.oauth.token.checks import CHECKS
from authserver.oauth.token.grants.client_credentials import own_authorization
from authserver.oauth.token.request import TokenRequest
from authserver.tenants.resolve import Issuer, tenant_issuer
from authserver.tokens.issuer import Mint

_GRANT = "client_credentials"
# Under the names of what they are about.
_CHECKED: tuple[tuple[str, Callable[[TokenRequest], object]], ...] = (
    *((check.__name__.removeprefix("check_").removeprefix("client_"), check) for check in CHECKS),
    ("token", own_authorization),
)


@dataclass(frozen=True)
class Trial:
    """A request as it would be: from where, and for what; nothing named is everything."""

    address: str
    scopes: Sequence[str] = ()
    audience: str | None = None


@dataclass(frozen=True)
class Step:
    """Something that was checked; the reason if it was refused."""

    name: str
    reason: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What was checked, and what the token would say."""

    steps: tuple[Step, ...]
    expires_in: int | None = None
    claims: dict[str, Any] | None = None


@dataclass(frozen=True)
class Trials:
    """Tries requests. `platform` is the URL of the platform's issuer."""

    clients: Snapshots[str, RegisteredClient]
    mint: Mint
    clock: Clock
    platform: str

    def run(self, client_id: str, trial: Trial) -> Outcome:
        """Try a request of a client. Raises NotFound."""
        client = self.clients.get(client_id)
        if client is None:
            raise NotFound("There is no such client.")
        request = self._request(client, trial)
        steps = tuple(_steps(client, request, has_secret=self._has_secret(client)))
        if any(step.reason for step in steps):
            return Outcome(steps)
        issued = self.mint.mint(own_authorization(request), request.now)
        answer = orjson.loads(issued.body)
        claims = unverified_claims(answer["access_token"])
        return Outcome(steps, answer["expires_in"], claims)

    def _has_secret(self, client: RegisteredClient) -> bool:
        by_secret = AuthMethod(client.auth_method).has_secret
        return not by_secret or bool(client.live_secrets(self.clock.now()))

    def _request(self, client: RegisteredClient, trial: Trial) -> TokenRequest:
        issuer = Issuer(self.platform)
        if client.at_tenant_issuer:
            tenant = client.tenant
            issuer = Issuer(tenant_issuer(self.platform, tenant.slug, tenant.issuer_host), tenant)
        return TokenRequest(
            issuer=issuer,
            client=client,
            form=Form({"grant_type": [_GRANT]}),
            scope=tuple(trial.scopes),
            resources=(trial.audience,) if trial.audience else (),
            rate=None,
            now=self.clock.now(),
            http=MachineRequest("POST", issuer, trial.address, new_id("req"), {}),
        )


def _steps(client: RegisteredClient, request: TokenRequest, *, has_secret: bool) -> Iterator[Step]:
    """Go through what a request passes, to the first refusal."""
    if not client.usable:
        yield Step("enabled", "the client or its tenant is switched off")
        return
    yield Step("enabled")
    if not has_secret:
        yield Step("credential", "the client has no secret that works")
        return
    yield Step("credential")
    for name, check in _CHECKED:
        try:
            check(request)
        except OAuthError as refusal:
            yield Step(name, refusal.description)
            return
        yield Step(name)
