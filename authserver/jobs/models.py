"""The rows of background jobs."""

from datetime import datetime

from sqlalchemy import (
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    column,
)
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Document, Id, OptionalDocument, UtcTime

_ENDS = column("ended_at").is_(None)
OWNER = ["jobs.tenant_id", "jobs.id"]


class Job(Base, TenantScoped):
    """One piece of long work. `caller_*` say who began it: whose rights count as it goes on.

    `settings` are what its kind wants to know, `result` what it says in the end; neither holds
    personal data or a secret. `claimed_by` is the worker's own token until `claimed_until`.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        Index("ix_jobs_open", "state", sqlite_where=_ENDS, postgresql_where=_ENDS),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    kind: Mapped[str] = technical(String(40))
    state: Mapped[str] = technical(String(16))
    caller_kind: Mapped[str] = technical(String(16))
    caller_id: Mapped[str] = technical(Id)
    caller_tenant_id: Mapped[str] = technical(Id)
    correlation_id: Mapped[str] = technical(String(40))
    settings: Mapped[dict[str, object]] = technical(Document)
    result: Mapped[dict[str, object] | None] = technical(OptionalDocument)
    total: Mapped[int] = technical(Integer, default=0)
    done: Mapped[int] = technical(Integer, default=0)
    refused: Mapped[int] = technical(Integer, default=0)
    failure: Mapped[str | None] = technical(String(80))
    attempts: Mapped[int] = technical(Integer, default=0)
    claimed_by: Mapped[str | None] = technical(String(40))
    claimed_until: Mapped[datetime | None] = technical(UtcTime)
    created_at: Mapped[datetime] = technical(UtcTime)
    started_at: Mapped[datetime | None] = technical(UtcTime)
    ended_at: Mapped[datetime | None] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime, index=True)


class JobPart(Base, TenantScoped):
    """What a job works on, encrypted; `first` is the number of its first row. Gone with the end."""

    __tablename__ = "job_parts"
    __table_args__ = (
        UniqueConstraint("job_id", "number"),
        ForeignKeyConstraint(["tenant_id", "job_id"], OWNER),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    job_id: Mapped[str] = technical(Id)
    number: Mapped[int] = technical(Integer)
    first: Mapped[int] = technical(Integer)
    rows: Mapped[int] = technical(Integer)
    content: Mapped[bytes] = personal(LargeBinary, export=False, on_erasure=OnErasure.DELETE_ROW)


class JobRefusal(Base, TenantScoped):
    """A row that a job did not take: its number, the field and a code, and nothing that it said."""

    __tablename__ = "job_refusals"
    __table_args__ = (
        Index("ix_job_refusals_job_id_number", "job_id", "number"),
        ForeignKeyConstraint(["tenant_id", "job_id"], OWNER),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    job_id: Mapped[str] = technical(Id)
    number: Mapped[int] = technical(Integer)
    field: Mapped[str] = technical(String(40))
    code: Mapped[str] = technical(String(40))
