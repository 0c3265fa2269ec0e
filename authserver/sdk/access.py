"""What a route demands, and how a caller is told that it was not met (RFC 6750). No framework."""

import json
import re
import time
from dataclasses import dataclass
from http import HTTPStatus

from authserver.sdk.claims import AccessToken
from authserver.sdk.errors import (
    CannotAsk,
    InvalidProof,
    KeysUnavailable,
    TokenError,
    TooManyProofs,
)
from authserver.sdk.jwks import ALGORITHMS
from authserver.sdk.step_up import ANY_SIGN_IN, StepUp

BEARER, DPOP = "Bearer", "DPoP"
_CREDENTIALS = re.compile(r"(bearer|dpop)(?: (.*))?", re.IGNORECASE | re.DOTALL)
_B64TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
_SCOPE_TOKEN = re.compile(r"[!#-\[\]-~]+")
_UNQUOTABLE = re.compile(r"[^ !#-\[\]-~]")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that says no; `error` is RFC 6750's code, absent where none applies."""

    status: HTTPStatus
    detail: str
    error: str | None = None
    scope: str | None = None
    retry_after: int | None = None
    acr_values: str | None = None
    max_age: int | None = None
    scheme: str = BEARER

    def headers(self, realm: str) -> dict[str, str]:
        """Return the header fields of the answer; a challenge only where a token would help."""
        headers = {"Cache-Control": "no-store", "Content-Type": "application/problem+json"}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if self.error or self.status is HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = self._challenge(realm)
        return headers

    def body(self) -> str:
        """Return the problem details (RFC 9457) as JSON."""
        problem = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
        }
        return json.dumps(problem | ({"error": self.error} if self.error else {}))

    def _challenge(self, realm: str) -> str:
        attributes = {"realm": realm}
        if self.error:
            attributes |= {"error": self.error, "error_description": self.detail}
        if self.scope:
            attributes["scope"] = self.scope
        if self.acr_values:
            attributes["acr_values"] = self.acr_values
        if self.max_age is not None:
            attributes["max_age"] = str(self.max_age)
        if self.scheme == DPOP:
            attributes["algs"] = " ".join(ALGORITHMS)
        named = ", ".join(f'{name}="{quotable(v)}"' for name, v in attributes.items())
        return f"{self.scheme} {named}"


class Refused(Exception):  # noqa: N818 - the answer to a request, not a failure of the program
    """Carries a refusal up to whoever answers."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.detail)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Policy:
    """What a route was declared to demand: everything named here, all of it."""

    is_public: bool = False
    services_only: bool = False
    role_sets: tuple[frozenset[str], ...] = ()
    scopes: tuple[str, ...] = ()
    step_up: StepUp = ANY_SIGN_IN

    def __and__(self, other: "Policy") -> "Policy":
        """Return what satisfies both: adding a demand never takes one away."""
        return Policy(
            is_public=self.is_public and other.is_public,
            services_only=self.services_only or other.services_only,
            role_sets=self.role_sets + other.role_sets,
            scopes=tuple(dict.fromkeys(self.scopes + other.scopes)),
            step_up=self.step_up & other.step_up,
        )

    def check(self, token: AccessToken, now: float | None = None) -> None:
        """Raise Refused unless the verified token holds everything that is demanded.

        `now` is in seconds since the epoch, of the machine's clock if it is not given.
        """
        if not token.scopes.issuperset(self.scopes):
            raise _insufficient("The access token lacks a scope.", " ".join(self.scopes))
        if self.services_only and not token.is_service:
            raise _insufficient("Only services may call this.")
        if any(token.roles.isdisjoint(names) for names in self.role_sets):
            raise _insufficient("The caller does not hold a role that may do this.")
        # Last: signing in again helps only who may do it then.
        if not self.step_up.is_met_by(token, time.time() if now is None else now):
            raise Refused(_sign_in_again(self.step_up))


UNDECLARED = Refusal(HTTPStatus.FORBIDDEN, "Nobody may call this.")
NO_CREDENTIALS = Refusal(HTTPStatus.UNAUTHORIZED, "An access token is needed.")
TOKEN_IN_REQUEST = Refusal(
    HTTPStatus.BAD_REQUEST,
    "The access token belongs in the Authorization header and nowhere else.",
    "invalid_request",
)


def presented(header: str | None) -> tuple[str, str]:
    """Return scheme and token of an Authorization header (RFC 6750 2.1, RFC 9449 7.1).

    Raises Refused.
    """
    match = _CREDENTIALS.fullmatch(header.strip(" \t")) if header else None
    if match is None:
        raise Refused(NO_CREDENTIALS)
    token = (match[2] or "").strip(" ")
    if not _B64TOKEN.fullmatch(token):
        # Servers join repeated header fields with a comma, which no token contains.
        detail = "The Authorization header must hold exactly one access token."
        raise Refused(Refusal(HTTPStatus.BAD_REQUEST, detail, "invalid_request"))
    return DPOP if match[1].lower() == "dpop" else BEARER, token


def refusal_of(error: TokenError, scheme: str = BEARER) -> Refusal:
    """Return how a failed verification is answered: 401, or 503 while nobody can tell."""
    if isinstance(error, CannotAsk | KeysUnavailable | TooManyProofs):
        return Refusal(
            HTTPStatus.SERVICE_UNAVAILABLE,
            error.description,
            retry_after=error.retry_after,
        )
    code = "invalid_dpop_proof" if isinstance(error, InvalidProof) else "invalid_token"
    return Refusal(HTTPStatus.UNAUTHORIZED, error.description, code, scheme=scheme)


def quotable(text: str) -> str:
    """Return text that cannot leave a quoted string of a header field (RFC 6750 section 3)."""
    return _UNQUOTABLE.sub("?", text)


def names(values: tuple[object, ...], *, of: str) -> tuple[str, ...]:
    """Return the names a decorator was given; raise TypeError unless it was given good ones."""
    texts = tuple(value for value in values if isinstance(value, str) and value)
    if not texts or len(texts) != len(values):
        raise TypeError(f"@{of} needs names: @{of}('first', 'second')")
    if of == "scopes" and not all(_SCOPE_TOKEN.fullmatch(text) for text in texts):
        raise TypeError("a scope has no spaces, quotes or backslashes (RFC 6749 section 3.3)")
    return texts


def _insufficient(detail: str, scope: str | None = None) -> Refused:
    return Refused(Refusal(HTTPStatus.FORBIDDEN, detail, "insufficient_scope", scope))


def _sign_in_again(wanted: StepUp) -> Refusal:
    """Return the answer that tells a client how to send the person to sign in (RFC 9470)."""
    return Refusal(
        HTTPStatus.UNAUTHORIZED,
        "The person has to sign in again, or in another way.",
        "insufficient_user_authentication",
        acr_values=" ".join(wanted.acr_values) or None,
        max_age=wanted.max_age,
    )
