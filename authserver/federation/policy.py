"""Whose account somebody is whom a provider has proved. Values in, decision out (TOP-01).

An address is never an identity: it is compared only where its provider has authority over it, and
never opens an account that could be somebody else's, or that does more than its owner's own things.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from authserver.federation.values import Connection, Identity, Kind

# Addresses at these are given out by Google itself, each to one person.
_GOOGLE_MAIL = frozenset({"gmail.com", "googlemail.com"})


class Decision(StrEnum):
    """What becomes of it. The value stands in the trail; outsiders see one page for two of them."""

    SIGN_IN = "sign_in"  # to the account that is linked
    LINK = "link"  # the account with this address, and sign in to it
    CREATE = "create"  # an account, linked from the beginning
    ASK = "ask"  # to sign in to an existing account, which is linked then
    REFUSE = "refuse"


@dataclass(frozen=True)
class Local:
    """An account of the tenant, the linked one or that with the provider's address, as it is now.

    `open`: neither it nor its tenant is switched off. `privileged`: it holds a role that strangers
    never get. `linked`: to anybody of this connection. `guest`: it is at home in another tenant.
    """

    open: bool
    verified: bool
    privileged: bool
    linked: bool
    guest: bool = False


@dataclass(frozen=True)
class House:
    """What the tenant allows: links by address, and new people by this connection.

    `domains` are those it has proved to be its own.
    """

    links_by_email: bool
    creates: bool
    domains: AbstractSet[str] = frozenset()


def is_authoritative(connection: Connection, identity: Identity, domains: AbstractSet[str]) -> bool:
    """Tell whether the provider may say whose the address is; `domains` are proved by the tenant.

    Google: of its own addresses, and of a Workspace whose domain is the tenant's. GitHub: of the
    primary address, which it has verified. Entra: of the one directory that is pinned, for a domain
    of the tenant, if the directory's owner proved the address (`xms_edov`). Any other: if it is the
    tenant's own, for a domain of the tenant.
    """
    email = identity.email
    if email is None or not identity.email_verified:
        return False
    at_home = email.domain in domains
    of_tenant = connection.tenant_id is not None
    match connection.kind:
        case Kind.GOOGLE:
            return email.domain in _GOOGLE_MAIL or (at_home and identity.domain == email.domain)
        case Kind.GITHUB:
            return True
        case Kind.AZURE_AD:
            pinned = len(connection.allowed) == 1 and identity.tenant in connection.allowed
            return at_home and of_tenant and pinned
        case Kind.OIDC:
            return at_home and of_tenant


def decide(
    connection: Connection,
    identity: Identity,
    house: House,
    *,
    linked: Local | None,
    same_address: Local | None,
) -> Decision:
    """Return what becomes of an identity that no rule of the connection kept out.

    `linked` is the account that this very identity is linked to, `same_address` another one of the
    tenant that has the provider's address, proved or not.
    """
    if not connection.enabled or connection.link_only:
        return Decision.REFUSE
    if linked is not None:
        return Decision.SIGN_IN if linked.open else Decision.REFUSE
    if same_address is not None:
        sure = is_authoritative(connection, identity, house.domains)
        return Decision.LINK if sure and _may_link(same_address, house) else Decision.ASK
    return Decision.CREATE if house.creates and identity.email is not None else Decision.ASK


def _may_link(account: Local, house: House) -> bool:
    return (
        house.links_by_email
        and account.open
        and account.verified
        and not account.privileged
        and not account.linked
        and not account.guest
    )
