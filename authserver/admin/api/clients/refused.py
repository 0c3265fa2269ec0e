"""…/clients/{client_id}/refused-addresses: from where a client called that may not call from there.

Read from the trail, which keeps addresses encrypted: there is no second place. For who may change
the list of allowed ones (decision 0057).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from authserver.admin.api.clients.registry import ONE, TAG
from authserver.admin.rest.operation import Call, Does, Operation, Reply, Shown
from authserver.audit.catalogue import EventType
from authserver.audit.reading import Told, TrailReader, Wanted
from authserver.clients.service import ClientService
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.roles.catalogue import Permission

PERIOD = timedelta(days=30)
_LOOKED_AT, _MOST = 500, 50  # of the newest refusals, and addresses of them


class RefusedAddressShown(Shown):
    """An address that a client called from in vain: how often of late, and when last."""

    address: str
    number: int
    last_at: datetime


class RefusedAddresses(Shown):
    """Addresses that were refused in the last thirty days, the newest first."""

    items: tuple[RefusedAddressShown, ...]


class Refusals:
    """The operation that shows them."""

    def __init__(self, clients: ClientService, trail: TrailReader, clock: Clock) -> None:
        """Take what keeps clients, what reads the trail, and the time."""
        self._clients = clients
        self._trail = trail
        self._clock = clock

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        return (
            Operation(
                "GET", f"{ONE}/refused-addresses", Does.READ, Permission.CLIENTS_WRITE,
                self.list_refused_addresses, "List from where a client called in vain", TAG,
                shows=RefusedAddresses,
            ),
        )  # fmt: skip

    def list_refused_addresses(self, transaction: Transaction, call: Call) -> Reply:
        """Return the addresses of the client's newest refusals."""
        tenant_id = call.path["tenant_id"]
        client = self._clients.get(transaction, tenant_id, call.path["client_id"])
        wanted = Wanted(
            type=EventType.CLIENT_ADDRESS_REFUSED,
            resource=f"client:{client.id}",
            since=self._clock.now() - PERIOD,
        )
        found = self._trail.page(transaction, tenant_id, wanted, most=_LOOKED_AT, opened=True)
        return Reply(RefusedAddresses(items=_together(found.events)))


def _together(events: Iterable[Told]) -> tuple[RefusedAddressShown, ...]:
    """Return addresses with how often they come, in the order of the events."""
    counts: dict[str, RefusedAddressShown] = {}
    for event in events:
        address = event.private.get("address", "")
        if not address:
            continue
        before = counts.get(address)
        counts[address] = RefusedAddressShown(
            address=address,
            number=before.number + 1 if before else 1,
            last_at=before.last_at if before else event.time,
        )
    return tuple(counts.values())[:_MOST]
