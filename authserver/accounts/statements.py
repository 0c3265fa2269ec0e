"""The failure counters' one writing statement, and what a guest account depends on.

The first carries its tenant as a parameter; the second is a condition of other files' statements.
"""

from sqlalchemy import ColumnElement, Integer, String, and_, bindparam, exists, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute, aliased

from authserver.accounts.models import User
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


# A guest account whose home account has just proved who they are, and what both depend on.
FIND_GUEST = (
    select(
        User.id,
        User.tenant_id,
        User.email,
        User.name,
        User.locale,
        User.security_epoch,
        User.home_user_id,
        User.picture_id,
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
