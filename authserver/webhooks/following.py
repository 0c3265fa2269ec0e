"""An event becomes deliveries: rows in its own transaction, so that none is missed or made up."""

from authserver.audit.events import Written
from authserver.core.cache import Snapshots, Watch
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_id
from authserver.webhooks import statements
from authserver.webhooks.models import MAX_PLACE
from authserver.webhooks.policy import HORIZON, wants

BELL = "webhooks"

_Listening = tuple[tuple[str, frozenset[str]], ...]


class Follower:
    """Writes a delivery for every endpoint that wants an event.

    Who listens is kept by process until the installation's version moves: an endpoint that another
    process changed is known within a second.
    """

    def __init__(self, database: Database, watch: Watch) -> None:
        """Take where endpoints are, and what says that they changed."""
        self._tenants = Snapshots[None, frozenset[str]](watch, lambda _: _that_listen(database))
        self._endpoints = Snapshots[str, _Listening](watch, lambda one: _of_tenant(database, one))

    def follow(self, transaction: Transaction, written: Written) -> None:
        """Add what is to be delivered to the open transaction."""
        tenant_id = written.event.tenant_id
        if tenant_id not in (self._tenants.get(None) or ()):
            return
        found = self._endpoints.get(tenant_id) or ()
        wanting = [one for one, patterns in found if wants(patterns, written.event.type)]
        for endpoint_id in wanting:
            self.deliver(transaction, written, endpoint_id)

    def deliver(self, transaction: Transaction, written: Written, endpoint_id: str) -> None:
        """Add the delivery to one endpoint."""
        row = {
            "id": new_id("whd"),
            "tenant_id": written.event.tenant_id,
            "endpoint_id": endpoint_id,
            "event_id": written.id,
            "event_type": written.event.type.value,
            "place": _place_of(written),
            "created_at": written.time,
            "due_at": written.time,
            "gives_up_at": written.time + HORIZON,
            "attempts": 0,
        }
        transaction.insert_at_commit(statements.INSERT_DELIVERY, row)
        transaction.ring(BELL)


def _place_of(written: Written) -> str:
    """Return what the event has an order with: its resource, else whom it is about."""
    return (written.event.resource or written.subject_ref or "")[:MAX_PLACE]


def _that_listen(database: Database) -> frozenset[str]:
    with database.read() as view:
        rows = view.rows(statements.TENANTS_THAT_LISTEN, {})
    return frozenset(row["tenant_id"] for row in rows)


def _of_tenant(database: Database, tenant_id: str) -> _Listening:
    with database.read() as view:
        rows = view.rows(statements.ENDPOINTS_OF_TENANT, {"tenant_id": tenant_id})
    return tuple((row["id"], frozenset(row["events"])) for row in rows)
