"""Look-ups by what a caller presents. The tenant comes from the caller, or from the row."""

from sqlalchemy import bindparam, delete, select, text, update

from authserver.admin.models import IdempotencyKey
from authserver.core.database.types import UtcTime

CLAIM_KEY = text(
    "INSERT INTO idempotency_keys"
    " (id, tenant_id, key_hash, request_hash, created_at, expires_at)"
    " VALUES (:id, :tenant_id, :key_hash, :request_hash, :created_at, :expires_at)"
    " ON CONFLICT (key_hash) DO NOTHING"
).bindparams(bindparam("created_at", type_=UtcTime()), bindparam("expires_at", type_=UtcTime()))

FIND_KEY = select(IdempotencyKey.id, IdempotencyKey.request_hash, IdempotencyKey.answer).where(
    IdempotencyKey.key_hash == bindparam("key_hash")
)

KEEP_ANSWER = (
    update(IdempotencyKey.__table__)  # type: ignore[arg-type]  # a Table, declared FromClause
    .where(IdempotencyKey.key_hash == bindparam("key_hash"))
    .values(answer=bindparam("answer"))
)

RELEASE_KEY = delete(IdempotencyKey.__table__).where(  # type: ignore[arg-type]  # the same
    IdempotencyKey.key_hash == bindparam("key_hash")
)
