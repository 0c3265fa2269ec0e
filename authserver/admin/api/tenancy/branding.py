"""/tenants/{tenant_id}/logo: the tenant's logo, decoded and made anew."""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from authserver.admin.api.tenancy.rows import to_change
from authserver.admin.api.tenancy.settings import SettingsShown, reply
from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, later
from authserver.core.database.engine import Transaction
from authserver.core.images.making import Logo, make_logo
from authserver.core.web import MalformedRequest
from authserver.roles.catalogue import Permission
from authserver.tenants.branding.service import TenantLogos

LARGEST = 512 * 1024  # bytes of the file
_IN_BASE64 = LARGEST * 4 // 3 + 4
_TAG = "settings"
_PATH = "/tenants/{tenant_id}/logo"


class NewLogo(Given):
    """A picture in the format PNG, JPEG or WebP, in base64. Only its pixels are kept."""

    image: Annotated[str, Field(min_length=1, max_length=_IN_BASE64)]


class BrandingOperations:
    """Operations on the logo."""

    def __init__(self, logos: TenantLogos) -> None:
        """Take what keeps logos."""
        self._logos = logos

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        write = Permission.SETTINGS_WRITE
        return (
            Operation(
                "PUT", _PATH, Does.CHANGE, write, self.set_logo, "Give a tenant a logo", _TAG,
                body=NewLogo, shows=SettingsShown, before=later(_made), largest=_IN_BASE64 + 1024,
            ),
            Operation(
                "DELETE", _PATH, Does.CHANGE, write, self.remove_logo, "Take the logo away", _TAG,
                shows=SettingsShown,
            ),
        )  # fmt: skip

    def set_logo(self, transaction: Transaction, call: Call) -> Reply:
        """Keep the logo."""
        return self._change(transaction, call, call.found)

    def remove_logo(self, transaction: Transaction, call: Call) -> Reply:
        """Take it away."""
        return self._change(transaction, call, None)

    def _change(self, transaction: Transaction, call: Call, logo: Logo | None) -> Reply:
        tenant = to_change(transaction, call)
        return reply(self._logos.change(transaction, tenant.id, logo, actor=call.caller.actor))


def _made(call: Call) -> Logo:
    try:
        data = b64decode(call.body.image, validate=True)
    except (ValueError, Base64Error) as error:
        raise MalformedRequest("the image is not base64") from error
    return make_logo(data)
