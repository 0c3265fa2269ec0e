"""Whose account somebody is whom a provider has proved. Values in, decision out (TOP-01).

An address is never an identity: it is compared only where its provider has authority over it, and
never opens an account that could be somebody else's, or that does more than its owner's own things.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from authserver.federation.values import Connection, Identity, Kind
from authserver.roles.policy import NO_ROLES, Roles, is_privileged

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


@dataclass(frozen=True)
class WaysIn:
    """What opens an account beside the identity that is to go.

    `password`: one that opens it now, not one that is over or has to be reset. `identities` are
    those of connections that sign its people in now.
    """

    password: bool
    passkeys: int
    identities: int

    @property
    def any(self) -> bool:
        """Tell whether there is one: mailed links are none, they only make a new password."""
        return self.password or self.passkeys > 0 or self.identities > 0


def is_authoritative(connection: Connection, identity: Identity, domains: AbstractSet[str]) -> bool:
    """Tell whether the provider may say whose the address is; `domains` are proved by the tenant.

    Google: of its own addresses, and of a Workspace whose domain is the tenant's. GitHub: of the
    primary address, which it has verified; a GitHub Enterprise Server says what whoever runs it
    wants, as any other provider does. Entra: of the one directory that is pinned, for a domain
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
            return not connection.server or (at_home and of_tenant)
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


def creates(
    connection: Connection,
    identity: Identity,
    *,
    registers: Sequence[str] | None,
    domains: AbstractSet[str],
) -> bool:
    """Tell whether a connection makes accounts for people who have none.

    A tenant's own does where it says so. One of the platform follows the rules of registering there
    oneself: `registers` are the domains of those who may, nothing for all, None where nobody may.
    Who registers proves the address, so the provider must have; where only some domains may, it has
    to have authority over the address. An address that anybody can claim makes nothing: whether
    that works would tell who has an account.
    """
    if connection.tenant_id is not None:
        return connection.creates_people
    if registers is None or identity.email is None or not identity.email_verified:
        return False
    if not registers:
        return True
    return identity.email.domain in registers and is_authoritative(connection, identity, domains)


def is_proved_upstream(connection: Connection, identity: Identity) -> bool:
    """Tell whether the provider asked for a second factor, and is trusted in that.

    Only by its own tenant: a provider of the platform would decide for all of them.
    """
    trusted = connection.trusts_amr and connection.tenant_id is not None
    return trusted and "mfa" in identity.amr


def roles_after(
    held: AbstractSet[str],
    mapping: Mapping[str, str],
    groups: Iterable[str],
    *,
    own: Roles = NO_ROLES,
) -> frozenset[str]:
    """Return the roles of somebody who is in these groups now.

    Only what the mapping can give comes and goes; what is privileged it can neither give nor take.
    `own` are the tenant's own roles that there are now.
    """
    able = {group: role for group, role in mapping.items() if not is_privileged(role, own)}
    given = {able[group] for group in groups if group in able}
    return frozenset((held - set(able.values())) | given)


def first_roles(
    connection: Connection, identity: Identity, own: Roles = NO_ROLES
) -> frozenset[str]:
    """Return the roles of somebody whom a tenant's own connection has just made an account."""
    plain = frozenset(role for role in connection.default_roles if not is_privileged(role, own))
    return roles_after(frozenset(), connection.group_roles, identity.groups, own=own) | plain


def _may_link(account: Local, house: House) -> bool:
    return (
        house.links_by_email
        and account.open
        and account.verified
        and not account.privileged
        and not account.linked
        and not account.guest
    )
