"""/tenants/{tenant_id}/settings: language, formats and looks, as the tenant's people set them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from authserver.admin.api.tenancy.rows import tenant_of, to_change
from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown, Where
from authserver.core.database.engine import Transaction
from authserver.federation.administration.admission import Admission
from authserver.roles.catalogue import Permission
from authserver.tenants.models import Tenant
from authserver.tenants.policy import TenantPolicy

_TAG = "settings"
_PATH = "/tenants/{tenant_id}/settings"


class SettingsShown(Shown):
    """What a tenant's pages and mails are like. Null: as the installation has it."""

    locale: str | None
    time_zone: str | None
    currency: str | None
    date_format: str | None
    website: str | None
    accent: str | None
    logo_id: str | None


class SettingsPatch(Given):
    """What to change; null takes a value of its own away (RFC 7396)."""

    locale: Annotated[str | None, Field(max_length=8)] = None
    time_zone: Annotated[str | None, Field(max_length=64)] = None
    currency: Annotated[str | None, Field(max_length=3)] = None
    date_format: Literal["iso", "dmy", "mdy"] | None = None
    website: Annotated[str | None, Field(max_length=2048)] = None
    accent: Annotated[str | None, Field(max_length=7)] = None

    def policy(self) -> TenantPolicy:
        """Return the change as the service takes it: there, none of its own is ""."""
        given: dict[str, Any] = {n: getattr(self, n) or "" for n in self.model_fields_set}
        return TenantPolicy(**given)


class SettingOperations:
    """Operations on settings."""

    def __init__(self, admission: Admission) -> None:
        """Take what changes them."""
        self._admission = admission

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        return (
            Operation(
                "GET", _PATH, Does.READ, Permission.SETTINGS_READ, self.read_settings,
                "Read a tenant's settings", _TAG, Where.VIEW, shows=SettingsShown,
            ),
            Operation(
                "PATCH", _PATH, Does.CHANGE, Permission.SETTINGS_WRITE, self.change_settings,
                "Change a tenant's settings", _TAG, body=SettingsPatch, shows=SettingsShown,
            ),
        )  # fmt: skip

    def read_settings(self, transaction: Transaction, call: Call) -> Reply:
        """Return the settings."""
        return reply(tenant_of(transaction, call))

    def change_settings(self, transaction: Transaction, call: Call) -> Reply:
        """Change settings."""
        tenant, patch = to_change(transaction, call), call.body
        changed = self._admission.set_policy(
            transaction, tenant.slug, patch.policy(), actor=call.caller.actor
        )
        return reply(changed)


def reply(tenant: Tenant) -> Reply:
    """Return a tenant's settings as an answer."""
    shown = {name: getattr(tenant, name) for name in SettingsShown.model_fields}
    return Reply(SettingsShown(**shown), tenant.version)
