"""/tenants: the platform's tenants, and what one asks of its people."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import select

from authserver.admin.reach import LONGEST, NO_TENANT, Reach
from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown, Where
from authserver.admin.rest.paging import Cursors, Page, PageQuery, Rows
from authserver.admin.rest.problems import Changed
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound
from authserver.core.values.reasons import MOST_REASON_OF_ACCESS
from authserver.federation.administration.admission import Admission
from authserver.roles.catalogue import Permission
from authserver.tenants.models import Tenant, TenantType
from authserver.tenants.policy import PasswordPreset, TenantPolicy, Tier
from authserver.tenants.service import TenantService
from authserver.tokens.issuers.service import OwnIssuers

_LIST = "tenants"
# How the service is told that a tenant has no value of its own.
_NOTHING = {
    "locale": "",
    "website": "",
    "trusted_device_days": 0,
    "session_idle_minutes": 0,
    "session_absolute_minutes": 0,
}
Minutes = Annotated[int, Field(ge=0, le=525_600)]


class TenantShown(Shown):
    """A tenant."""

    id: str
    slug: str
    name: str
    type: TenantType
    tier: Tier
    own_issuer: bool
    locale: str | None
    website: str | None
    password_preset: PasswordPreset
    mfa_required: bool
    trusted_device_days: int | None
    session_idle_minutes: int | None
    session_absolute_minutes: int | None
    registration_open: bool
    suspended_at: datetime | None
    archived_at: datetime | None
    created_at: datetime


class TenantPage(Page[TenantShown]):
    """A page of tenants."""


class TenantsQuery(PageQuery):
    """Which tenants."""

    type: Literal["customer", "partner", "internal"] | None = None
    suspended: Annotated[bool | None, Field(strict=False)] = None
    archived: Annotated[bool | None, Field(strict=False)] = None


class NewTenant(Given):
    """A tenant to create."""

    slug: Annotated[str, Field(max_length=63)]
    name: Annotated[str, Field(max_length=200)]
    type: Annotated[TenantType, Field(strict=False)]
    own_issuer: bool = False


class TenantPatch(Given):
    """What to change of a tenant; null takes a value of its own away (RFC 7396).

    What is not sent stays as it is, whatever default it has here.
    """

    locale: Annotated[str | None, Field(max_length=8)] = None
    website: Annotated[str | None, Field(max_length=2048)] = None
    password_preset: Annotated[PasswordPreset, Field(strict=False)] = PasswordPreset.CLASSIC
    mfa_required: bool = False
    tier: Annotated[Tier, Field(strict=False)] = Tier.STANDARD
    trusted_device_days: Annotated[int | None, Field(ge=0, le=30)] = None
    session_idle_minutes: Minutes | None = None
    session_absolute_minutes: Minutes | None = None

    def policy(self) -> TenantPolicy:
        """Return the change as the service takes it: there, none of its own is "" or 0."""
        given: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        nothing = {name: _NOTHING[name] for name, value in given.items() if value is None}
        return TenantPolicy(**given | nothing)


class NewAccess(Given):
    """Why and for how long somebody of the platform works in another tenant."""

    reason: Annotated[str, Field(min_length=10, max_length=MOST_REASON_OF_ACCESS)]
    minutes: Annotated[int, Field(ge=1, le=LONGEST // timedelta(minutes=1))] = 30


class AccessShown(Shown):
    """An open access to a tenant."""

    id: str
    tenant_id: str
    reason: str
    expires_at: datetime


class Tenants:
    """Operations on tenants."""

    def __init__(
        self,
        tenants: TenantService,
        admission: Admission,
        *,
        issuers: OwnIssuers,
        reach: Reach,
        cursors: Cursors,
    ) -> None:
        """Take what changes tenants, who may work in which, and what makes cursors."""
        self._tenants = tenants
        self._issuers = issuers
        self._admission = admission
        self._reach = reach
        self._cursors = cursors

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        read, write = Permission.TENANTS_READ, Permission.TENANTS_WRITE
        one, everywhere = "/tenants/{tenant_id}", Where.PLATFORM
        return (
            Operation(
                "GET", "/tenants", Does.READ, read, self.list_tenants, "List tenants", _LIST,
                everywhere, query=TenantsQuery, shows=TenantPage,
            ),
            Operation(
                "POST", "/tenants", Does.CREATE, write, self.create_tenant, "Create a tenant",
                _LIST, everywhere, body=NewTenant, shows=TenantShown,
            ),
            Operation(
                "GET", one, Does.READ, read, self.read_tenant, "Read a tenant", _LIST, Where.VIEW,
                shows=TenantShown,
            ),
            Operation(
                "PATCH", one, Does.CHANGE, write, self.change_tenant, "Change a tenant", _LIST,
                everywhere, body=TenantPatch, shows=TenantShown,
            ),
            Operation(
                "POST", f"{one}/suspend", Does.CHANGE, write, self.suspend_tenant,
                "Suspend a tenant: everything of it stops", _LIST, everywhere,
                shows=TenantShown, sensitive=True,
            ),
            Operation(
                "POST", f"{one}/resume", Does.CHANGE, write, self.resume_tenant,
                "Let a suspended tenant work again", _LIST, everywhere, shows=TenantShown,
            ),
            Operation(
                "POST", f"{one}/access", Does.CREATE, write, self.open_access,
                "Work in another tenant for a while", _LIST, everywhere,
                body=NewAccess, shows=AccessShown, sensitive=True,
            ),
            Operation(
                "DELETE", f"{one}/access", Does.CHANGE, write, self.close_access,
                "End working in another tenant", _LIST, everywhere,
            ),
        )  # fmt: skip

    def list_tenants(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page, oldest first: ids are sorted by creation."""
        query: TenantsQuery = call.query
        wanted = select(Tenant)
        if query.type is not None:
            wanted = wanted.where(Tenant.type == query.type)
        if query.suspended is not None:
            wanted = wanted.where(Tenant.suspended_at.is_not(None) == query.suspended)
        if query.archived is not None:
            wanted = wanted.where(Tenant.archived_at.is_not(None) == query.archived)
        rows = Rows(transaction.platform(), wanted, _LIST)
        items, after = self._cursors.page(rows, call, by=[Tenant.id], show=shown)
        return Reply(TenantPage(items=items, next_cursor=after))

    def create_tenant(self, transaction: Transaction, call: Call) -> Reply:
        """Create a tenant."""
        new: NewTenant = call.body
        tenant = self._tenants.create(
            transaction,
            new.slug,
            name=new.name,
            type=new.type,
            actor=call.caller.actor,
        )
        if new.own_issuer:
            tenant = self._issuers.move(transaction, tenant.id, host=None, actor=call.caller.actor)
        return Reply(shown(tenant), tenant.version, f"/tenants/{tenant.id}")

    def read_tenant(self, transaction: Transaction, call: Call) -> Reply:
        """Return a tenant: one's own, or for the platform any."""
        tenant = _get(transaction, call.path["tenant_id"])
        return Reply(shown(tenant), tenant.version)

    def change_tenant(self, transaction: Transaction, call: Call) -> Reply:
        """Change what a tenant asks of its people."""
        tenant = _to_change(transaction, call)
        patch: TenantPatch = call.body
        changed = self._admission.set_policy(
            transaction, tenant.slug, patch.policy(), actor=call.caller.actor
        )
        return Reply(shown(changed), changed.version)

    def suspend_tenant(self, transaction: Transaction, call: Call) -> Reply:
        """Suspend a tenant."""
        tenant = self._tenants.suspend(
            transaction, _to_change(transaction, call).slug, call.caller.actor
        )
        return Reply(shown(tenant), tenant.version)

    def resume_tenant(self, transaction: Transaction, call: Call) -> Reply:
        """Let a tenant work again."""
        tenant = self._tenants.resume(
            transaction, _to_change(transaction, call).slug, call.caller.actor
        )
        return Reply(shown(tenant), tenant.version)

    def open_access(self, transaction: Transaction, call: Call) -> Reply:
        """Open a tenant to the caller."""
        tenant, asked = _get(transaction, call.path["tenant_id"]), call.body
        row = self._reach.open(
            transaction,
            call.caller,
            tenant.id,
            reason=asked.reason,
            time=timedelta(minutes=asked.minutes),
        )
        access = AccessShown(
            id=row.id, tenant_id=tenant.id, reason=row.reason, expires_at=row.expires_at
        )
        return Reply(access)

    def close_access(self, transaction: Transaction, call: Call) -> Reply:
        """End the caller's access."""
        tenant = _get(transaction, call.path["tenant_id"])
        self._reach.close(transaction, call.caller, tenant.id)
        return Reply()


