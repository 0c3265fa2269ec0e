"""/tenants/{tenant_id}/policy: what a tenant asks of people and clients, and how they come in."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from authserver.admin.api.tenancy.rows import tenant_of, to_change
from authserver.admin.caller import Caller
from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown, Where
from authserver.core.database.engine import Transaction
from authserver.core.problems import Refused
from authserver.federation.administration.admission import Admission
from authserver.registration.service import openness_of
from authserver.roles.catalogue import Permission
from authserver.roles.policy import check_open_role, find_builtin
from authserver.tenants.limits.keeping import (
    ERASURE_DAYS,
    LEAST_EVENT_DAYS,
    MOST_ERASURE_DAYS,
    MOST_EVENT_DAYS,
)
from authserver.tenants.models import Tenant
from authserver.tenants.numbers import RULES
from authserver.tenants.policy import (
    EVERY_CONNECTION,
    MOST_DOMAINS,
    MOST_TRUSTED_DAYS,
    ClientRegistration,
    PasswordPreset,
    TenantPolicy,
    check_domain,
)

_TAG = "policy"
_PATH = "/tenants/{tenant_id}/policy"
_NO_NUMBER = (
    "trusted_device_days", "session_idle_minutes", "session_absolute_minutes",
    "access_token_seconds", "refresh_token_minutes", *LEAST_EVENT_DAYS,
)  # fmt: skip
_LISTS = ("email_domains", "registration_domains")
Minutes = Annotated[int, Field(ge=0, le=525_600)]
Domains = Annotated[list[Annotated[str, Field(max_length=253)]], Field(max_length=MOST_DOMAINS)]
EventDays = Annotated[int, Field(ge=0, le=MOST_EVENT_DAYS)]
Names = Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=100)]


class PolicyShown(Shown):
    """What a tenant asks. `platform_connections` null: all of them; lists of domains null: any."""

    password_preset: PasswordPreset
    mfa_required: bool
    trusted_device_days: int | None
    session_idle_minutes: int | None
    session_absolute_minutes: int | None
    access_token_seconds: int | None
    refresh_token_minutes: int | None
    tightened: dict[str, int]
    email_domains: list[str] | None
    registration_open: bool
    registration_domains: list[str] | None
    registration_role: str | None
    platform_connections: list[str] | None
    links_by_email: bool
    ends_federated_sessions: bool
    client_registration: ClientRegistration
    client_secret_jwt: bool
    dpop_nonces: bool
    erasure_days: int
    activity_event_days: int | None
    security_event_days: int | None
    administration_event_days: int | None


class PolicyPatch(Given):
    """What to change; null takes a value of its own away (RFC 7396)."""

    password_preset: Annotated[PasswordPreset, Field(strict=False)] = PasswordPreset.CLASSIC
    mfa_required: bool = False
    trusted_device_days: Annotated[int | None, Field(ge=0, le=MOST_TRUSTED_DAYS)] = None
    session_idle_minutes: Minutes | None = None
    session_absolute_minutes: Minutes | None = None
    access_token_seconds: Annotated[int | None, Field(ge=0, le=86_400)] = None
    refresh_token_minutes: Minutes | None = None
    tightened: Annotated[dict[str, Minutes | None] | None, Field(max_length=20)] = None
    email_domains: Domains | None = None
    registration_open: bool = False
    registration_domains: Domains | None = None
    registration_role: Annotated[str | None, Field(max_length=40)] = None
    platform_connections: Names | None = None
    links_by_email: bool = False
    ends_federated_sessions: bool = False
    client_registration: Annotated[ClientRegistration, Field(strict=False)] = (
        ClientRegistration.CLOSED
    )
    client_secret_jwt: bool = False
    dpop_nonces: bool = False
    erasure_days: Annotated[int, Field(ge=0, le=MOST_ERASURE_DAYS)] = ERASURE_DAYS
    activity_event_days: EventDays | None = None
    security_event_days: EventDays | None = None
    administration_event_days: EventDays | None = None

    def policy(self) -> TenantPolicy:
        """Return the change as the service takes it. Raises UnfitName, UnfitPolicy, Refused."""
        sent = self.model_fields_set
        given: dict[str, Any] = {name: _as_taken(name, getattr(self, name)) for name in sent}
        return TenantPolicy(**given)


def _as_taken(name: str, value: Any) -> object:  # noqa: ANN401  of any field
    """Return a value as the service takes it: there, none of its own is "", 0 or empty."""
    if name in _NO_NUMBER:
        return value or 0
    if name in _LISTS:
        return sorted({check_domain(one) for one in value or ()})
    if name == "tightened":
        own = dict.fromkeys(RULES, 0) if value is None else value
        return {number: wanted or 0 for number, wanted in own.items()}
    if name == "platform_connections":
        return EVERY_CONNECTION if value is None else value
    if name == "registration_role":
        return check_open_role(value) if value else ""
    return value


class PolicyOperations:
    """Operations on the policy."""

    def __init__(self, admission: Admission) -> None:
        """Take what changes it."""
        self._admission = admission

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        return (
            Operation(
                "GET", _PATH, Does.READ, Permission.SETTINGS_READ, self.read_policy,
                "Read what a tenant asks of its people", _TAG, Where.VIEW, shows=PolicyShown,
            ),
            Operation(
                "PATCH", _PATH, Does.CHANGE, Permission.SETTINGS_WRITE, self.change_policy,
                "Change what a tenant asks of its people", _TAG, body=PolicyPatch,
                shows=PolicyShown, sensitive=True,
            ),
        )  # fmt: skip

    def read_policy(self, transaction: Transaction, call: Call) -> Reply:
        """Return the policy."""
        return _reply(tenant_of(transaction, call))

    def change_policy(self, transaction: Transaction, call: Call) -> Reply:
        """Change the policy. Whoever registers gets no more than the caller has."""
        tenant, patch = to_change(transaction, call), call.body
        wanted = patch.policy()
        if wanted.registration_open or wanted.registration_role is not None:
            _check_given(tenant, wanted, call.caller)
        changed = self._admission.set_policy(
            transaction, tenant.slug, wanted, actor=call.caller.actor
        )
        return _reply(changed)


def _check_given(tenant: Tenant, wanted: TenantPolicy, caller: Caller) -> None:
    """Raise Refused where the role of whoever registers would be above the caller."""
    before = openness_of(tenant)
    role = before.role if wanted.registration_role is None else wanted.registration_role
    roles = type(before)(
        open=True, suspended=False, tenant_type=tenant.type, domains=(), role=role
    ).roles
    given = frozenset[Permission]().union(*(find_builtin(one).permissions for one in roles))
    if not given <= caller.permissions:
        raise Refused("Whoever registers would have permissions that you do not have.")


def _reply(tenant: Tenant) -> Reply:
    shown = {name: getattr(tenant, name) for name in PolicyShown.model_fields}
    lists = {name: shown[name] or None for name in _LISTS}
    role = next(iter(openness_of(tenant).roles), None)
    own = {name: n for name, n in (tenant.tightened or {}).items() if name in RULES}
    more = {**lists, "tightened": own, "registration_role": role}
    return Reply(PolicyShown(**{**shown, **more}), tenant.version)
