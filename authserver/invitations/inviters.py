"""Who invited, or began an import, as they are now: a person, or a client, of this tenant or not.

From outside of the tenant only the platform's own people and clients come: those of an internal
tenant, who were let in to work here.
"""

from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import aliased

from authserver.accounts.models import User
from authserver.audit.events import Actor, ActorKind
from authserver.clients.models import Client
from authserver.core.database.engine import Transaction
from authserver.core.ids import is_id
from authserver.core.problems import NotFound
from authserver.invitations.policy import Inviter
from authserver.roles.catalogue import Permission
from authserver.roles.policy import Grantor
from authserver.roles.service import RoleService
from authserver.tenants.models import Tenant, TenantType


@dataclass(frozen=True)
class Found:
    """An inviter, and how they are called."""

    inviter: Inviter
    name: str


@dataclass(frozen=True)
class Outside:
    """A client, or somebody who is not of the tenant: by id and own tenant."""

    id: str
    tenant_id: str


def inviter_now(
    transaction: Transaction, tenant_id: str, user_id: str, *, roles: RoleService
) -> Found:
    """Return an account of the tenant with what it may do now. Raises NotFound.

    Of a guest, the home account must be enabled, too.
    """
    home = aliased(User)
    wanted = (
        select(User, home.disabled_at)
        .outerjoin(home, home.id == User.home_user_id)
        .where(User.tenant_id == tenant_id, User.id == user_id)
        .execution_options(populate_existing=True)
    )
    row = transaction.platform().execute(wanted).first()
    if row is None:
        raise NotFound("There is no such account.", detail=f"{user_id} in {tenant_id}")
    user, home_disabled_at = row
    permissions = roles.permissions_of(transaction, tenant_id, user_id)
    enabled = user.disabled_at is None and home_disabled_at is None
    return Found(Inviter(user_id, enabled, permissions), user.name)


def outside_now(
    transaction: Transaction, tenant_id: str, who: Outside, *, roles: RoleService
) -> Found:
    """Return a client, or somebody from outside, with what they may do in the tenant now.

    Raises NotFound.
    """
    found = (
        _client_now(transaction, who)
        if is_id(who.id, "cli")
        else inviter_now(transaction, who.tenant_id, who.id, roles=roles)
    )
    tenant = transaction.platform().get(Tenant, who.tenant_id, populate_existing=True)
    let_in = tenant_id == who.tenant_id or (tenant and tenant.type == TenantType.INTERNAL)
    works = tenant is not None and tenant.suspended_at is None
    if found.inviter.enabled and let_in and works:
        return found
    return Found(Inviter(who.id, enabled=False, permissions=frozenset()), found.name)


def _client_now(transaction: Transaction, who: Outside) -> Found:
    """Return a client: it may what its scopes say, which are permissions' names."""
    wanted = select(Client).where(Client.id == who.id).execution_options(populate_existing=True)
    client = transaction.tenant(who.tenant_id).scalar(wanted)
    if client is None:
        raise NotFound("There is no such client.", detail=f"{who.id} in {who.tenant_id}")
    named = frozenset(one for one in Permission if one.value in client.scopes)
    enabled = client.disabled_at is None and client.deleted_at is None
    return Found(Inviter(client.id, enabled, named), client.name)


def giver(grantor: Grantor | None, nobody: Actor) -> Actor:
    """Return who gives the roles: whoever invited."""
    if grantor is None:
        return replace(nobody, kind=ActorKind.OPERATOR)
    kind = "client" if is_id(grantor.user_id, "cli") else "user"
    return replace(nobody, kind=kind, principal=grantor.user_id)
