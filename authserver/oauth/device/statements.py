"""The statements of devices. The tenant comes from the row that a code leads to."""

from sqlalchemy import Integer, and_, bindparam, or_, select, text, update

from authserver.core.database.types import Document, UtcTime
from authserver.oauth.device.models import DeviceAuthorization

_Device = DeviceAuthorization
_TABLE = DeviceAuthorization.__table__

# No row where another device has the user code: then there is to be another one.
INSERT_DEVICE = text(
    "INSERT INTO device_authorizations (id, tenant_id, device_code_hash, user_code_hash, client_id,"
    " issuer, scope, resources, address, interval, polls, created_at, expires_at)"
    " VALUES (:id, :tenant_id, :device_code_hash, :user_code_hash, :client_id,"
    " :issuer, :scope, :resources, :address, :interval, 0, :created_at, :expires_at)"
    " ON CONFLICT (user_code_hash) DO NOTHING"
).bindparams(
    bindparam("scope", type_=Document),
    bindparam("resources", type_=Document),
    bindparam("created_at", type_=UtcTime()),
    bindparam("expires_at", type_=UtcTime()),
)

DEVICE_OF_DEVICE_CODE = select(_TABLE).where(_Device.device_code_hash == bindparam("code_hash"))
DEVICE_OF_USER_CODE = select(_TABLE).where(_Device.user_code_hash == bindparam("code_hash"))
FIND_DEVICE = select(_TABLE).where(
    _Device.tenant_id == bindparam("of_tenant"), _Device.id == bindparam("device_id")
)

_OPEN = and_(
    _Device.tenant_id == bindparam("of_tenant"),
    _Device.id == bindparam("device_id"),
    _Device.approved_at.is_(None),
    _Device.denied_at.is_(None),
    _Device.expires_at > bindparam("now"),
)
_change = update(_TABLE)  # type: ignore[arg-type]  # a Table, declared FromClause

# The first browser in which the code is entered has it; there it may be entered again.
CLAIM_DEVICE = _change.where(
    _OPEN,
    or_(_Device.browser_hash.is_(None), _Device.browser_hash == bindparam("of_browser")),
).values(browser_hash=bindparam("of_browser"))
APPROVE_DEVICE = _change.where(_OPEN, _Device.browser_hash == bindparam("of_browser")).values(
    approved_at=bindparam("now")
)
DENY_DEVICE = _change.where(_OPEN, _Device.browser_hash == bindparam("of_browser")).values(
    denied_at=bindparam("now")
)

# Of two questions that come at once, the second one finds that it is not the next.
NOTE_POLL = _change.where(
    _Device.tenant_id == bindparam("of_tenant"),
    _Device.id == bindparam("device_id"),
    _Device.polls == bindparam("seen_polls"),
).values(
    polls=bindparam("seen_polls", type_=Integer()) + 1,
    polled_at=bindparam("now"),
    interval=bindparam("next_interval"),
)

# A window begins with its first failure, and a new one after its end.
COUNT_USER_CODE = text(
    "INSERT INTO user_code_counters (source_hash, failures, ends_at)"
    " VALUES (:source_hash, 1, :ends_at)"
    " ON CONFLICT (source_hash) DO UPDATE SET"
    " failures = CASE WHEN user_code_counters.ends_at <= :now THEN 1"
    " ELSE user_code_counters.failures + 1 END,"
    " ends_at = CASE WHEN user_code_counters.ends_at <= :now THEN :ends_at"
    " ELSE user_code_counters.ends_at END"
).bindparams(bindparam("ends_at", type_=UtcTime()), bindparam("now", type_=UtcTime()))

USER_CODE_COUNTER = text(
    "SELECT failures, ends_at FROM user_code_counters WHERE source_hash = :source_hash"
).columns(failures=Integer(), ends_at=UtcTime())

FORGIVE_USER_CODE = text(
    "UPDATE user_code_counters SET failures = failures - 1"
    " WHERE source_hash = :source_hash AND failures > 0"
)
