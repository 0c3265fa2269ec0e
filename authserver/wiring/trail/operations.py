"""What can be asked of the trail, put together."""

from authserver.admin.api.bundles import BundleApi
from authserver.admin.api.contact import TrailContactApi
from authserver.admin.api.proofs import TrailProofs
from authserver.admin.api.trail import Events
from authserver.admin.api.trail_exports import TrailExportsApi
from authserver.admin.rest.operation import Operation
from authserver.admin.rest.paging import Cursors
from authserver.audit.reading import TrailReader
from authserver.wiring.services import Services
from authserver.wiring.trail.exporting import make_exports


def trail_operations(
    services: Services, cursors: Cursors, reader: TrailReader
) -> tuple[Operation, ...]:
    """Return what can be asked of what happened."""
    proving = services.proving
    exports = make_exports(services)
    return (
        *Events(reader, services.trail, cursors).operations(),
        *TrailExportsApi(exports, services.database, cursors).operations(),
        *BundleApi(proving.bundles, cursors).operations(),
        *TrailContactApi(proving.contacts).operations(),
        *TrailProofs(proving.checkpoints, proving.proofs).operations(),
    )
