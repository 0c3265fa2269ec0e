"""The waist of the server: what a grant found out, from which every token is made."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, Self

from authserver.clients.registered import RegisteredClient
from authserver.tenants.resolve import Issuer
from authserver.tenants.snapshot import TenantSnapshot
from authserver.tokens.people.requested import NOTHING, RequestedClaims

KEY, CERTIFICATE = "jkt", "x5t#S256"


class Home(NamedTuple):
    """The tenant of a person: what tokens say of it, and the epoch they depend on."""

    id: str
    slug: str
    type: str
    security_epoch: int


class Person(NamedTuple):
    """The account a token speaks of, as it is now. `details` are claims by their names.

    `roles_until` is when the first of the roles ends: no token that names them outlives it.
    """

    id: str
    tenant: Home
    email: str
    email_verified: bool
    name: str
    locale: str | None
    zoneinfo: str | None
    picture_id: str | None
    updated_at: datetime
    security_epoch: int
    roles: tuple[str, ...]
    details: Mapping[str, Any] | None = None
    roles_until: datetime | None = None


class SignIn(NamedTuple):
    """How and when the person proved who they are, and what the tokens of it belong to.

    `home_epoch` is what a guest's sign-in depends on at home. `claims` are those that the request
    asked for by name, `demanded_acr` the class that it made a condition, and that was met.
    """

    family_id: str
    session_id: str
    auth_time: datetime
    acr: str
    amr: tuple[str, ...]
    nonce: str | None
    expires_at: datetime
    offline: bool
    home_epoch: int | None = None
    claims: RequestedClaims = NOTHING
    demanded_acr: str | None = None


class Confirmation(NamedTuple):
    """What a token is bound to (RFC 7800 section 3.1): the way to show it, and a thumbprint."""

    method: str
    thumbprint: str

    @classmethod
    def of_key(cls, jkt: str) -> Self:
        """Return the confirmation by a proof of a key (RFC 9449 section 6.1)."""
        return cls(KEY, jkt)

    @classmethod
    def of_certificate(cls, thumbprint: str) -> Self:
        """Return the confirmation by a certificate (RFC 8705 section 3.1)."""
        return cls(CERTIFICATE, thumbprint)

    @classmethod
    def parse(cls, stored: str | None) -> Self | None:
        """Read what `stored` wrote."""
        return cls(*stored.split(" ")) if stored else None

    @property
    def stored(self) -> str:
        """Return what a column holds."""
        return f"{self.method} {self.thumbprint}"

    @property
    def claim(self) -> dict[str, str]:
        """Return the claim `cnf`."""
        return {self.method: self.thumbprint}

    @property
    def token_type(self) -> str:
        """Return how such a token is presented."""
        return "DPoP" if self.method == KEY else "Bearer"


class Authorization(NamedTuple):
    """A client may have tokens of this scope for these audiences, for a person or for itself.

    `person` and `sign_in` are None for the client itself. `id_token` says that the answer tells who
    signed in: with the code, not with every refresh (OpenID Connect Core section 12.2). `act` says
    who acts for the person and `ends_at` when the token ends at the latest, where one came of
    another token; then the answer names its type (RFC 8693). `bound_to` is what the access token is
    good with, and is set by the endpoint for every grant.
    """

    issuer: Issuer
    client: RegisteredClient
    scope: tuple[str, ...]
    audience: tuple[str, ...]
    person: Person | None = None
    sign_in: SignIn | None = None
    refreshable: bool = False
    id_token: bool = False
    act: Mapping[str, Any] | None = None
    ends_at: datetime | None = None
    issued_token_type: str | None = None
    bound_to: Confirmation | None = None

    @property
    def tenant(self) -> Home | TenantSnapshot:
        """Return the tenant of the subject."""
        return self.person.tenant if self.person else self.client.tenant


class Ending(NamedTuple):
    """A session that is over, as one of its clients is told."""

    issuer: Issuer
    client: RegisteredClient
    user_id: str
    session_id: str


class TokenSet(NamedTuple):
    """What was minted. `body` is the token response (RFC 6749 section 5.1), encoded."""

    body: bytes
    jti: str
    refresh_token: str | None
