"""What a copy may give to people: no more than anybody here could have given them."""

from sqlalchemy import select

from authserver.core.database.engine import Transaction
from authserver.core.problems import Refused
from authserver.roles.lookup import known
from authserver.roles.models import CustomRole, RoleAssignment
from authserver.roles.policy import Grantor, check_grantor, check_made_of, check_tenant_type
from authserver.tenants.models import Tenant, TenantType


def check_rights(transaction: Transaction, tenant_id: str, grantor: Grantor | None) -> None:
    """Raise Refused, or UnfitRole, where a copy gives somebody what nobody here could have given.

    Whoever knows the passphrase can write a copy: it is no proof of anything in it.
    """
    session = transaction.tenant(tenant_id)
    tenant = session.get_one(Tenant, tenant_id)
    held = set(session.scalars(select(RoleAssignment.role).distinct()))
    check_tenant_type(held, tenant.type)
    for own in session.scalars(select(CustomRole)):
        check_made_of(own.permissions, tenant.type)
    if grantor is None:
        return
    if tenant.type == TenantType.INTERNAL:
        raise Refused("An internal tenant is imported by the operator, on the command line.")
    check_grantor(grantor, "", known(transaction, tenant_id, held))
