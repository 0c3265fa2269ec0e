"""GET and POST /oauth/userinfo (OpenID Connect Core section 5.3)."""

from authserver.core.database.engine import Database
from authserver.core.jose import InvalidToken
from authserver.core.web import Answer, parse_form, read_body
from authserver.oauth import scopes
from authserver.oauth.access_tokens import AccessTokens, ReadToken
from authserver.oauth.client_auth import ClientAuthentication
from authserver.oauth.dpop import Proofs
from authserver.oauth.dpop.proof import ALGORITHMS
from authserver.oauth.errors import OAuthError, printable
from authserver.oauth.lane.request import Form, MachineRequest
from authserver.tokens.claims import userinfo_claims

Headers = tuple[tuple[str, str], ...]
BEARER, DPOP = "bearer", "dpop"
_WRONG_SCHEME = "the access token is not presented as its token_type says"
_FORM = "application/x-www-form-urlencoded"


class UserinfoEndpoint:
    """Says who the token is about, as far as its scopes open."""

    methods = frozenset({"GET", "POST"})
    scripts = True

    def __init__(
        self,
        tokens: AccessTokens,
        clients: ClientAuthentication,
        *,
        database: Database,
        proofs: Proofs,
    ) -> None:
        """Take what reads access tokens, finds their clients and takes proofs of their keys."""
        self._tokens = tokens
        self._clients = clients
        self._database = database
        self._proofs = proofs

    def answer(self, request: MachineRequest) -> Answer:
        """Return the claims of the token's person."""
        try:
            scheme, presented = _presented(request)
            token = self._tokens.read(presented, request.issuer)
        except InvalidToken as error:
            raise bearer_error(
                "invalid_token", "the access token is not valid", str(error)
            ) from error
        nonce: Headers = ()
        if token.bound_to or scheme == DPOP:
            nonce = self._check_key(request, token, presented, scheme=scheme)
        if scopes.OPENID not in token.scope:
            raise bearer_error("insufficient_scope", "the scope openid is needed", scope="openid")
        person = self._tokens.person(token)
        if person is None:
            raise bearer_error("invalid_token", "the access token is not valid", "family ended")
        claims = userinfo_claims(person, token.scope, issuer=request.issuer.url)
        return Answer.json(claims, headers=dict(nonce))

    def _check_key(
        self, request: MachineRequest, token: ReadToken, presented: str, *, scheme: str
    ) -> Headers:
        """Refuse who does not show the key that the token is bound to (RFC 9449 section 7.1).

        Returns the headers of the answer.
        """
        client = self._clients.issued_to(request, token.client_id)
        if token.token_type.lower() != scheme or client is None:
            raise proof_error(bearer_error("invalid_token", _WRONG_SCHEME, token.token_type))
        try:
            shown = self._database.run_alone(self._proofs.take(request, client, presented))
        except OAuthError as error:
            raise proof_error(error) from error
        if shown != token.bound_to:
            detail = "no proof, or by another key"
            raise proof_error(
                bearer_error("invalid_token", "the token's key was not shown", detail)
            )
        return self._proofs.headers(request, client)


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
        return BEARER, in_form
    if scheme.lower() not in {BEARER, DPOP} or not token.strip():
        raise bearer_error("", "an access token is needed")
    return scheme.lower(), token.strip()


def _from_form(request: MachineRequest) -> str | None:
    content_type = str(request.environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
    if request.method != "POST" or content_type != _FORM:
        return None
    return Form(parse_form(read_body(request.environ))).get("access_token")


def bearer_error(error: str, description: str, detail: str = "", *, scope: str = "") -> OAuthError:
    """Return a refusal of RFC 6750 section 3; without credentials no error is named."""
    members = [("realm", "authserver")]
    if error:
        members += [("error", error), ("error_description", printable(description))]
    if scope:
        members.append(("scope", scope))
    challenge = "Bearer " + ", ".join(f'{name}="{value}"' for name, value in members)
    return OAuthError(
        error or "invalid_token",
        description,
        detail=detail,
        headers={"WWW-Authenticate": challenge},
    )


def proof_error(error: OAuthError) -> OAuthError:
    """Return a refusal in the words of RFC 9449 section 7.1: 401, and which keys would do."""
    members = [("error", error.error), ("error_description", printable(error.description))]
    members.append(("algs", " ".join(ALGORITHMS)))
    challenge = "DPoP " + ", ".join(f'{name}="{value}"' for name, value in members)
    headers = {**error.headers, "WWW-Authenticate": challenge}
    refusal = OAuthError(error.error, error.description, detail=error.detail, headers=headers)
    refusal.status = 401
    return refusal
