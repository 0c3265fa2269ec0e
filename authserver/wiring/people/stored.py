"""What can be asked of what is stored about people, put together."""

from authserver.admin.api.privacy.consents import Consents
from authserver.admin.api.privacy.erasures import ErasuresApi
from authserver.admin.api.privacy.exports import ExportsApi
from authserver.admin.api.privacy.holds import HoldsApi
from authserver.admin.api.privacy.registry import Registry
from authserver.admin.rest.operation import Operation
from authserver.admin.rest.paging import Cursors
from authserver.wiring.privacy import (
    make_consent_records,
    make_erasures,
    make_exports,
    make_holds,
    make_receipts,
)
from authserver.wiring.services import Services


def privacy_operations(services: Services, cursors: Cursors) -> tuple[Operation, ...]:
    """Return what can be asked of what is stored about people."""
    return (
        *Consents(make_consent_records(services), cursors).operations(),
        *ExportsApi(make_exports(services)).operations(),
        *ErasuresApi(make_erasures(services), make_receipts(services), cursors).operations(),
        *HoldsApi(make_erasures(services), make_holds(services)).operations(),
        *Registry().operations(),
    )
