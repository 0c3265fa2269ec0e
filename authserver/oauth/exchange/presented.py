"""The tokens that an exchange is given: our own, read back, each for what it was issued for."""

from dataclasses import dataclass
from typing import Any

from authserver.clients.registered import RegisteredClient
from authserver.core.clock import Clock, epoch
from authserver.core.database.engine import Transaction
from authserver.core.jose import InvalidToken
from authserver.oauth import scopes
from authserver.oauth.access_tokens import (
    AccessTokens,
    ReadToken,
    machine_token_is_live,
    may_introspect,
)
from authserver.oauth.exchange import policy
from authserver.oauth.exchange.policy import refuse
from authserver.tenants.resolve import Issuer
from authserver.tokens import families
from authserver.tokens.families import Family


@dataclass(frozen=True)
class Subject:
    """Whose token is exchanged, and the most that may come of it."""

    family: Family
    client_id: str
    scope: tuple[str, ...]
    audience: tuple[str, ...]
    roles: frozenset[str]
    act: policy.Act | None
    bound: bool
    expires_at: int  # seconds since 1970


@dataclass(frozen=True)
class Actor:
    """Who acts, and until when."""

    sub: str
    expires_at: int


class PresentedTokens:
    """Reads them. Whatever is wrong with a token, the answer is the same."""

    def __init__(self, tokens: AccessTokens, clock: Clock) -> None:
        """Take what reads our tokens."""
        self._tokens = tokens
        self._clock = clock

    def subject(
        self, view: Transaction, token: str, kind: str, *, issuer: Issuer, client: RegisteredClient
    ) -> Subject:
        """Return whom a token is about, if it is the client's business and holds now."""
        if kind == policy.ID_TOKEN:
            return self._of_id_token(view, token, issuer=issuer, client=client)
        read = self._read(token, issuer)
        if read.origin.family_id is None:
            raise refuse("a machine's token: it asks for itself")
        if not may_introspect(client, read):
            raise refuse("neither issued to the client nor meant for it")
        family = families.find_live(view, read.origin.family_id, self._clock.now())
        if family is None:
            raise refuse("the token has been revoked, or something it depends on has ended")
        claims = read.claims
        return Subject(
            family=family,
            client_id=read.client_id,
            scope=read.scope,
            audience=read.audience,
            roles=frozenset(claims["roles"]),
            act=claims.get("act"),
            bound="cnf" in claims,
            expires_at=claims["exp"],
        )

    def actor(
        self, view: Transaction, token: str, kind: str, *, issuer: Issuer, client: RegisteredClient
    ) -> Actor:
        """Return who acts: the client, or a person whose token it was issued (section 2.1)."""
        if kind == policy.ID_TOKEN:
            claims = self._id_token(token, issuer, client)
            self._family_of(view, claims, client)
            return Actor(claims["sub"], claims["exp"])
        read = self._read(token, issuer)
        if read.client_id != client.id or "act" in read.claims:
            raise refuse("the actor's token was not issued to the client, or acts for another")
        family_id = read.origin.family_id
        live = (
            families.is_live(view, family_id, self._clock.now())
            if family_id
            else machine_token_is_live(view, read)
        )
        if not live:
            raise refuse("the actor's token has been revoked")
        return Actor(read.claims["sub"], read.claims["exp"])

    def _read(self, token: str, issuer: Issuer) -> ReadToken:
        try:
            return self._tokens.read(token, issuer)
        except InvalidToken as error:
            raise refuse(f"access token: {error}") from error

    def _of_id_token(
        self, view: Transaction, token: str, *, issuer: Issuer, client: RegisteredClient
    ) -> Subject:
        claims = self._id_token(token, issuer, client)
        family = self._family_of(view, claims, client)
        return Subject(
            family=family,
            client_id=client.id,
            scope=family.scope,
            audience=scopes.audience(family.resources, client.audiences, issuer.url),
            roles=frozenset(claims["roles"]),
            act=None,
            bound=False,
            expires_at=claims["exp"],
        )

    def _id_token(self, token: str, issuer: Issuer, client: RegisteredClient) -> dict[str, Any]:
        """Return the claims of an ID token that told this very client who signed in."""
        try:
            claims = self._tokens.read_id_token(token, issuer)
        except InvalidToken as error:
            raise refuse(f"ID token: {error}") from error
        if claims["aud"] != client.id or epoch(self._clock.now()) >= claims["exp"]:
            raise refuse("an ID token of another client, or one that has expired")
        return claims

    def _family_of(
        self, view: Transaction, claims: dict[str, Any], client: RegisteredClient
    ) -> Family:
        found = families.of_session(
            view,
            claims["tenant_id"],
            session_id=claims["sid"],
            client_id=client.id,
            now=self._clock.now(),
        )
        if found is None:
            raise refuse("nothing of this sign-in is left")
        return found
