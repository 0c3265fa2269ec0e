"""POST /oauth/introspect (RFC 7662), signed where the resource server asks for it (RFC 9701)."""

from collections.abc import Mapping

from authserver.api_keys.introspection import KeyIntrospection
from authserver.clients.registered import RegisteredClient
from authserver.core.cache import Snapshots
from authserver.core.clock import Clock, epoch
from authserver.core.database.engine import Database
from authserver.core.jose import InvalidToken
from authserver.core.web import Answer
from authserver.oauth.access_tokens import AccessTokens, ReadToken, may_introspect
from authserver.oauth.client_auth import ClientAuthentication
from authserver.oauth.client_auth.credentials import refuse
from authserver.oauth.lane.request import MachineRequest
from authserver.tokens import refresh
from authserver.tokens.calendar import INTROSPECTION, IssuerKeys
from authserver.tokens.families import Family
from authserver.tokens.refresh import Presented

MEDIA_TYPE = f"application/{INTROSPECTION}"
_JSON = "application/json"
_STANDARD_ALG = "RS256"  # RFC 9701 section 6
_INACTIVE: Mapping[str, object] = {"active": False}
_SAID = (
    "iss", "sub", "aud", "client_id", "scope", "jti", "iat", "exp", "auth_time", "acr", "amr",
    "sid", "act", "tenant_id", "tenant", "tenant_type", "roles", "cnf",
)  # fmt: skip


class IntrospectionEndpoint:
    """Says whether a token holds now, to whom it concerns; everybody else hears inactive."""

    methods = frozenset({"POST"})
    scripts = False

    def __init__(
        self,
        authentication: ClientAuthentication,
        tokens: AccessTokens,
        keys: Snapshots[str | None, IssuerKeys],
        *,
        api_keys: KeyIntrospection,
        database: Database,
        clock: Clock,
    ) -> None:
        """Take what authenticates the caller, reads tokens and API keys, and signs answers."""
        self._api_keys = api_keys
        self._keys = keys
        self._authentication = authentication
        self._tokens = tokens
        self._database = database
        self._clock = clock

    def answer(self, request: MachineRequest) -> Answer:
        """Return the token's state (section 2.2)."""
        form = request.form()
        self._authentication.prepare(request, form)
        caller = self._database.run_alone(self._authentication.authenticate(request, form))
        if caller.is_public:
            raise refuse("a public client may not introspect")
        token = form.need("token")
        if self._api_keys.is_key(token):
            # Only the service knows from where the key came: not a parameter of RFC 7662.
            said = self._api_keys.said(
                caller, token, issuer=request.issuer, address=form.get("client_address")
            )
        else:
            said = self._access_token(request, caller, token) or self._refresh_token(caller, token)
        if _wants_jwt(request.header("ACCEPT")):
            return self._signed(request, caller, said or _INACTIVE)
        return Answer.json(said or _INACTIVE)

    def _signed(
        self, request: MachineRequest, caller: RegisteredClient, said: Mapping[str, object]
    ) -> Answer:
        """Return the answer as a JWT for the caller alone, and no token (RFC 9701 section 5)."""
        now = self._clock.now()
        alg = caller.options.introspection_signed_response_alg or _STANDARD_ALG
        keys = self._keys.get(request.issuer.tenant_id)
        if keys is None:
            raise LookupError(f"no keys for issuer {request.issuer.url}")
        claims = {
            "iss": request.issuer.url,
            "aud": caller.id,
            "iat": epoch(now),
            "token_introspection": said,
        }
        body = keys.at(now).signing(alg).sign(INTROSPECTION, claims).encode()
        return Answer(200, body, (("Content-Type", MEDIA_TYPE),))

    def _access_token(
        self, request: MachineRequest, caller: RegisteredClient, token: str
    ) -> Mapping[str, object] | None:
        try:
            found = self._tokens.read(token, request.issuer)
        except InvalidToken:
            return None
        if not self._concerns(request, caller, found) or not self._tokens.is_live(found):
            return None
        said = {name: found.claims[name] for name in _SAID if name in found.claims}
        return {"active": True, "token_type": found.token_type, **said}

    def _concerns(
        self, request: MachineRequest, caller: RegisteredClient, token: ReadToken
    ) -> bool:
        """Tell whether the token is for the caller, in a tenant whose business it is.

        Anybody may register a service under any audience: the tenant of the client or of the
        person must be the service's own, unless the service is the company's.
        """
        issued_to = self._authentication.issued_to(request, token.client_id)
        if issued_to is None or not may_introspect(caller, token):
            return False
        tenants = {issued_to.tenant.id, token.claims["tenant_id"]}
        return caller.tenant.id in tenants or caller.tenant.type == "internal"

    def _refresh_token(self, caller: RegisteredClient, token: str) -> Mapping[str, object] | None:
        now = self._clock.now()
        with self._database.read() as view:
            found = refresh.find(view, token, now)
        if found is None or found.client_id != caller.id or found.used_at is not None:
            return None
        if found.family is None or now >= found.expires_at:
            return None
        return _describe(found, found.family, self._tokens.subjects.of(caller, found.user_id))


def _wants_jwt(accept: str) -> bool:
    """Tell whether a signed answer is asked for, at least as much as a bare one."""
    wanted = _preferences(accept)
    return wanted.get(MEDIA_TYPE, 0) > 0 and wanted[MEDIA_TYPE] >= wanted.get(_JSON, 0)


def _preferences(accept: str) -> Mapping[str, float]:
    """Return what is accepted by name, with its weight (RFC 9110 section 12.5.1)."""
    found = {}
    for entry in accept.split(","):
        name, *parameters = (part.strip().lower() for part in entry.split(";"))
        weights = [part[2:] for part in parameters if part.startswith("q=")]
        try:
            found[name] = float(weights[0]) if weights else 1.0
        except ValueError:
            found[name] = 0.0
    return found


def _describe(found: Presented, family: Family, subject: str) -> Mapping[str, object]:
    return {
        "active": True,
        "token_type": "refresh_token",
        "iss": found.issuer,
        "client_id": found.client_id,
        "sub": subject,
        "scope": " ".join(family.scope),
        "exp": epoch(found.expires_at),
        "tenant_id": found.tenant_id,
    }