def _get(transaction: Transaction, tenant_id: str) -> Tenant:
    tenant = transaction.platform().get(Tenant, tenant_id)
    if tenant is None:
        raise NotFound(NO_TENANT)
    return tenant


def _to_change(transaction: Transaction, call: Call) -> Tenant:
    """Return the tenant, held, if it still is what the caller read. Raises NotFound, Changed."""
    tenant = transaction.platform().get(
        Tenant, call.path["tenant_id"], with_for_update=True, populate_existing=True
    )
    if tenant is None:
        raise NotFound(NO_TENANT)
    if call.version is not None and call.version != tenant.version:
        raise Changed("Read it again, and decide anew.")
    return tenant


def shown(tenant: Tenant) -> TenantShown:
    """Return a tenant as it is shown."""
    return TenantShown(
        id=tenant.id,
        slug=tenant.slug,
        name=tenant.name,
        type=TenantType(tenant.type),
        tier=Tier(tenant.tier),
        own_issuer=tenant.own_issuer,
        locale=tenant.locale,
        website=tenant.website,
        password_preset=PasswordPreset(tenant.password_preset),
        mfa_required=tenant.mfa_required,
        trusted_device_days=tenant.trusted_device_days,
        session_idle_minutes=tenant.session_idle_minutes,
        session_absolute_minutes=tenant.session_absolute_minutes,
        registration_open=tenant.registration_open,
        suspended_at=tenant.suspended_at,
        archived_at=tenant.archived_at,
        created_at=tenant.created_at,
    )
