"""The record's statement that two processes may run at once. It carries its tenant."""

from sqlalchemy import bindparam, text

from authserver.core.database.types import Document, UtcTime

# The same text on SQLite and PostgreSQL.
INSERT_TEXT = text(
    "INSERT INTO consent_texts (tenant_id, hash, text, created_at)"
    " VALUES (:tenant_id, :hash, :text, :created_at)"
    " ON CONFLICT (tenant_id, hash) DO NOTHING"
).bindparams(bindparam("text", type_=Document), bindparam("created_at", type_=UtcTime()))
