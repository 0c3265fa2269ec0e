"""A client as every request needs it: frozen, from the cache."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from authserver.clients import statements
from authserver.clients.options import DEFAULTS, FAPI2, FAPI2_ALGORITHMS, PAIRWISE, Options
from authserver.clients.policy import SIGNING_ALGORITHMS
from authserver.clients.redirects import sector_of
from authserver.core.crypto import same
from authserver.core.database.engine import Database
from authserver.core.limits.buckets import Rate
from authserver.core.net.addresses import Network, parse_networks
from authserver.tenants.snapshot import TenantSnapshot
from authserver.usage.policy import Quota, quota_of

ALL_TENANTS = "*"


@dataclass(frozen=True)
class LiveSecret:
    """The hash of a secret that is not revoked, and when it ends.

    `sealed` is the secret itself, encrypted, of a client that signs with it.
    """

    id: str
    secret_hash: bytes
    sealed: bytes | None
    expires_at: datetime | None


@dataclass(frozen=True)
class RegisteredClient:
    """A client's registration together with its tenant's row (RFC 7591 section 2)."""

    id: str
    name: str
    kind: str
    auth_method: str
    grant_types: frozenset[str]
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    audiences: tuple[str, ...]
    networks: tuple[Network, ...]
    rate: Rate | None
    quota: Quota | None
    pkce_required: bool
    first_party: bool
    at_tenant_issuer: bool
    serves: tuple[str, ...]
    access_token_alg: str
    id_token_alg: str
    jwks: dict[str, object] | None
    policy_uri: str | None
    tos_uri: str | None
    disabled: bool
    security_epoch: int
    version: int
    tenant: TenantSnapshot
    secrets: tuple[LiveSecret, ...]
    options: Options = DEFAULTS
    self_registered: bool = False
    vouched_for: bool = False
    logo_id: str | None = None
    consents_from: datetime | None = None

    @property
    def is_public(self) -> bool:
        """Tell whether the client cannot keep a secret (RFC 6749 section 2.1)."""
        return self.auth_method == "none"

    @cached_property
    def sector(self) -> str | None:
        """Return the sector whose names for people the client knows; None: the public ones."""
        if self.options.subject_type != PAIRWISE:
            return None
        return sector_of(self.redirect_uris, self.options.sector_identifier_uri)

    @property
    def trusted(self) -> bool:
        """Tell whether somebody of the tenant stands for where the client sends people."""
        return self.vouched_for or not self.self_registered

    @property
    def usable(self) -> bool:
        """Tell whether neither the client nor its tenant is switched off."""
        return not self.disabled and not self.tenant.suspended

    @property
    def needs_proof_nonce(self) -> bool:
        """Tell whether its proofs need a nonce of ours: the client or its tenant asks for it."""
        return self.options.dpop_nonce_required or self.tenant.dpop_nonces

    @property
    def is_fapi2(self) -> bool:
        """Tell whether the client is held to the FAPI 2.0 Security Profile."""
        return self.options.security_profile == FAPI2

    @property
    def code_life(self) -> timedelta:
        """Return how long its codes live at most (FAPI 2.0 Security Profile 5.3.2.2)."""
        return timedelta(seconds=60) if self.is_fapi2 else timedelta.max

    @property
    def proof_algorithms(self) -> tuple[str, ...]:
        """Return what the client may sign with: proofs of possession and assertions."""
        return FAPI2_ALGORITHMS if self.is_fapi2 else SIGNING_ALGORITHMS

    @property
    def tenants_served(self) -> tuple[str, ...] | None:
        """Return the ids of the tenants whose people may sign in; None means all."""
        if ALL_TENANTS in self.serves:
            return None
        return self.serves or (self.tenant.id,)

    def serves_tenant(self, tenant_id: str) -> bool:
        """Tell whether people of a tenant may sign in to this client."""
        return self.tenants_served is None or tenant_id in self.tenants_served

    @property
    def takes_newcomers(self) -> bool:
        """Tell whether somebody without an account may make one for this client: in its tenant."""
        return self.tenant.registration_open and self.tenants_served == (self.tenant.id,)

    def has_secret(self, secret_hash: bytes, now: datetime) -> bool:
        """Compare with every live secret, each in constant time."""
        matches = [same(live.secret_hash, secret_hash) for live in self.live_secrets(now)]
        return any(matches)

    def live_secrets(self, now: datetime) -> list[LiveSecret]:
        """Return the secrets that have not ended."""
        return [one for one in self.secrets if one.expires_at is None or one.expires_at > now]


_AS_STORED = (
    "id", "name", "kind", "auth_method", "pkce_required", "first_party", "at_tenant_issuer",
    "access_token_alg", "id_token_alg", "jwks", "policy_uri", "tos_uri", "security_epoch",
    "version", "self_registered", "vouched_for", "logo_id",
    "consents_from",
)  # fmt: skip


def load(database: Database, client_id: str) -> RegisteredClient | None:
    """Read a client, its tenant and its live secrets by client_id, which no tenant shares."""
    with database.read() as view:
        wanted = {"client_id": client_id}
        row = view.row(statements.FIND_CLIENT, wanted)
        if row is None:
            return None
        secrets = view.rows(statements.LIVE_SECRETS, wanted)
    return RegisteredClient(
        **{name: row[name] for name in _AS_STORED},
        redirect_uris=tuple(row["redirect_uris"]),
        scopes=tuple(row["scopes"]),
        audiences=tuple(row["audiences"]),
        serves=tuple(row["serves"]),
        grant_types=frozenset(row["grant_types"]),
        networks=parse_networks(row["ip_allowlist"]),
        rate=Rate.parse(row["rate"]) if row["rate"] else None,
        quota=quota_of(row["quota_day"], row["quota_month"]),
        disabled=row["disabled_at"] is not None,
        tenant=TenantSnapshot.of(row, prefix="owner_"),
        secrets=tuple(LiveSecret(**secret) for secret in secrets),
        options=Options.from_json(row["options"]),
    )


def is_origin(database: Database, origin: str) -> bool:
    """Tell whether an enabled browser application lives at an origin."""
    with database.read() as view:
        return view.row(statements.FIND_ORIGIN, {"origin": origin}) is not None
