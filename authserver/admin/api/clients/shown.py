"""What callers read of a client. Never a secret but the new one."""

from datetime import datetime
from typing import Any, Literal

from authserver.admin.rest.operation import Shown
from authserver.admin.rest.paging import Page
from authserver.clients.models import Client, ClientSecret
from authserver.clients.options import Options

_AS_STORED = (
    "id", "name", "kind", "auth_method", "grant_types", "redirect_uris", "scopes", "audiences",
    "ip_allowlist", "rate", "pkce_required", "first_party", "at_tenant_issuer", "serves",
    "access_token_alg", "id_token_alg", "jwks", "policy_uri", "tos_uri", "self_registered",
    "vouched_for", "disabled_at", "created_at",
)  # fmt: skip


class ClientShown(Shown):
    """A client. `serves` are ids of tenants; empty: its own."""

    id: str
    name: str
    kind: str
    auth_method: str
    grant_types: tuple[str, ...]
    redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    audiences: tuple[str, ...]
    ip_allowlist: tuple[str, ...]
    rate: str | None
    pkce_required: bool
    first_party: bool
    at_tenant_issuer: bool
    serves: tuple[str, ...]
    access_token_alg: str
    id_token_alg: str
    jwks: dict[str, Any] | None
    policy_uri: str | None
    tos_uri: str | None
    self_registered: bool
    vouched_for: bool
    disabled_at: datetime | None
    created_at: datetime
    options: Options
    has_logo: bool


class ClientCreated(ClientShown):
    """A client that was registered. The secret is shown this once."""

    client_secret: str | None


class ClientChanged(ClientShown):
    """A client that was changed. A secret, if it needs one now, is shown this once."""

    client_secret: str | None


class ClientPage(Page[ClientShown]):
    """A page of clients."""


class SecretShown(Shown):
    """One of a client's secrets; not the secret itself."""

    id: str
    state: Literal["live", "ending", "expired", "revoked"]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class SecretList(Shown):
    """A client's secrets, newest first. `warning`: the client has none soon, at that time."""

    items: tuple[SecretShown, ...]
    warning: datetime | None


class SecretCreated(Shown):
    """A new secret, shown this once; the one before works until `previous_until`."""

    id: str
    client_secret: str
    created_at: datetime
    expires_at: datetime | None
    previous_until: datetime | None


class AddressShown(Shown):
    """Whether the client may call from an address."""

    address: str
    allowed: bool
    network: str | None
    ip_allowlist: tuple[str, ...]


class Snippet(Shown):
    """A program that gets a token for the client; the secret comes from the environment."""

    language: str
    title: str
    code: str


class SnippetList(Shown):
    """Programs to paste."""

    items: tuple[Snippet, ...]


class TrialStep(Shown):
    """One thing that a token request passes, and the reason if it does not."""

    name: str
    passed: bool
    reason: str | None


class TrialShown(Shown):
    """How a token request of the client would end. `claims` are those of its token."""

    granted: bool
    steps: tuple[TrialStep, ...]
    expires_in: int | None
    claims: dict[str, Any] | None


def shown(client: Client) -> ClientShown:
    """Return a client for its readers."""
    return ClientShown(**document(client))


def document(client: Client) -> dict[str, Any]:
    """Return the fields that are shown."""
    values = {name: getattr(client, name) for name in _AS_STORED}
    return {
        **{name: tuple(one) if isinstance(one, list) else one for name, one in values.items()},
        "options": Options.from_json(client.options),
        "has_logo": client.logo_id is not None,
    }


def secret_shown(row: ClientSecret, now: datetime) -> SecretShown:
    """Return what is told of a secret."""
    return SecretShown(
        id=row.id,
        state=_state(row, now),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def _state(row: ClientSecret, now: datetime) -> Literal["live", "ending", "expired", "revoked"]:
    if row.revoked_at is not None:
        return "revoked"
    if row.expires_at is None:
        return "live"
    return "ending" if row.expires_at > now else "expired"
