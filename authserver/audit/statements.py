"""The trail's hot statements. Each carries its tenant as a value or a parameter."""

from sqlalchemy import bindparam, insert, select, text

from authserver.audit.models import AuditEvent, AuditSubject
from authserver.core.database.types import UtcTime

INSERT_EVENT = insert(AuditEvent.__table__)  # type: ignore[arg-type]  # a Table, declared FromClause

FIND_SUBJECT = select(AuditSubject.ref, AuditSubject.wrapped_key).where(
    AuditSubject.tenant_id == bindparam("tenant_id"),
    AuditSubject.principal_id == bindparam("principal_id"),
)

# The same text on SQLite and PostgreSQL; two processes may meet the same principal first.
INSERT_SUBJECT = text(
    "INSERT INTO audit_subjects (ref, tenant_id, principal_id, wrapped_key, created_at)"
    " VALUES (:ref, :tenant_id, :principal_id, :wrapped_key, :created_at)"
    " ON CONFLICT (tenant_id, principal_id) DO NOTHING"
).bindparams(bindparam("created_at", type_=UtcTime()))
