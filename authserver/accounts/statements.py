"""Statements about failure counters and browsers, and what a guest account depends on.

The first carry their tenant as a parameter; the last is a condition of other files' statements.
"""

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    LargeBinary,
    String,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from authserver.accounts.models import EVERYWHERE, UNTRUSTED, FailureCounter, KnownDevice, User
from authserver.core.database.types import UtcTime
from authserver.tenants.models import Tenant

_Home, _HomeTenant = aliased(User), aliased(Tenant)

# Of a home account and its tenant. Both only ever grow: the sum stands still when both do.
HOME_EPOCH = _Home.security_epoch + _HomeTenant.security_epoch
_HOME_IS_OPEN = and_(
    _Home.home_user_id.is_(None), _Home.disabled_at.is_(None), _HomeTenant.suspended_at.is_(None)
)


def home_stands(epoch: InstrumentedAttribute[int | None]) -> ColumnElement[bool]:
    """Return the condition that `User` is no guest, or one whose home account has not moved on.

    `epoch` is the column that holds HOME_EPOCH of the sign-in. Null, or an account that is disabled
    or whose tenant is suspended, stands for nothing. Most people are no guests, and cost nothing.
    """
    return or_(
        User.home_user_id.is_(None),
        exists(
            select(1)
            .select_from(_Home)
            .join(_HomeTenant, _HomeTenant.id == _Home.tenant_id)
            .where(_Home.id == User.home_user_id, _HOME_IS_OPEN, epoch == HOME_EPOCH)
            .correlate_except(_Home, _HomeTenant)
        ),
    )


# Of an account: what a UserSnapshot has.
SNAPSHOT_COLUMNS = (
    "id",
    "tenant_id",
    "email",
    "name",
    "locale",
    "security_epoch",
    "home_user_id",
    "picture_id",
)

# A guest account whose home account has just proved who they are, and what both depend on.
FIND_GUEST = (
    select(
        *(getattr(User, name) for name in SNAPSHOT_COLUMNS),
        Tenant.mfa_required,
        HOME_EPOCH.label("home_epoch"),
    )
    .join(Tenant, Tenant.id == User.tenant_id)
    .join(_Home, _Home.id == User.home_user_id)
    .join(_HomeTenant, _HomeTenant.id == _Home.tenant_id)
    .where(
        User.id == bindparam("guest_id"),
        _Home.id == bindparam("home_id"),
        _Home.security_epoch == bindparam("of_epoch"),
        User.disabled_at.is_(None),
        Tenant.suspended_at.is_(None),
        _HOME_IS_OPEN,
    )
)

_Meant = aliased(User)
_Opens = aliased(User)  # the account whose password opens it: itself, or a guest's home account
# The accounts that an address can mean, the one that it means first: accounts that have the address
# as their own before guests, then the oldest. In one tenant or `anywhere`, of one slug or
# `any_slug`; `unproved` addresses too, or proved ones only.
MEANT = (
    select(
        *(getattr(_Opens, name) for name in SNAPSHOT_COLUMNS),
        _Opens.password_hash,
        *(getattr(_Meant, name).label(f"meant_{name}") for name in SNAPSHOT_COLUMNS),
    )
    .join(
        _Meant,
        # Not COALESCE: PostgreSQL holds that for something that may tell what it saw, asks it only
        # behind the policy of row-level security, and then reads everybody instead of the index.
        _Opens.id == case((_Meant.home_user_id.is_(None), _Meant.id), else_=_Meant.home_user_id),
    )
    .join(Tenant, Tenant.id == _Meant.tenant_id)
    .where(
        _Meant.email_canonical == bindparam("email"),
        or_(bindparam("anywhere", type_=Boolean()), _Meant.tenant_id == bindparam("tenant_id")),
        or_(bindparam("any_slug", type_=Boolean()), Tenant.slug == bindparam("slug")),
        or_(bindparam("unproved", type_=Boolean()), _Meant.email_verified),
        or_(
            _Meant.home_user_id.is_(None),
            and_(
                _Meant.disabled_at.is_(None),
                Tenant.suspended_at.is_(None),
                _Opens.home_user_id.is_(None),
            ),
        ),
    )
    .order_by(_Meant.home_user_id.is_not(None), _Meant.created_at, _Meant.id)
)

