"""What knows how much tenants may have."""

from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.invitations import seats
from authserver.tenants.limits.policy import USERS
from authserver.tenants.limits.service import Limits


def make_limits(trail: Trail, clock: Clock) -> Limits:
    """Return it. People are counted by their rows, whatever else by taking and giving back."""

    def people(transaction: Transaction, tenant_id: str, most: int) -> int:
        return seats.people(transaction, tenant_id, most, now=clock.now())

    return Limits(trail, counts={USERS: people})
