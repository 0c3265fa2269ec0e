"""Bound tokens at a resource of ours: scheme, proof or certificate, and refusals.

RFC 9449 section 7, RFC 8705 section 3.
"""

from authserver.clients.registered import RegisteredClient
from authserver.core.database.engine import Database
from authserver.oauth.access_tokens import ReadToken
from authserver.oauth.dpop.proof import NAMES
from authserver.oauth.dpop.proofs import Proofs
from authserver.oauth.errors import OAuthError, bearer_error, printable
from authserver.oauth.lane.request import MachineRequest
from authserver.oauth.mtls.presented import confirmation
from authserver.tokens.authorization import CERTIFICATE, Confirmation

SCHEME = "dpop"
_WRONG_SCHEME = "the access token is not presented as its token_type says"
Headers = tuple[tuple[str, str], ...]


class BoundTokens:
    """Sees to it that a bound token is good with its key and with nothing else."""

    def __init__(self, proofs: Proofs, database: Database) -> None:
        """Take what uses proofs up."""
        self._proofs = proofs
        self._database = database

    def check(
        self,
        request: MachineRequest,
        client: RegisteredClient,
        token: ReadToken,
        *,
        presented: str,
        scheme: str,
    ) -> Headers:
        """Refuse who does not show the key of the token; return headers for the answer.

        An unbound token that is presented as one costs a comparison.
        """
        bound_to = token.bound_to
        if bound_to is None and scheme != SCHEME:
            return ()
        if bound_to is not None and bound_to.method == CERTIFICATE:
            _check_certificate(request, bound_to, scheme)
            return ()
        if token.token_type.lower() != scheme:
            raise _refusal(OAuthError("invalid_token", _WRONG_SCHEME, detail=token.token_type))
        try:
            shown = self._database.run_alone(self._proofs.take(request, client, presented))
        except OAuthError as error:
            raise _refusal(error) from error
        if shown != bound_to:
            detail = "no proof, or by another key"
            raise _refusal(
                OAuthError("invalid_token", "the token's key is not shown", detail=detail)
            )
        return self._proofs.headers(request, client)


def _check_certificate(request: MachineRequest, bound_to: Confirmation, scheme: str) -> None:
    """Refuse who does not show the certificate (RFC 8705 section 3)."""
    if scheme == SCHEME:
        raise bearer_error("invalid_token", _WRONG_SCHEME)
    if confirmation(request) != bound_to:
        raise bearer_error("invalid_token", "the token's certificate is not shown")


def _refusal(error: OAuthError) -> OAuthError:
    """Return a refusal in the words of section 7.1: 401, and which keys would do."""
    members = [("error", error.error), ("error_description", printable(error.description))]
    members.append(("algs", " ".join(NAMES)))
    challenge = "DPoP " + ", ".join(f'{name}="{value}"' for name, value in members)
    headers = {**error.headers, "WWW-Authenticate": challenge}
    refusal = OAuthError(error.error, error.description, detail=error.detail, headers=headers)
    refusal.status = 401
    return refusal