_KNOWN = and_(
    KnownDevice.tenant_id == bindparam("tenant_id"),
    KnownDevice.user_id == bindparam("user_id"),
    KnownDevice.token_hash == bindparam("token_hash"),
    KnownDevice.last_seen_at > bindparam("seen_after", type_=UtcTime()),
)

# The browser, if the account knows it.
KNOWN_DEVICE = select(KnownDevice.id).where(_KNOWN)

_Everywhere = aliased(FailureCounter)
_ONE_ROW = select(literal(1).label("one")).subquery()  # also where there is no such account

# The device, if the account knows it, the streak of its class of devices, and the one over all.
STREAKS = (
    select(
        KnownDevice.id.label("device"),
        FailureCounter.failures,
        FailureCounter.locked_until,
        _Everywhere.failures.label("everywhere"),
    )
    .select_from(_ONE_ROW)
    .outerjoin(KnownDevice.__table__, _KNOWN)
    .outerjoin(
        FailureCounter.__table__,
        and_(
            FailureCounter.tenant_id == bindparam("tenant_id"),
            FailureCounter.user_id == bindparam("user_id"),
            FailureCounter.device == func.coalesce(KnownDevice.id, UNTRUSTED),
        ),
    )
    .outerjoin(
        _Everywhere,
        and_(
            _Everywhere.tenant_id == bindparam("tenant_id"),
            _Everywhere.user_id == bindparam("user_id"),
            _Everywhere.device == EVERYWHERE,
        ),
    )
)

# The same text on SQLite and PostgreSQL. For an account that is not there it writes nothing and
# costs the same: a refusal takes the same statements whether or not the address is known.
WRITE_STREAK = text(
    "INSERT INTO failure_counters"
    " (user_id, device, tenant_id, failures, locked_until, updated_at)"
    " SELECT id, :device, tenant_id, :failures, :locked_until, :now FROM users"
    " WHERE id = :user_id AND tenant_id = :tenant_id"
    " ON CONFLICT (user_id, device) DO UPDATE SET failures = excluded.failures,"
    " locked_until = excluded.locked_until, updated_at = excluded.updated_at"
).bindparams(
    bindparam("device", type_=String()),
    bindparam("failures", type_=Integer()),
    bindparam("locked_until", type_=UtcTime()),
    bindparam("now", type_=UtcTime()),
    bindparam("user_id", type_=String()),
    bindparam("tenant_id", type_=String()),
)

# A browser that the account did not know, and whether it knows others: in one statement, and the
# same text on both databases. The row itself is left out, seen or not by the database.
MEET_BROWSER = (
    text(
        "INSERT INTO known_devices"
        " (id, user_id, tenant_id, token_hash, device, created_at, last_seen_at)"
        " SELECT :new_device, id, tenant_id, :token_hash, :words, :now, :now FROM users"
        " WHERE id = :user_id AND tenant_id = :tenant_id"
        " RETURNING EXISTS (SELECT 1 FROM known_devices AS other"
        " WHERE other.tenant_id = :tenant_id AND other.user_id = :user_id"
        " AND other.id <> :new_device AND other.last_seen_at > :seen_after) AS knows_others"
    )
    .bindparams(
        bindparam("new_device", type_=String()),
        bindparam("token_hash", type_=LargeBinary()),
        bindparam("words", type_=LargeBinary()),
        bindparam("now", type_=UtcTime()),
        bindparam("seen_after", type_=UtcTime()),
        bindparam("user_id", type_=String()),
        bindparam("tenant_id", type_=String()),
    )
    .columns(knows_others=Boolean())
)
