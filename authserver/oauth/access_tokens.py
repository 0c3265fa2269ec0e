"""Our own access tokens, read back: signature, issuer, times, and whether they are still good."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authserver.clients.registered import RegisteredClient
from authserver.core.cache import Snapshots
from authserver.core.clock import Clock, epoch
from authserver.core.database.engine import Database, Transaction
from authserver.core.jose import InvalidToken
from authserver.tenants.resolve import Issuer
from authserver.tokens import families, statements
from authserver.tokens.authorization import Confirmation, Person
from authserver.tokens.calendar import IssuerKeys, Phase
from authserver.tokens.issuer import TokenOrigin, origin
from authserver.tokens.people.requested import RequestedClaims
from authserver.tokens.people.subjects import SubjectIdentifiers

# What every one has, and other JWTs that we sign do not.
_ID_TOKEN = {"sub", "aud", "azp", "exp", "sid", "auth_time", "tenant_id", "roles"}


@dataclass(frozen=True)
class ReadToken:
    """An access token of this issuer that has not expired; whether it is live is another look."""

    claims: dict[str, Any]
    origin: TokenOrigin

    @property
    def client_id(self) -> str:
        """Return the client it was issued to."""
        return str(self.claims["client_id"])

    @property
    def scope(self) -> tuple[str, ...]:
        """Return its scopes."""
        return tuple(str(self.claims["scope"]).split())

    @property
    def bound_to(self) -> Confirmation | None:
        """Return what it is good with, None where it is good with nothing else."""
        confirmation = self.claims.get("cnf")
        return Confirmation(*next(iter(confirmation.items()))) if confirmation else None

    @property
    def token_type(self) -> str:
        """Return how it is presented."""
        return self.bound_to.token_type if self.bound_to else "Bearer"

    @property
    def audience(self) -> tuple[str, ...]:
        """Return its audience as a list."""
        audience = self.claims["aud"]
        return (audience,) if isinstance(audience, str) else tuple(audience)


class AccessTokens:
    """Reads access tokens and asks whether they still hold."""

    def __init__(
        self,
        keys: Snapshots[str | None, IssuerKeys],
        database: Database,
        clock: Clock,
        *,
        subjects: SubjectIdentifiers,
    ) -> None:
        """Take the keys, the database, the time, and what clients call people."""
        self.subjects = subjects
        self._keys = keys
        self._database = database
        self._clock = clock

    def read(self, token: str, issuer: Issuer) -> ReadToken:
        """Return the token's claims. Raises InvalidToken; the state behind it is not looked at."""
        claims = self.phase(issuer).access_tokens.read(token)
        if claims["iss"] != issuer.url:
            raise InvalidToken("another issuer")
        if epoch(self._clock.now()) >= claims["exp"]:
            raise InvalidToken("expired")
        return ReadToken(claims, origin(claims["jti"]))

    def phase(self, issuer: Issuer) -> Phase:
        """Return what the issuer signs with now. Raises InvalidToken where it has no keys."""
        keys = self._keys.get(issuer.tenant_id)
        if keys is None:
            raise InvalidToken("the issuer has no keys")
        return keys.at(self._clock.now())

    def read_id_token(self, token: str, issuer: Issuer) -> dict[str, Any]:
        """Return the claims of an ID token, whose times are the caller's. Raises InvalidToken."""
        claims = self.phase(issuer).id_tokens.read(token)
        if claims.get("iss") != issuer.url or not claims.keys() >= _ID_TOKEN:
            raise InvalidToken("another issuer, or no ID token")
        return claims

    def person(self, token: ReadToken) -> tuple[Person, RequestedClaims] | None:
        """Return whom a person's token is about, while it holds, and what was asked for by name."""
        with self._database.read() as view:
            return self.person_seen(view, token)

    def person_seen(
        self, view: Transaction, token: ReadToken
    ) -> tuple[Person, RequestedClaims] | None:
        """Return the same for who looks at more of the same moment."""
        if token.origin.family_id is None:
            return None
        return families.live_person(view, token.origin.family_id, self._clock.now())

    def is_live(self, token: ReadToken) -> bool:
        """Tell whether nothing the token depends on has been revoked, disabled or ended."""
        with self._database.read() as view:
            if token.origin.family_id is not None:
                return families.is_live(view, token.origin.family_id, self._clock.now())
            return machine_token_is_live(view, token)


def machine_token_is_live(view: Transaction, token: ReadToken) -> bool:
    """Tell whether client and tenant are at the epochs of the token and it was not revoked."""
    tenant_id = token.claims["tenant_id"]
    wanted = {"tenant_id": tenant_id, "client_id": token.client_id}
    state = view.row(statements.MACHINE_STATE, wanted)
    if state is None or state["disabled_at"] is not None or state["suspended_at"] is not None:
        return False
    if state["security_epoch"] != token.origin.client_epoch:
        return False
    if state["tenant_epoch"] != token.origin.tenant_epoch:
        return False
    revoked = {"tenant_id": tenant_id, "jti": token.claims["jti"]}
    return view.row(statements.IS_REVOKED, revoked) is None


def may_introspect(caller: RegisteredClient, token: ReadToken) -> bool:
    """Tell whether a client may learn about a token: its own, or one meant for its service.

    Only service clients stand for resource servers; partners and applications see their own.
    """
    if token.client_id == caller.id:
        return True
    services = {caller.id, *caller.audiences}
    return caller.kind == "service" and not services.isdisjoint(token.audience)


def expiry(token: ReadToken) -> datetime:
    """Return when the token ends."""
    return datetime.fromtimestamp(token.claims["exp"]).astimezone()
