"""What there is, in the form of the file: to write it down, and to tell what a change changes.

Only what differs from how it is made without a word is said, and no secret. A named platform
service: it sees every tenant.
"""

from collections.abc import Iterable
from dataclasses import MISSING, asdict, fields
from enum import Enum
from typing import Any

from sqlalchemy import inspect, select

from authserver.clients.amending import registration_from
from authserver.clients.models import Client
from authserver.clients.options import Options
from authserver.clients.policy import ALL_TENANTS
from authserver.clients.registration import Registration
from authserver.core.database.engine import Transaction
from authserver.declared.tools import Tools
from authserver.federation.values import Connection
from authserver.roles.lookup import Role
from authserver.tenants.models import Tenant
from authserver.tenants.policy import TenantPolicy

Document = dict[str, Any]
_NOT_OF_CLIENTS = {"tenant_id", "name", "options", "serves", "self_registered", "vouched_for"}


def export(tools: Tools, transaction: Transaction, slugs: Iterable[str] | None = None) -> Document:
    """Return the tenants of these slugs, or all."""
    query = select(Tenant).order_by(Tenant.id).execution_options(populate_existing=True)
    wanted = None if slugs is None else set(slugs)
    tenants = [
        tenant
        for tenant in transaction.platform().scalars(query)
        if wanted is None or tenant.slug in wanted
    ]
    names = {tenant.id: tenant.slug for tenant in transaction.platform().scalars(query)}
    return {
        "version": 1,
        "tenants": {one.slug: _tenant(tools, transaction, one, names=names) for one in tenants},
    }


def _tenant(
    tools: Tools, transaction: Transaction, tenant: Tenant, *, names: dict[str, str]
) -> Document:
    found = {
        "roles": {one.short: _role(one) for one in tools.custom_roles.all(transaction, tenant.id)},
        "clients": {
            one.name: _client(one, names)
            for one in tools.clients.all_of(transaction, tenant.id)
            if not one.self_registered
        },
        "connections": {
            one.name: _connection(one) for one in tools.connections.all_of(transaction, tenant.id)
        },
    }
    policy = _policy(tenant)
    return {
        "name": tenant.name,
        "type": tenant.type,
        **({"own_issuer": True} if tenant.own_issuer else {}),
        **({"policy": policy} if policy else {}),
        **{name: each for name, each in found.items() if each},
    }


def _policy(tenant: Tenant) -> Document:
    columns = inspect(Tenant).columns
    found = {}
    for one in fields(TenantPolicy):
        if one.name not in columns:
            continue
        value, column = getattr(tenant, one.name), columns[one.name]
        usual = getattr(column.default, "arg", None)
        if value is not None and value != usual:
            found[one.name] = _plain(value)
    return found


def _role(role: Role) -> Document:
    return {
        "description": role.description,
        "permissions": sorted(one.value for one in role.permissions),
    }


def _client(client: Client, names: dict[str, str]) -> Document:
    asked, usual = registration_from(client), Options()
    found: Document = {"kind": client.kind}
    for one in fields(Registration):
        if one.name in _NOT_OF_CLIENTS or one.name == "kind":
            continue
        value = getattr(asked, one.name)
        if _plain(value) != _plain(None if one.default is MISSING else one.default):
            found[one.name] = _plain(value)
    if client.serves:
        found["serves"] = [
            each if each == ALL_TENANTS else names.get(each, each) for each in client.serves
        ]
    said = asdict(asked.options)
    found |= {name: _plain(value) for name, value in said.items() if value != getattr(usual, name)}
    return found if client.disabled_at is None else {**found, "enabled": False}


def _connection(connection: Connection) -> Document:
    found: Document = {"kind": connection.kind.value}
    for one in fields(Connection):
        if one.name in {"id", "tenant_id", "kind", "name"}:
            continue
        value = getattr(connection, one.name)
        usual = one.default if one.default is not MISSING else None
        if one.default_factory is not MISSING:
            usual = one.default_factory()
        if value != usual:
            found[one.name] = _plain(value)
    return found


def _plain(value: Any) -> Any:  # noqa: ANN401  any value
    """Return a value as YAML has it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    return value
