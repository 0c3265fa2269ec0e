"""What the administration API offers of keys: part of the wiring."""

from collections.abc import Sequence

from authserver.admin.api.api_keys import ApiKeysResource
from authserver.admin.rest.operation import Operation
from authserver.admin.rest.paging import Cursors
from authserver.wiring.services import Services


def key_operations(services: Services, cursors: Cursors) -> Sequence[Operation]:
    """Return the operations on API keys."""
    keys = ApiKeysResource(
        services.api_keys.service, services.keyring, clock=services.clock, cursors=cursors
    )
    return keys.operations()
