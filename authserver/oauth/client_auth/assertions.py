"""What every client assertion has to be, whatever signed it (RFC 7523 section 3)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from authserver.clients import statements
from authserver.clients.keys import ClientKeys
from authserver.clients.registered import RegisteredClient
from authserver.core.clock import Clock, epoch
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import fingerprint
from authserver.core.jose import InvalidToken
from authserver.oauth.client_auth import client_secret_jwt, private_key_jwt
from authserver.oauth.client_auth.credentials import Credentials, refuse
from authserver.tenants.resolve import Issuer

MAX_LIFE = timedelta(minutes=5)
SKEW = timedelta(seconds=30)


class Assertions:
    """Verifies assertions, each of them once in all processes."""

    def __init__(
        self, database: Database, keys: ClientKeys, keyring: Keyring, *, clock: Clock
    ) -> None:
        """Take where used assertions are kept, and what they are signed with."""
        self._database = database
        self._keys = keys
        self._clock = clock
        self._methods: dict[str, private_key_jwt.ByKey | client_secret_jwt.BySecret] = {
            private_key_jwt.METHOD: private_key_jwt.ByKey(keys),
            client_secret_jwt.METHOD: client_secret_jwt.BySecret(keyring),
        }

    def prepare(self, client: RegisteredClient, credentials: Credentials) -> None:
        """Have the client's keys read, if it publishes them: `verify` finds them then."""
        if credentials.method == private_key_jwt.METHOD and client.options.jwks_uri:
            self._keys.of(client, private_key_jwt.kid_of(credentials))

    async def verify(
        self, issuer: Issuer, client: RegisteredClient, credentials: Credentials
    ) -> None:
        """Check signature, audience, times and that the assertion is used for the first time."""
        now = self._clock.now()
        try:
            claims = self._methods[credentials.method].claims(client, credentials, now)
        except InvalidToken as error:
            raise refuse(f"assertion: {error}") from error
        expires_at = _check_claims(claims, issuer, client, now=now)
        use = {
            "tenant_id": client.tenant.id,
            "client_id": client.id,
            "jti_hash": fingerprint(claims["jti"], "assertion jti"),
            "expires_at": expires_at + SKEW,
        }
        if not await self._database.stored(lambda transaction: _use(transaction, use)):
            raise refuse("assertion: jti was used before")


def _use(transaction: Transaction, values: dict[str, Any]) -> bool:
    return transaction.change(statements.USE_ASSERTION, values) == 1


def _check_claims(
    claims: dict[str, Any], issuer: Issuer, client: RegisteredClient, *, now: datetime
) -> datetime:
    # The issuer identifier is the one audience that cannot be confused between servers; the token
    # endpoint's URL is what RFC 7523 and OpenID Connect Core section 9 name, RFC 9126 section 2
    # that of its own endpoint.
    accepted = {issuer.url, f"{issuer.url}/oauth/token", f"{issuer.url}/oauth/par"}
    audience = claims.get("aud")
    if client.is_fapi2:  # the one text, and no list (FAPI 2.0 Security Profile 5.3.2.1)
        accepted, audience = {issuer.url}, "" if isinstance(audience, list) else audience
    one = audience[0] if isinstance(audience, list) and len(audience) == 1 else audience
    if not isinstance(one, str) or one not in accepted:
        raise refuse("assertion: aud")
    if claims.get("iss") != client.id or claims.get("sub") != client.id:
        raise refuse("assertion: iss or sub")
    if not isinstance(claims.get("jti"), str) or not claims["jti"]:
        raise refuse("assertion: jti")
    return _check_times(claims, now)


def _check_times(claims: dict[str, Any], now: datetime) -> datetime:
    at, skew = epoch(now), SKEW.total_seconds()
    expires = _time(claims, "exp")
    if expires is None or not at - skew < expires <= at + MAX_LIFE.total_seconds() + skew:
        raise refuse("assertion: exp")
    if any((_time(claims, name) or 0) > at + skew for name in ("iat", "nbf")):
        raise refuse("assertion: iat or nbf")
    return datetime.fromtimestamp(expires, UTC)


def _time(claims: dict[str, Any], name: str) -> float | None:
    """Return a NumericDate; what is there and is none is refused."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refuse(f"assertion: {name} is not a number")
    return float(value)
