"""Which keys of an issuer are published and which sign, read off the clock (decision 0008)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from authserver.core.jose import InvalidToken, OwnTokens, SigningKey

ACCESS_TOKEN = "at+jwt"  # noqa: S105  RFC 9068 section 2.1
ID_TOKEN = "JWT"  # noqa: S105  OpenID Connect's ID tokens
INTROSPECTION = "token-introspection+jwt"  # RFC 9701 section 5
LOGOUT_TOKEN = "logout+jwt"  # noqa: S105  OpenID Connect Back-Channel Logout section 2.4
# What every ID token has. Signed answers and UserInfo have the same type, the same keys, and fewer.
_OF_ID_TOKENS = frozenset(
    {"iss", "sub", "aud", "azp", "exp", "sid", "auth_time", "tenant_id", "roles"}
)
_BEFORE = datetime.min.replace(tzinfo=UTC)
_FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class IssuerKey:
    """One key with its calendar."""

    key: SigningKey
    created_at: datetime
    signs_from: datetime
    signs_until: datetime | None
    published_until: datetime | None

    def state(self, now: datetime) -> str:
        """Return next, active, retiring or retired."""
        if self.published_until is not None and now >= self.published_until:
            return "retired"
        if self.signs_until is not None and now >= self.signs_until:
            return "retiring"
        return "active" if now >= self.signs_from else "next"

    @property
    def moments(self) -> list[datetime]:
        """Return when the state changes."""
        known = (self.signs_from, self.signs_until, self.published_until)
        return [moment for moment in known if moment is not None]


class IdTokens(OwnTokens):
    """Reads ID tokens back, and nothing else that is signed like one."""

    def read(self, token: str) -> dict[str, Any]:
        """Return the claims of an ID token. Raises InvalidToken."""
        claims = super().read(token)
        if not claims.keys() >= _OF_ID_TOKENS:
            raise InvalidToken("another kind of token")
        return claims


@dataclass(frozen=True)
class Phase:
    """The time between two changes of an issuer's keys: what holds now holds until `ends`."""

    begins: datetime
    ends: datetime
    published: tuple[SigningKey, ...]
    active: Mapping[str, SigningKey]

    def signing(self, alg: str) -> SigningKey:
        """Return the key that signs with an algorithm."""
        key = self.active.get(alg)
        if key is None:
            raise LookupError(f"no active {alg} key")
        return key

    @cached_property
    def access_tokens(self) -> OwnTokens:
        """Return what reads our access tokens back."""
        return OwnTokens(self.published, ACCESS_TOKEN)

    @cached_property
    def id_tokens(self) -> IdTokens:
        """Return what reads our ID tokens back."""
        return IdTokens(self.published, ID_TOKEN)


class IssuerKeys:
    """The keys of one issuer, loaded."""

    def __init__(self, keys: Iterable[IssuerKey]) -> None:
        """Take every key that is not retired for good."""
        self.keys = tuple(keys)
        self._phase = Phase(_FOREVER, _FOREVER, (), {})

    def at(self, now: datetime) -> Phase:
        """Return the phase that holds now."""
        phase = self._phase
        if not phase.begins <= now < phase.ends:
            phase = self._phase = self._find(now)
        return phase

    @cached_property
    def id_tokens(self) -> IdTokens:
        """Return what reads our ID tokens back, however old: as a hint, never as a credential."""
        return IdTokens((one.key for one in self.keys), ID_TOKEN)

    @cached_property
    def algorithms(self) -> tuple[str, ...]:
        """Return the algorithms this issuer can sign with."""
        return tuple(sorted({k.key.alg for k in self.keys}))

    def _find(self, now: datetime) -> Phase:
        moments = [moment for key in self.keys for moment in key.moments]
        by_age = sorted(self.keys, key=lambda k: k.signs_from)
        return Phase(
            begins=max((moment for moment in moments if moment <= now), default=_BEFORE),
            ends=min((moment for moment in moments if moment > now), default=_FOREVER),
            published=tuple(k.key for k in self.keys if k.state(now) != "retired"),
            # The latest wins where two are active.
            active={k.key.alg: k.key for k in by_age if k.state(now) == "active"},
        )
