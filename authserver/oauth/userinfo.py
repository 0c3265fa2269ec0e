"""GET and POST /oauth/userinfo (OpenID Connect Core section 5.3)."""

from authserver.clients.registered import RegisteredClient
from authserver.core.cache import Snapshots
from authserver.core.jose import InvalidToken
from authserver.core.web import Answer, parse_form, read_body
from authserver.oauth import scopes
from authserver.oauth.access_tokens import AccessTokens
from authserver.oauth.dpop.resource import SCHEME as DPOP
from authserver.oauth.dpop.resource import BoundTokens, Headers
from authserver.oauth.errors import bearer_error
from authserver.oauth.lane.request import Form, MachineRequest
from authserver.tokens.claims import Claims, userinfo_claims
from authserver.tokens.responses import Wrapping

_BEARER = "bearer"
_FORM = "application/x-www-form-urlencoded"
_JWT = (("Content-Type", "application/jwt"),)


class UserinfoEndpoint:
    """Says who the token is about, as far as its scopes open."""

    methods = frozenset({"GET", "POST"})
    scripts = True

    def __init__(
        self,
        tokens: AccessTokens,
        clients: Snapshots[str, RegisteredClient],
        wrapping: Wrapping,
        *,
        bound: BoundTokens,
    ) -> None:
        """Take what reads access tokens, knows the form that a client wants, and sees its key."""
        self._tokens = tokens
        self._clients = clients
        self._wrapping = wrapping
        self._bound = bound

    def answer(self, request: MachineRequest) -> Answer:
        """Return the claims of the token's person."""
        try:
            scheme, presented = _presented(request)
            token = self._tokens.read(presented, request.issuer)
        except InvalidToken as error:
            raise bearer_error(
                "invalid_token", "the access token is not valid", str(error)
            ) from error
        client = self._clients.get(token.client_id)
        if client is None:
            raise bearer_error("invalid_token", "the access token is not valid", "client is gone")
        nonce = self._bound.check(request, client, token, presented=presented, scheme=scheme)
        if scopes.OPENID not in token.scope:
            raise bearer_error("insufficient_scope", "the scope openid is needed", scope="openid")
        found = self._tokens.person(token)
        if found is None:
            raise bearer_error("invalid_token", "the access token is not valid", "family ended")
        person, asked = found
        claims = userinfo_claims(
            person,
            token.scope,
            subject=token.claims["sub"],  # the same as in the ID token (section 5.3.2)
            issuer=request.issuer.url,
            asked=asked,
        )
        return self._in_form(request, client, claims, headers=nonce)

    def _in_form(
        self,
        request: MachineRequest,
        client: RegisteredClient,
        claims: Claims,
        *,
        headers: Headers,
    ) -> Answer:
        signed = self._wrapping.userinfo(
            client, claims, issuer=request.issuer.url, phase=self._tokens.phase(request.issuer)
        )
        if signed is None:
            return Answer.json(claims, headers=dict(headers))
        return Answer(200, signed.encode(), (*_JWT, *headers))


def _presented(request: MachineRequest) -> tuple[str, str]:
    """Return the scheme and the token, from the header or, in a POST, the form (RFC 6750).

    Never from the query.
    """
    if request.environ.get("QUERY_STRING"):
        raise bearer_error("invalid_request", "parameters do not belong into the query")
    scheme, _, token = request.authorization.partition(" ")
    in_form = _from_form(request)
    if scheme and in_form:
        raise bearer_error("invalid_request", "the token came in more than one way")
    if in_form:
        return _BEARER, in_form
    if scheme.lower() not in {_BEARER, DPOP} or not token.strip():
        raise bearer_error("", "an access token is needed")
    return scheme.lower(), token.strip()


def _from_form(request: MachineRequest) -> str | None:
    content_type = str(request.environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
    if request.method != "POST" or content_type != _FORM:
        return None
    return Form(parse_form(read_body(request.environ))).get("access_token")
