"""What can be asked of a tenant's own things."""

from authserver.admin.api.tenancy.archive import ArchiveOperations
from authserver.admin.api.tenancy.arrivals import ArrivalOperations
from authserver.admin.api.tenancy.branding import BrandingOperations
from authserver.admin.api.tenancy.copies import CopyOperations
from authserver.admin.api.tenancy.domains import DomainOperations
from authserver.admin.api.tenancy.issuer import IssuerOperations
from authserver.admin.api.tenancy.limits import LimitOperations
from authserver.admin.api.tenancy.policy import PolicyOperations
from authserver.admin.api.tenancy.settings import SettingOperations
from authserver.admin.api.tenants import Tenants
from authserver.admin.reach import Reach
from authserver.admin.rest.operation import Operation
from authserver.admin.rest.paging import Cursors
from authserver.wiring.services import Services
from authserver.wiring.tenancy.parts import Tenancy


def tenant_operations(services: Services, reach: Reach, cursors: Cursors) -> tuple[Operation, ...]:
    """Return them."""
    parts, upstream = Tenancy.of(services), services.federation
    tenants = Tenants(
        services.tenants, upstream.admission, issuers=parts.issuers, reach=reach, cursors=cursors
    )
    resources = (
        tenants,
        SettingOperations(upstream.admission),
        PolicyOperations(upstream.admission),
        BrandingOperations(parts.logos),
        LimitOperations(parts.limits, parts.flags),
        DomainOperations(upstream.domains, upstream.lookups, routing=upstream.routing),
        IssuerOperations(parts.issuers),
        ArchiveOperations(parts.archive),
        CopyOperations(parts.copies, cursors),
        ArrivalOperations(parts.arrivals, parts.copies, cursors),
    )
    return tuple(one for resource in resources for one in resource.operations())
