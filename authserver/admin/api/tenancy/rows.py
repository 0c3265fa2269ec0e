"""The tenant's row, as every resource here finds and holds it."""

from typing import NamedTuple

from authserver.admin.reach import NO_TENANT
from authserver.admin.rest.operation import Call
from authserver.admin.rest.problems import Changed
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound
from authserver.tenants.limits.service import lock_tenant
from authserver.tenants.models import Tenant


class Of(NamedTuple):
    """Something of a tenant, by the name that it has there."""

    tenant_id: str
    name: str


def of(call: Call, part: str) -> Of:
    """Return what a path names: the tenant, and what the part of this name holds."""
    return Of(call.path["tenant_id"], call.path[part])


def tenant_of(transaction: Transaction, call: Call) -> Tenant:
    """Return the tenant. Raises NotFound."""
    tenant_id = call.path["tenant_id"]
    tenant = transaction.tenant(tenant_id).get(Tenant, tenant_id)
    if tenant is None:
        raise NotFound(NO_TENANT)
    return tenant


def to_change(transaction: Transaction, call: Call) -> Tenant:
    """Return the tenant, held, if it still is what the caller read. Raises NotFound, Changed."""
    tenant = lock_tenant(transaction, call.path["tenant_id"])
    if call.version is not None and call.version != tenant.version:
        raise Changed("Read it again, and decide anew.")
    return tenant
