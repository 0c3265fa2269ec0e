"""What finds a client by what it sends: its client_id, which no tenant shares, or its origin."""

from sqlalchemy import bindparam, literal_column, select, text

from authserver.clients.models import Client, ClientOrigin, ClientSecret
from authserver.core.database.types import UtcTime
from authserver.tenants.models import Tenant
from authserver.tenants.statements import COLUMNS

FIND_CLIENT = (
    select(Client.__table__, *(column.label(f"owner_{column.key}") for column in COLUMNS))
    .join(Tenant, Tenant.id == Client.tenant_id)
    .where(Client.id == bindparam("client_id"))
)

LIVE_SECRETS = select(ClientSecret.secret_hash, ClientSecret.expires_at).where(
    ClientSecret.client_id == bindparam("client_id"), ClientSecret.revoked_at.is_(None)
)

# Who begins the sign-in itself when a person asks for it. Whom it serves is looked at afterwards.
CLIENTS_TO_OPEN = (
    select(Client.id)
    .where(
        Client.disabled_at.is_(None), Client.options["initiate_login_uri"].as_string().is_not(None)
    )
    .order_by(Client.name, Client.id)
    .limit(literal_column("500"))
)

FIND_ORIGIN = (
    select(ClientOrigin.origin)
    .join(Client, Client.id == ClientOrigin.client_id)
    .where(ClientOrigin.origin == bindparam("origin"), Client.disabled_at.is_(None))
    .limit(1)
)

USE_ASSERTION = text(
    "INSERT INTO used_assertions (tenant_id, client_id, jti_hash, expires_at)"
    " VALUES (:tenant_id, :client_id, :jti_hash, :expires_at)"
    " ON CONFLICT (client_id, jti_hash) DO NOTHING"
).bindparams(bindparam("expires_at", type_=UtcTime()))
