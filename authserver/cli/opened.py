"""An installation that is ready to be used, or plain words about what to do."""

from collections.abc import Callable
from typing import TypeVar

from authserver.cli.db.ready import check_database_is_there, check_schema
from authserver.core.clock import SystemClock
from authserver.core.database.engine import Transaction
from authserver.settings import Settings
from authserver.tenants.models import Tenant
from authserver.tenants.service import get_by_slug, verify_master_key
from authserver.wiring.services import Services, build

T = TypeVar("T")


def opened(settings: Settings) -> Services:
    """Return the services of an installation that is set up, migrated and has the right key.

    Raises NotReady, MasterKeyError or NotSetUpError. Changes nothing and never migrates.
    """
    check_database_is_there(settings)
    services = build(settings, SystemClock())
    check_schema(services.database.engine)
    with services.database.read() as view:
        verify_master_key(view, services.keyring)
    return services


def change(services: Services, slug: str, job: Callable[[Transaction, Tenant], T]) -> T:
    """Run a change that concerns one tenant. Raises NotFound for a slug that is not there."""
    changed = services.database.write(
        lambda transaction: job(transaction, get_by_slug(transaction, slug))
    )
    services.watch.changed()
    return changed
