"""The failure counters' one writing statement. It carries its tenant as a parameter."""

from sqlalchemy import Integer, String, bindparam, text

from authserver.core.database.types import UtcTime

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
