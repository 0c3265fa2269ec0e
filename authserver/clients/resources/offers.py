"""What the resource servers of a tenant offer its clients."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from authserver.clients.policy import NOTHING_MISSING, AuthMethod
from authserver.clients.resources.models import ResourceServer
from authserver.clients.resources.policy import Offer, Wanted, check_new
from authserver.core.database.engine import Transaction
from authserver.tenants.models import Tenant, TenantType
from authserver.tenants.policy import Tier, attempts_a_minute

OwnApi = Callable[[Tenant], Collection[str]]


@dataclass(frozen=True)
class Offers:
    """Knows what a client of this installation may register for.

    `own_api` names the audiences of this server's own API at the issuers of a tenant, `permissions`
    its scopes: they are offered to every client, and who gives them to it is asked elsewhere.
    `missing` says of the ways to authenticate that are not offered here what they lack. http on
    loopback is for development. `partner_rate` is the setting.
    """

    own_api: OwnApi = lambda _: ()
    permissions: frozenset[str] = frozenset()
    missing: Mapping[AuthMethod, str] = field(default_factory=lambda: NOTHING_MISSING)
    allow_http_loopback: bool = False
    partner_rate: int = 600

    def usual_rate(self, tenant: Tenant, kind: str) -> str | None:
        """Return the rate of a new client that none was given: no partner is without one.

        Nor is a partner's tenant by a client of another kind.
        """
        if kind != "partner" and tenant.type != TenantType.PARTNER:
            return None
        return f"{attempts_a_minute(Tier(tenant.tier), self.partner_rate)}/minute"

    def check(
        self,
        transaction: Transaction,
        tenant: Tenant,
        client_id: str | None,
        *,
        wanted: Wanted,
        before: Wanted,
    ) -> None:
        """Raise UnfitRegistration for what is not offered, if the tenant has resource servers."""
        offers = offers_to(transaction, tenant.id, client_id)
        if offers:
            own = [
                Offer(audience, self.permissions, open=True) for audience in self.own_api(tenant)
            ]
            check_new([*offers, *own], wanted, before)


def offers_to(transaction: Transaction, tenant_id: str, client_id: str | None) -> list[Offer]:
    """Return what each resource server of a tenant offers a client; None is one to come."""
    rows = transaction.tenant(tenant_id).scalars(select(ResourceServer))
    return [offer_of(row, client_id) for row in rows]


def offer_of(row: ResourceServer, client_id: str | None) -> Offer:
    """Return what a resource server offers a client."""
    is_open = row.client_ids is None or client_id in row.client_ids
    return Offer(row.audience, frozenset(scope["name"] for scope in row.scopes), open=is_open)
