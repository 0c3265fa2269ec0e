"""People are searched by name, changed by version, and imported by jobs in the background."""

import sqlalchemy as sa
from alembic import op

from authserver.accounts.details.searching import name_keys
from authserver.core.database.types import Document, Id, OptionalDocument, UtcTime, sorted_text

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_AT_ONCE = 1000
_CLOSED = sa.text("disabled_at IS NOT NULL")
_OPEN = sa.text("ended_at IS NULL")
_SUBJECT = sa.text("subject_ref IS NOT NULL")
USERS = sa.table(
    "users", sa.column("id"), sa.column("name"), *map(sa.column, ("name_key", "family_key"))
)
KEY = 120


def upgrade() -> None:
    _people()
    _jobs()
    with op.batch_alter_table("invitations") as invitations:
        invitations.add_column(sa.Column("outside_id", Id, nullable=True))
        invitations.add_column(sa.Column("outside_tenant_id", Id, nullable=True))
        if op.get_bind().dialect.name == "postgresql":
            invitations.alter_column("address", type_=sorted_text(320))
    op.create_index("ix_invitations_tenant_id_id", "invitations", ["tenant_id", "id"])
    op.create_index(
        "ix_audit_events_subject_ref",
        "audit_events",
        ["subject_ref", "id"],
        sqlite_where=_SUBJECT,
        postgresql_where=_SUBJECT,
    )


def _people() -> None:
    with op.batch_alter_table("users") as users:
        users.add_column(sa.Column("version", sa.Integer, nullable=False, server_default="1"))
        for name in ("name_key", "family_key"):
            users.add_column(sa.Column(name, sorted_text(KEY), nullable=False, server_default=""))
        if op.get_bind().dialect.name == "postgresql":
            users.alter_column("email_canonical", type_=sorted_text(320))
    _fill()
    for name in ("name_key", "family_key", "created_at"):
        op.create_index(f"ix_users_tenant_id_{name}", "users", ["tenant_id", name, "id"])
    op.create_index(
        "ix_users_disabled",
        "users",
        ["tenant_id", "id"],
        sqlite_where=_CLOSED,
        postgresql_where=_CLOSED,
    )


def _fill() -> None:
    """Give everybody who is there the keys of their name."""
    bind, last = op.get_bind(), ""
    some = sa.select(USERS.c.id, USERS.c.name).order_by(USERS.c.id).limit(_AT_ONCE)
    mine = sa.update(USERS).where(USERS.c.id == sa.bindparam("of"))
    change = mine.values(name_key=sa.bindparam("whole"), family_key=sa.bindparam("turned"))
    while rows := bind.execute(some.where(USERS.c.id > last)).all():
        keys = [(row.id, *name_keys(row.name)) for row in rows]
        bind.execute(change, [{"of": i, "whole": w, "turned": t} for i, w, t in keys])
        last = rows[-1].id


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", Id, primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("caller_kind", sa.String(16), nullable=False),
        sa.Column("caller_id", Id, nullable=False),
        sa.Column("caller_tenant_id", Id, nullable=False),
        sa.Column("correlation_id", sa.String(40), nullable=False),
        sa.Column("settings", Document, nullable=False),
        sa.Column("result", OptionalDocument, nullable=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("total", "done", "refused")),
        sa.Column("failure", sa.String(80), nullable=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("claimed_by", sa.String(40), nullable=True),
        sa.Column("claimed_until", UtcTime, nullable=True),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("started_at", UtcTime, nullable=True),
        sa.Column("ended_at", UtcTime, nullable=True),
        sa.Column("expires_at", UtcTime, nullable=False),
        sa.Column("tenant_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        sa.UniqueConstraint("tenant_id", "id"),
    )
    op.create_index("ix_jobs_expires_at", "jobs", ["expires_at"])
    op.create_index("ix_jobs_open", "jobs", ["state"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_table(
        "job_parts",
        sa.Column("id", Id, primary_key=True),
        sa.Column("job_id", Id, nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in ("number", "first", "rows")),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("tenant_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id", "job_id"], ["jobs.tenant_id", "jobs.id"]),
        sa.UniqueConstraint("job_id", "number"),
    )
    op.create_table(
        "job_refusals",
        sa.Column("id", Id, primary_key=True),
        sa.Column("job_id", Id, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("field", sa.String(40), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("tenant_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id", "job_id"], ["jobs.tenant_id", "jobs.id"]),
    )
    op.create_index("ix_job_refusals_job_id_number", "job_refusals", ["job_id", "number"])


def downgrade() -> None:
    for table in ("job_refusals", "job_parts", "jobs"):
        op.drop_table(table)
    op.drop_index("ix_audit_events_subject_ref", "audit_events")
    op.drop_index("ix_invitations_tenant_id_id", "invitations")
    with op.batch_alter_table("invitations") as invitations:
        if op.get_bind().dialect.name == "postgresql":
            invitations.alter_column("address", type_=sa.String(320))
        invitations.drop_column("outside_tenant_id")
        invitations.drop_column("outside_id")
    for index in (
        "disabled",
        *(f"tenant_id_{name}" for name in ("created_at", "family_key", "name_key")),
    ):
        op.drop_index(f"ix_users_{index}", "users")
    with op.batch_alter_table("users") as users:
        if op.get_bind().dialect.name == "postgresql":
            users.alter_column("email_canonical", type_=sa.String(320))
        for name in ("family_key", "name_key", "version"):
            users.drop_column(name)
