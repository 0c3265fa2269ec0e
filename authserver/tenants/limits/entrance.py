"""What holds for whoever comes into a tenant, by whatever way: room for them, and their address.

Asked by what makes accounts, and before by what leads there: an invitation, a registration, a
provider, an import.
"""

from collections.abc import Sequence

from sqlalchemy import select

from authserver.core.database.engine import Transaction
from authserver.core.net.email import EmailAddress
from authserver.core.problems import Problem
from authserver.core.said import said
from authserver.tenants.limits.policy import USERS
from authserver.tenants.limits.service import Limits
from authserver.tenants.models import Tenant


class AddressNotAllowed(Problem):
    """The tenant has people with addresses of other domains only."""

    code = "address_not_allowed"
    title = "The organization does not take addresses of this domain"


class Entrance:
    """Asks the tenant. Nothing is written: whoever is refused leaves no trace."""

    def __init__(self, limits: Limits) -> None:
        """Take what knows how many people there may be."""
        self.limits = limits

    def admit(
        self, transaction: Transaction, tenant_id: str, email: EmailAddress, *, more: int = 1
    ) -> None:
        """Ask for somebody new, before anything is written; `more` 0 for who is counted already.

        Holds the tenant where it has a limit. Raises LimitReached, AddressNotAllowed.
        """
        self.check_address(transaction, tenant_id, email)
        self.check_room(transaction, tenant_id, more=more)

    def check_room(self, transaction: Transaction, tenant_id: str, *, more: int = 1) -> None:
        """Raise LimitReached unless there is room for more people."""
        self.limits.check(transaction, tenant_id, USERS, more=more)

    def check_address(self, transaction: Transaction, tenant_id: str, email: EmailAddress) -> None:
        """Raise AddressNotAllowed unless the tenant takes addresses of this very domain."""
        allowed = allowed_domains(transaction, tenant_id)
        if not is_allowed(email, allowed):
            raise AddressNotAllowed(
                said("Addresses here are of %(allowed)s.", allowed=", ".join(allowed)),
                field="email",
            )


def allowed_domains(transaction: Transaction, tenant_id: str) -> tuple[str, ...]:
    """Return of which domains addresses may be, nothing for any."""
    wanted = select(Tenant.email_domains).where(Tenant.id == tenant_id)
    return tuple(transaction.tenant(tenant_id).scalar(wanted) or ())


def is_allowed(email: EmailAddress, domains: Sequence[str]) -> bool:
    """Tell whether an address is of an allowed domain: that very one, none below it."""
    return not domains or email.domain in domains
