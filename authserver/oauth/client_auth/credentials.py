"""What a client brought to prove itself, whichever way it came. Exactly one way is allowed."""

from base64 import b64decode
from typing import NamedTuple
from urllib.parse import unquote_plus

from authserver.clients.policy import SECRET_ALGORITHMS
from authserver.core.jose import InvalidToken, unverified_claims, unverified_header
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.request import Form, MachineRequest

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Credentials(NamedTuple):
    """A claimed client_id, the method used, and the proof (empty for a public client)."""

    method: str
    client_id: str
    proof: str


def refuse(detail: str, *, basic: bool = False) -> OAuthError:
    """Return the one answer to a client that did not prove itself."""
    headers = {"WWW-Authenticate": 'Basic realm="token endpoint", charset="UTF-8"'} if basic else {}
    return OAuthError(
        "invalid_client", "client authentication failed", detail=detail, headers=headers
    )


def read(request: MachineRequest, form: Form) -> Credentials:
    """Find the credentials. More than one method in a request is refused."""
    found = [
        credentials
        for reader in (_basic, _assertion, _post)
        if (credentials := reader(request, form)) is not None
    ]
    if len(found) > 1:
        raise OAuthError("invalid_request", "more than one client authentication method was used")
    if found:
        return found[0]
    client_id = form.get("client_id")
    if client_id is None:
        raise refuse("no client credentials")
    return Credentials("none", client_id, "")


def _basic(request: MachineRequest, form: Form) -> Credentials | None:
    """Read client_secret_basic; both parts are form-encoded (RFC 6749 section 2.3.1)."""
    scheme, _, value = request.authorization.partition(" ")
    if not scheme:
        return None
    if scheme.lower() != "basic":
        raise refuse("authorization scheme is not Basic", basic=True)
    try:
        user, colon, password = b64decode(value.strip(), validate=True).decode().partition(":")
        client_id, secret = _form_decoded(user), _form_decoded(password)
    except ValueError as error:
        raise refuse("malformed Basic credentials", basic=True) from error
    if not colon or form.get("client_id") not in {None, client_id}:
        raise refuse("Basic credentials and client_id differ", basic=True)
    return Credentials("client_secret_basic", client_id, secret)


def _form_decoded(part: str) -> str:
    return unquote_plus(part, errors="strict") if "%" in part or "+" in part else part


def _post(_request: MachineRequest, form: Form) -> Credentials | None:
    secret = form.get("client_secret")
    if secret is None:
        return None
    return Credentials("client_secret_post", form.need("client_id"), secret)


def _assertion(_request: MachineRequest, form: Form) -> Credentials | None:
    """Read an assertion (RFC 7523 section 2.2). The claimed id is checked with the signature.

    What the header claims only says which method this is: it has to be the registered one.
    """
    assertion = form.get("client_assertion")
    if assertion is None:
        return None
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise OAuthError("invalid_request", "the client_assertion_type is not supported")
    try:
        by_secret = unverified_header(assertion).get("alg") in SECRET_ALGORITHMS
        # Only to find whose keys must verify the assertion.
        subject = str(unverified_claims(assertion).get("sub", ""))
    except InvalidToken as error:
        raise refuse(f"assertion: {error}") from error
    method = "client_secret_jwt" if by_secret else "private_key_jwt"
    return Credentials(method, form.get("client_id") or subject, assertion)
