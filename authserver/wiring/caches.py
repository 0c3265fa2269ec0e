"""Frozen snapshots of what every request needs; a watch throws them away."""

from dataclasses import dataclass

from authserver.clients import registered
from authserver.clients.registered import RegisteredClient
from authserver.core.cache import Snapshots, Watch
from authserver.core.database.engine import Database
from authserver.tenants import snapshot
from authserver.tenants.names import TenantNames
from authserver.tenants.policy import Tier
from authserver.tenants.snapshot import TenantSnapshot
from authserver.tokens.calendar import IssuerKeys
from authserver.tokens.keys import KeyService


@dataclass(frozen=True)
class Caches:
    """Each by its key; all are thrown away together."""

    watch: Watch
    tenants: Snapshots[str, TenantSnapshot]
    clients: Snapshots[str, RegisteredClient]
    keys: Snapshots[str | None, IssuerKeys]
    origins: Snapshots[str, bool]
    names: TenantNames
    tiers: Snapshots[str, Tier]
    hosts: Snapshots[None, dict[str, TenantSnapshot]]


def make_caches(database: Database, keys: KeyService, watch: Watch) -> Caches:
    """Return the caches of a process, all empty."""
    return Caches(
        watch,
        tenants=Snapshots(watch, lambda slug: snapshot.load_by_slug(database, slug)),
        clients=Snapshots(watch, lambda client_id: registered.load(database, client_id)),
        keys=Snapshots(watch, lambda issuer: keys.load(database, issuer)),
        origins=Snapshots(watch, lambda origin: registered.is_origin(database, origin)),
        names=TenantNames(database, watch),
        tiers=Snapshots(watch, lambda tenant_id: snapshot.load_tier(database, tenant_id)),
        hosts=Snapshots(watch, lambda _: snapshot.load_by_host(database)),
    )
