"""Connections as requests find them. A named platform service: one may belong to no tenant."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select

from authserver.core.crypto import Keyring, Place
from authserver.core.database.engine import Transaction
from authserver.federation.models import FederationConnection
from authserver.federation.values import Connection, Kind
from authserver.tenants.models import Tenant
from authserver.tenants.resolve import tenant_issuer

_Row = FederationConnection


def find(transaction: Transaction, connection_id: str) -> Connection | None:
    """Return a connection, switched off or not."""
    return _one(transaction, select(_Row).where(_Row.id == connection_id))


def held(transaction: Transaction, connection_id: str) -> Connection | None:
    """Return what `find` does; nobody switches it off before the end of this transaction."""
    wanted = (
        select(_Row)
        .where(_Row.id == connection_id)
        .with_for_update(read=True, of=_Row)
        .execution_options(populate_existing=True)
    )
    return _one(transaction, wanted)


def usable(transaction: Transaction, tenants: Sequence[str] | None) -> list[Connection]:
    """Return the connections by which people of these tenants may sign in, in their order.

    Those of the platform, and the tenants' own. None is every tenant: then the platform's alone,
    as nobody has said yet whose they are. A tenant may allow only some of the platform's.
    """
    return [one for one in _admitted(transaction, tenants or ()) if not one.link_only]


def linkable(transaction: Transaction, tenant_id: str) -> list[Connection]:
    """Return the connections that people of a tenant may have, in their order.

    Those by which they sign in, and those that can only be connected.
    """
    return _admitted(transaction, (tenant_id,))


def admits(transaction: Transaction, tenant_id: str, connection: Connection) -> bool:
    """Tell whether people of a tenant may come in by a connection: its own, or one it allows."""
    if connection.tenant_id is not None:
        return connection.tenant_id == tenant_id
    return _admits(_allowed(transaction, tenant_id), connection.name)


def client_secret(transaction: Transaction, connection_id: str, keyring: Keyring) -> str:
    """Return the secret that the provider gave us, empty where there is none."""
    wanted = select(_Row.client_secret).where(_Row.id == connection_id)
    sealed = transaction.platform().scalar(wanted)
    return keyring.decrypt_text(sealed, secret_place(connection_id))


def secret_place(connection_id: str) -> Place:
    """Return where a secret is encrypted for."""
    return Place("federation_connections", "client_secret", connection_id)


def changed_at(transaction: Transaction, connection_id: str) -> datetime | None:
    """Return when a connection was changed last, None where it is gone."""
    return transaction.platform().scalar(select(_Row.updated_at).where(_Row.id == connection_id))


def redirect_uri(issuer: str, connection_id: str) -> str:
    """Return where a provider sends browsers back to, for sign-ins at an issuer.

    Each connection has one of its own (RFC 9700 section 4.4.2).
    """
    return f"{issuer}/login/federation/{connection_id}/callback"


def redirect_uris(platform: str, transaction: Transaction, connection: Connection) -> list[str]:
    """Return every redirect URI to register at the provider, the platform's first.

    People of a tenant with an issuer of its own sign in there, too.
    """
    wanted = select(Tenant).where(Tenant.own_issuer).order_by(Tenant.slug)
    issuers = [
        tenant_issuer(platform, tenant.slug, tenant.issuer_host)
        for tenant in transaction.platform().scalars(wanted)
        if admits(transaction, tenant.id, connection)
    ]
    return [redirect_uri(issuer, connection.id) for issuer in (platform, *issuers)]


def _admitted(transaction: Transaction, tenants: Sequence[str]) -> list[Connection]:
    """Return what is switched on for people of any of these tenants, or for people of no one's."""
    own = or_(_Row.tenant_id.is_(None), _Row.tenant_id.in_(tenants))
    wanted = select(_Row).where(_Row.enabled, own).order_by(_Row.position, _Row.label)
    allowed = [_allowed(transaction, tenant_id) for tenant_id in tenants]
    return [
        of_row(row)
        for row in transaction.platform().scalars(wanted)
        if row.tenant_id or not allowed or any(_admits(names, row.name) for names in allowed)
    ]


def _allowed(transaction: Transaction, tenant_id: str) -> list[str] | None:
    wanted = select(Tenant.platform_connections).where(Tenant.id == tenant_id)
    return transaction.platform().scalar(wanted)


def _admits(names: list[str] | None, name: str) -> bool:
    return names is None or name in names


def _one(transaction: Transaction, wanted: Select[_Row]) -> Connection | None:
    row = transaction.platform().scalar(wanted)
    return of_row(row) if row else None


def of_row(row: _Row) -> Connection:
    """Return a connection as requests need it."""
    return Connection(
        id=row.id,
        tenant_id=row.tenant_id,
        kind=Kind(row.kind),
        name=row.name,
        label=row.label,
        client_id=row.client_id,
        server=row.server,
        scopes=tuple(row.scopes),
        enabled=row.enabled,
        link_only=row.link_only,
        allowed=tuple(row.allowed),
        claims=row.claims,
        creates_people=row.creates_people,
        default_roles=tuple(row.default_roles),
        group_roles=row.group_roles,
        trusts_amr=row.trusts_amr,
        keeps_tokens=row.keeps_tokens,
        position=row.position,
    )
