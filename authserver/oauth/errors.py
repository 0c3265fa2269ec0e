"""Every error code of the protocol, one table, and the one way to say no."""

from collections.abc import Mapping
from typing import ClassVar

from authserver.core.problems import Problem

_UNSAFE = str.maketrans({'"': "'", "\\": "/"})


class OAuthError(Problem):
    """A refusal with a code of the table (RFC 6749 sections 4.1.2.1 and 5.2, and others)."""

    STATUS: ClassVar[Mapping[str, int]] = {
        "invalid_request": 400,
        "invalid_client": 401,
        "invalid_grant": 400,
        "unauthorized_client": 400,
        "unsupported_grant_type": 400,
        "invalid_scope": 400,
        "invalid_target": 400,  # RFC 8707
        "access_denied": 400,
        "unsupported_response_type": 400,
        "server_error": 500,
        "temporarily_unavailable": 503,
        "slow_down": 429,  # no RFC names an error for rate limits at the token endpoint
        "authorization_pending": 400,  # RFC 8628 section 3.5
        "expired_token": 400,
        "login_required": 400,  # OpenID Connect Core section 3.1.2.6
        "consent_required": 400,
        "account_selection_required": 400,
        "interaction_required": 400,
        "invalid_request_uri": 400,  # OpenID Connect Core section 3.1.2.6, RFC 9101 section 7
        "invalid_request_object": 400,
        "unmet_authentication_requirements": 400,  # a document of the OpenID Foundation of its own
        "request_not_supported": 400,
        "registration_not_supported": 400,
        "invalid_token": 401,  # RFC 6750
        "insufficient_scope": 403,
        "unsupported_token_type": 400,  # RFC 7009
        "invalid_dpop_proof": 400,  # RFC 9449 sections 5 and 8
        "use_dpop_nonce": 400,
        "invalid_redirect_uri": 400,  # RFC 7591 section 3.2.2
        "invalid_client_metadata": 400,
        "invalid_software_statement": 400,
        "unapproved_software_statement": 400,
    }

    def __init__(
        self,
        error: str,
        description: str,
        *,
        detail: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Take a code of the table and a sentence for the client's developer."""
        super().__init__(description, detail=detail, headers=headers)
        self.error = self.code = error
        self.status = self.STATUS[error]

    def parameters(self) -> dict[str, str]:
        """Return error and error_description, the latter in the characters that RFC 6749 allows."""
        return {"error": self.error, "error_description": printable(self.description)}


def printable(text: str) -> str:
    """Reduce to %x20-21 / %x23-5B / %x5D-7E (RFC 6749 section 5.2)."""
    ascii_only = text.encode("ascii", "replace").decode().translate(_UNSAFE)
    return "".join(c if c.isprintable() else " " for c in ascii_only)


def as_oauth_error(problem: Problem) -> OAuthError:
    """Express any refusal in the protocol's words."""
    if isinstance(problem, OAuthError):
        return problem
    error = {503: "temporarily_unavailable", 500: "server_error", 429: "slow_down"}.get(
        problem.status, "invalid_request"
    )
    translated = OAuthError(
        error, problem.description, detail=problem.detail, headers=problem.headers
    )
    translated.status = problem.status
    return translated


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
