"""Connections, and accounts that are linked by them: rows, as the services leave them."""

import os

from authserver.accounts.directory import UserSnapshot, snapshot
from authserver.accounts.service import get
from authserver.core.crypto import Place
from authserver.core.ids import new_id
from authserver.federation import connections
from authserver.federation.models import PLATFORM, FederatedIdentity, FederationConnection
from authserver.federation.tokens.vault import Vault
from authserver.federation.values import Connection, Kind, Tokens
from tests.support.world import TenantFixture, UserFixture, World

SECRET = "canary-client-secret-of-the-provider"

ACCESS = "canary-access-token-of-the-provider"
REFRESH = "canary-refresh-token-of-the-provider"


def connect(
    world: World, tenant: TenantFixture | None = None, *, secret: str = SECRET, **more: object
) -> Connection:
    """Make a connection of a tenant, or of the platform."""
    connection_id, now = new_id("fed"), world.clock.now()
    keyring = world.services.keyring
    values = {
        "kind": Kind.OIDC.value,
        "name": "upstream-" + os.urandom(4).hex(),
        "label": "Orchid ID",
        "client_id": "authserver",
        "client_secret": keyring.encrypt_text(secret, connections.secret_place(connection_id)),
        "server": "https://id.orchid.example",
        "scopes": [],
        "allowed": [],
        "default_roles": [],
        "claims": {},
        "group_roles": {},
        "created_at": now,
        "updated_at": now,
    }
    row = FederationConnection(
        id=connection_id,
        tenant_id=tenant.id if tenant else None,
        owner=tenant.id if tenant else PLATFORM,
        **{**values, **more},
    )
    world.services.database.write(lambda tx: tx.platform().add(row))
    with world.services.database.read() as view:
        found = connections.find(view, connection_id)
    assert found is not None
    return found


def link(world: World, user: UserFixture, connection: Connection, **more: object) -> str:
    """Link an account; return the identity's id."""
    identity_id = new_id("fid")
    row = FederatedIdentity(
        id=identity_id,
        user_id=user.id,
        connection_owner=connection.tenant_id or PLATFORM,
        connection_id=connection.id,
        issuer="https://id.orchid.example",
        subject=str(more.pop("subject", os.urandom(8).hex())),
        label=str(more.pop("label", user.email)),
        email=user.email,
        created_at=world.clock.now(),
        **more,
    )
    world.services.database.write(lambda tx: tx.tenant(user.tenant.id).add(row))
    return identity_id


def keep(world: World, user: UserFixture, identity_id: str, **more: object) -> str:
    """Keep tokens of the provider; return the access token."""
    values = {"access_token": ACCESS, "refresh_token": REFRESH, "expires_in": 3600}
    tokens = Tokens(**{**values, **more})
    vault, now = Vault(world.services.keyring), world.clock.now()
    account = of(world, user)
    world.services.database.write(
        lambda tx: vault.keep(tx, identity_id, account, tokens=tokens, now=now)
    )
    return ACCESS


def kept(world: World, user: UserFixture, identity_id: str) -> str | None:
    """Return the access token that is kept, as somebody with the master key reads it."""
    with world.services.database.read() as view:
        found = Vault(world.services.keyring).find(view, of(world, user), identity_id)
    return found.access_token if found else None


def place(column: str, identity_id: str) -> Place:
    """Return where a token is encrypted for."""
    return Place("provider_tokens", column, identity_id)


def of(world: World, user: UserFixture) -> UserSnapshot:
    """Return the account as it is now."""
    with world.services.database.read() as view:
        return snapshot(get(view, user.tenant.id, user.id))
