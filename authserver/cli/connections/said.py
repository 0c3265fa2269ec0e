"""What the commands answer about a connection."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from authserver.core.database.engine import Transaction
from authserver.federation.connections import admits, redirect_uri
from authserver.federation.service import Ended
from authserver.federation.values import Connection
from authserver.tenants.models import Tenant
from authserver.tenants.resolve import tenant_issuer
from authserver.wiring.services import Services

_FIRST = ("id", "name", "kind", "label", "enabled")


def document(connection: Connection, slug: str | None) -> dict[str, Any]:
    """Return a connection for programs; never its secret."""
    values = asdict(connection)
    del values["tenant_id"]
    values["kind"] = connection.kind.value
    ordered = {name: values.pop(name) for name in _FIRST}
    return {**ordered, "tenant": slug, **values}


def line(connection: Connection) -> str:
    """Return a connection in one line, for people."""
    state = "enabled" if connection.enabled else "disabled"
    state += ", link only" if connection.link_only else ""
    return f"{connection.name:24} {connection.kind:10} {state:22} {connection.label}"


def facts(connection: Connection) -> str:
    """Return what differs from nothing at all, one fact a line."""
    shown = document(connection, None)
    rows = {name: _words(shown[name]) for name in shown if name != "tenant"}
    width = max(map(len, rows))
    return "\n".join(f"  {name:{width}}  {words}" for name, words in rows.items() if words)


def redirect_uris(
    services: Services, transaction: Transaction, connection: Connection
) -> list[str]:
    """Return every redirect URI to register at the provider, the platform's first.

    People of a tenant with an issuer of its own sign in there, too.
    """
    platform = services.settings.issuer
    wanted = select(Tenant).where(Tenant.own_issuer).order_by(Tenant.slug)
    issuers = [
        tenant_issuer(platform, tenant.slug, tenant.issuer_host)
        for tenant in transaction.platform().scalars(wanted)
        if admits(transaction, tenant.id, connection)
    ]
    return [redirect_uri(issuer, connection.id) for issuer in (platform, *issuers)]


def ended(what: Ended) -> str:
    """Say what a change ended, nothing if that was nothing."""
    said = []
    if what.sign_ins:
        said.append(f" Sign-ins that were under way and ended: {what.sign_ins}.")
    if what.people:
        said.append(f" People who were signed out: {what.people}.")
    return "".join(said)


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, dict):
        return ", ".join(f"{name}={one}" for name, one in value.items())
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
