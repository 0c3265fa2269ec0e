"""How figures are written: by the meter of any process, for whichever tenants it met.

A named platform service: what one process counted in a minute is of many tenants. Each row carries
its tenant, and a row of a client is taken from the client's own.
"""

from sqlalchemy import BigInteger, String, bindparam, select, text
from sqlalchemy.sql.elements import TextClause

from authserver.core.database.types import UtcTime
from authserver.usage.models import QuotaUse

_WHEN = (
    bindparam("grain", type_=String()),
    bindparam("at", type_=UtcTime()),
    bindparam("what", type_=String()),
    bindparam("number", type_=BigInteger()),
)


def _written(statement: str, *more: str) -> TextClause:
    return text(statement).bindparams(*_WHEN, *(bindparam(name, type_=String()) for name in more))


# The same text on SQLite and PostgreSQL. A client or a tenant that is gone costs nothing else.
ADD_TO_CLIENT = _written(
    "INSERT INTO client_usage (tenant_id, client_id, grain, at, what, number)"
    " SELECT tenant_id, id, :grain, :at, :what, :number FROM clients"
    " WHERE id = :client_id AND tenant_id = :tenant_id"
    " ON CONFLICT (client_id, grain, at, what)"
    " DO UPDATE SET number = client_usage.number + excluded.number",
    "tenant_id",
    "client_id",
)
ADD_TO_TENANT = _written(
    "INSERT INTO tenant_usage (tenant_id, grain, at, what, number)"
    " SELECT id, :grain, :at, :what, :number FROM tenants WHERE id = :tenant_id"
    " ON CONFLICT (tenant_id, grain, at, what)"
    " DO UPDATE SET number = tenant_usage.number + excluded.number",
    "tenant_id",
)
ADD_TO_PLATFORM = _written(
    "INSERT INTO platform_usage (grain, at, what, number)"
    " VALUES (:grain, :at, :what, :number)"
    " ON CONFLICT (grain, at, what)"
    " DO UPDATE SET number = platform_usage.number + excluded.number"
)
NOTE_OF_TENANT = _written(
    "INSERT INTO tenant_usage (tenant_id, grain, at, what, number)"
    " SELECT id, :grain, :at, :what, :number FROM tenants WHERE id = :tenant_id"
    " ON CONFLICT (tenant_id, grain, at, what) DO UPDATE SET number = excluded.number",
    "tenant_id",
)
NOTE_OF_PLATFORM = _written(
    "INSERT INTO platform_usage (grain, at, what, number)"
    " VALUES (:grain, :at, :what, :number)"
    " ON CONFLICT (grain, at, what) DO UPDATE SET number = excluded.number"
)

# Of accounts that are a person's own: a guest's second factor is at home.
PEOPLE = text(
    "SELECT users.tenant_id AS tenant_id, count(*) AS number,"
    " count(CASE WHEN EXISTS (SELECT 1 FROM totp_factors AS app"
    " WHERE app.user_id = users.id AND app.confirmed_at IS NOT NULL)"
    " OR EXISTS (SELECT 1 FROM passkeys WHERE passkeys.user_id = users.id)"
    " THEN 1 END) AS secured"
    " FROM users WHERE users.home_user_id IS NULL AND users.disabled_at IS NULL"
    " GROUP BY users.tenant_id"
).columns(tenant_id=String(), number=BigInteger(), secured=BigInteger())

# The index on `expires_at` leaves out what was over before: nobody used that since.
ACTIVE = (
    text(
        "SELECT tenant_id, count(DISTINCT user_id) AS number FROM sessions"
        " WHERE expires_at > :since AND last_seen_at >= :since GROUP BY tenant_id"
    )
    .bindparams(bindparam("since", type_=UtcTime()))
    .columns(tenant_id=String(), number=BigInteger())
)

# One statement: of any number at once, none is one too many. A process whose clock is behind
# counts into the day that others have begun.
SPEND = text(
    "INSERT INTO quota_uses (tenant_id, client_id, day, day_used, month, month_used)"
    " VALUES (:tenant_id, :client_id, :day, 1, :month, 1)"
    " ON CONFLICT (client_id) DO UPDATE SET"
    " day_used = CASE WHEN excluded.day > quota_uses.day"
    " THEN 1 ELSE quota_uses.day_used + 1 END,"
    " day = CASE WHEN excluded.day > quota_uses.day THEN excluded.day ELSE quota_uses.day END,"
    " month_used = CASE WHEN excluded.month > quota_uses.month"
    " THEN 1 ELSE quota_uses.month_used + 1 END,"
    " month = CASE WHEN excluded.month > quota_uses.month"
    " THEN excluded.month ELSE quota_uses.month END"
    " WHERE quota_uses.tenant_id = :tenant_id"
    " AND CASE WHEN excluded.day > quota_uses.day THEN 0 ELSE quota_uses.day_used END"
    " < :day_limit"
    " AND CASE WHEN excluded.month > quota_uses.month THEN 0 ELSE quota_uses.month_used END"
    " < :month_limit"
).bindparams(
    bindparam("tenant_id", type_=String()),
    bindparam("client_id", type_=String()),
    bindparam("day", type_=String()),
    bindparam("month", type_=String()),
    bindparam("day_limit", type_=BigInteger()),
    bindparam("month_limit", type_=BigInteger()),
)

GIVE_BACK = text(
    "UPDATE quota_uses SET day_used = day_used - 1, month_used = month_used - 1"
    " WHERE client_id = :client_id AND tenant_id = :tenant_id"
).bindparams(
    bindparam("client_id", type_=String()),
    bindparam("tenant_id", type_=String()),
)

SPENT = select(QuotaUse.day, QuotaUse.day_used, QuotaUse.month, QuotaUse.month_used).where(
    QuotaUse.client_id == bindparam("client_id"), QuotaUse.tenant_id == bindparam("tenant_id")
)
