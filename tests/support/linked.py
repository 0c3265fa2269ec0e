"""Connections, and accounts that are linked by them: rows, as the services leave them."""

import os

from authserver.accounts.directory import UserSnapshot, snapshot
from authserver.accounts.service import get
from authserver.core.ids import new_id
from authserver.federation import connections
from authserver.federation.models import PLATFORM, FederatedIdentity, FederationConnection
from authserver.federation.values import Connection, Kind
from tests.support.world import TenantFixture, UserFixture, World

SECRET = "canary-client-secret-of-the-provider"  # noqa: S105  a test looks for it everywhere


def connect(world: World, tenant: TenantFixture | None = None, **more: object) -> Connection:
    """Make a connection of a tenant, or of the platform."""
    connection_id, now = new_id("fed"), world.clock.now()
    keyring = world.services.keyring
    values = {
        "kind": Kind.OIDC.value,
        "name": "upstream-" + os.urandom(4).hex(),
        "label": "Orchid ID",
        "client_id": "authserver",
        "client_secret": keyring.encrypt_text(SECRET, connections.secret_place(connection_id)),
        "server": "https://id.orchid.example",
        **dict.fromkeys(("scopes", "allowed", "default_roles"), []),
        **dict.fromkeys(("claims", "group_roles"), {}),
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


def of(world: World, user: UserFixture) -> UserSnapshot:
    """Return the account as it is now."""
    with world.services.database.read() as view:
        return snapshot(get(view, user.tenant.id, user.id))
