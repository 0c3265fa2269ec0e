"""Authorization -> TokenSet: the only mint."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from authserver.clients.policy import KINDS
from authserver.clients.registered import RegisteredClient
from authserver.core.cache import Snapshots
from authserver.core.ids import new_nonce, new_secret
from authserver.core.jose import half_hash
from authserver.tokens.authorization import Authorization, Ending, TokenSet
from authserver.tokens.calendar import ACCESS_TOKEN, ID_TOKEN, LOGOUT_TOKEN, IssuerKeys
from authserver.tokens.claims import (
    Moment,
    access_token_claims,
    id_token_claims,
    logout_token_claims,
)
from authserver.tokens.people.subjects import SubjectIdentifiers
from authserver.tokens.responses import Wrapping


@dataclass(frozen=True)
class Lifetimes:
    """How long tokens live; access tokens by the setting that the client's kind names."""

    access_token: Mapping[str, timedelta]
    id_token: timedelta


class Mint:
    """Makes tokens. Writes nothing: the caller stores what must be stored."""

    def __init__(
        self,
        keys: Snapshots[str | None, IssuerKeys],
        lifetimes: Lifetimes,
        *,
        subjects: SubjectIdentifiers,
        wrapping: Wrapping,
    ) -> None:
        """Take the keys of every issuer, how long tokens live, and what clients make of people."""
        self._keys = keys
        self._lifetimes = lifetimes
        self._subjects = subjects
        self._wrapping = wrapping

    def prepare(self, client: RegisteredClient | None) -> None:
        """Have the keys read that `mint` will encrypt to: this may wait for the network."""
        if client is not None:
            self._wrapping.prepare(client)

    def mint(self, authorization: Authorization, now: datetime) -> TokenSet:
        """Return the answer to a token request (RFC 6749 section 5.1)."""
        keys = self._keys.get(authorization.issuer.tenant_id)
        if keys is None:
            raise LookupError(f"no keys for issuer {authorization.issuer.url}")
        client = authorization.client
        life = client.tenant.access_life(
            self._lifetimes.access_token[KINDS[client.kind].token_life]
        )
        shorter = client.options.access_token_seconds
        if shorter is not None:
            life = min(life, timedelta(seconds=shorter))
        life = _shortened(life, authorization, now)
        jti = token_id(authorization)
        claims = access_token_claims(authorization, self._subjects, jti=jti, at=Moment(now, life))
        phase = keys.at(now)
        key = phase.signing(authorization.client.access_token_alg)
        access_token, bound_to = key.sign(ACCESS_TOKEN, claims), authorization.bound_to
        document: dict[str, object] = {
            "access_token": access_token,
            "token_type": bound_to.token_type if bound_to else "Bearer",
            "expires_in": int(life.total_seconds()),
            "scope": claims["scope"],
        }
        if authorization.issued_token_type:
            document["issued_token_type"] = authorization.issued_token_type
        refresh_token = f"rt_{new_secret()}" if authorization.refreshable else None
        if refresh_token:
            document["refresh_token"] = refresh_token
        if authorization.id_token:
            id_key = phase.signing(authorization.client.id_token_alg)
            id_claims = id_token_claims(
                authorization,
                self._subjects,
                at_hash=half_hash(id_key.alg, access_token),
                at=Moment(now, _shortened(self._lifetimes.id_token, authorization, now)),
            )
            signed = id_key.sign(ID_TOKEN, id_claims)
            document["id_token"] = self._wrapping.id_token(authorization.client, signed)
        return TokenSet(orjson.dumps(document), jti, refresh_token)

    def logout_token(self, ending: Ending, now: datetime) -> str:
        """Return what tells a client that a session is over, in the form of its ID tokens.

        Back-Channel Logout section 2.4. Raises NoClientKey.
        """
        keys = self._keys.get(ending.issuer.tenant_id)
        if keys is None:
            raise LookupError(f"no keys for issuer {ending.issuer.url}")
        key = keys.at(now).signing(ending.client.id_token_alg)
        claims = logout_token_claims(ending, self._subjects, jti=new_nonce(), now=now)
        return self._wrapping.id_token(ending.client, key.sign(LOGOUT_TOKEN, claims))


def _shortened(life: timedelta, authorization: Authorization, now: datetime) -> timedelta:
    """Return how long a token lives: not beyond its authorization, nor beyond a role in it."""
    if authorization.ends_at is not None:
        life = min(life, authorization.ends_at - now)
    person = authorization.person
    if person is not None and person.roles_until is not None:
        life = min(life, person.roles_until - now)
    return life


@dataclass(frozen=True)
class TokenOrigin:
    """What an access token's jti says about where it came from."""

    family_id: str | None
    client_epoch: int = 0
    tenant_epoch: int = 0


def token_id(authorization: Authorization) -> str:
    """Return a jti that leads back to what the token's life depends on.

    A person's token belongs to its family; a machine's to the epochs of its client and tenant.
    """
    if authorization.sign_in:
        return f"{authorization.sign_in.family_id}.{new_nonce()}"
    client = authorization.client
    return f"{client.security_epoch}.{client.tenant.security_epoch}.{new_nonce()}"


def origin(jti: str) -> TokenOrigin:
    """Read what `token_id` wrote; the token's signature was verified before."""
    parts = jti.split(".")
    if len(parts) == 2:  # noqa: PLR2004  a family and a random part
        return TokenOrigin(parts[0])
    return TokenOrigin(None, int(parts[0]), int(parts[1]))
