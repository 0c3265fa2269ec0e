"""What finds a client by what it sends: its client_id, which no tenant shares, or its origin."""

from sqlalchemy import and_, bindparam, literal_column, select, text, update

from authserver.clients.models import Client, ClientOrigin, ClientSecret
from authserver.clients.registering.models import InitialAccessToken, SelfRegistration
from authserver.core.database.types import UtcTime
from authserver.tenants.models import Tenant
from authserver.tenants.statements import COLUMNS

FIND_CLIENT = (
    select(Client.__table__, *(column.label(f"owner_{column.key}") for column in COLUMNS))
    .join(Tenant, Tenant.id == Client.tenant_id)
    .where(Client.id == bindparam("client_id"))
)

LIVE_SECRETS = select(
    ClientSecret.id, ClientSecret.secret_hash, ClientSecret.sealed, ClientSecret.expires_at
).where(ClientSecret.client_id == bindparam("client_id"), ClientSecret.revoked_at.is_(None))

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

_INITIAL = (
    *(column.label(f"token_{column.key}") for column in InitialAccessToken.__table__.c),
    *(column.label(f"owner_{column.key}") for column in COLUMNS),
)

FIND_INITIAL_TOKEN = (
    select(*_INITIAL)
    .join(Tenant, Tenant.id == InitialAccessToken.tenant_id)
    .where(InitialAccessToken.token_hash == bindparam("token_hash"))
)

# Of so many clients at once, one more than may register finds nothing left.
USE_INITIAL_TOKEN = (
    update(InitialAccessToken.__table__)  # type: ignore[arg-type]  # a Table, declared FromClause
    .where(
        InitialAccessToken.id == bindparam("token_id"),
        InitialAccessToken.clients_left > 0,
        InitialAccessToken.revoked_at.is_(None),
        InitialAccessToken.expires_at > bindparam("now"),
    )
    .values(clients_left=InitialAccessToken.clients_left - 1)
)

FIND_REGISTRATION = (
    select(SelfRegistration.client_id, *_INITIAL)
    .join(
        InitialAccessToken,
        and_(
            InitialAccessToken.tenant_id == SelfRegistration.tenant_id,
            InitialAccessToken.id == SelfRegistration.initial_token_id,
        ),
    )
    .join(Tenant, Tenant.id == SelfRegistration.tenant_id)
    .where(SelfRegistration.token_hash == bindparam("token_hash"))
)

NOTE_USE = (
    update(SelfRegistration.__table__)  # type: ignore[arg-type]  # the same
    .where(
        SelfRegistration.client_id == bindparam("of_client"),
        SelfRegistration.used_at < bindparam("before"),
    )
    .values(used_at=bindparam("now"))
)
