"""The erasure of people, and holds that stop it."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Document, Id, UtcTime
from authserver.core.database.wall import policies

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

OWNER = ["users.tenant_id", "users.id"]


def upgrade() -> None:
    op.add_column("users", sa.Column("erased_at", UtcTime, nullable=True))
    # In its place, as in 0003.
    op.execute(
        "ALTER TABLE tenants ADD COLUMN erasure_days INTEGER DEFAULT 14 NOT NULL"
        " CONSTRAINT ck_tenants_erasure_days CHECK (erasure_days BETWEEN 0 AND 30)"
    )
    op.create_table(
        "erasures",
        sa.Column("id", Id, primary_key=True),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_by", sa.String(16), nullable=False),
        sa.Column("asked_at", UtcTime, nullable=False),
        sa.Column("link_hash", sa.LargeBinary(32), nullable=True),
        sa.Column("link_until", UtcTime, nullable=True),
        sa.Column("due_at", UtcTime, nullable=True),
        sa.Column("job_id", Id, nullable=True),
        sa.Column("removed", Document, nullable=False),
        sa.Column("event_id", Id, nullable=True),
        sa.Column("receipt_hash", sa.LargeBinary(32), nullable=True),
        sa.Column("ended_at", UtcTime, nullable=True),
        sa.Column("tenant_id", Id, nullable=False),
        sa.UniqueConstraint("link_hash"),
        sa.UniqueConstraint("receipt_hash"),
        sa.ForeignKeyConstraint(["tenant_id", "user_id"], OWNER),
    )
    op.create_index("ix_erasures_user_id_id", "erasures", ["user_id", "id"])
    op.create_index("ix_erasures_tenant_id_id", "erasures", ["tenant_id", "id"])
    waits = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_erasures_open", "erasures", ["due_at"], sqlite_where=waits, postgresql_where=waits
    )
    op.create_table(
        "legal_holds",
        sa.Column("id", Id, primary_key=True),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("set_by", Id, nullable=False),
        sa.Column("set_at", UtcTime, nullable=False),
        sa.Column("lifted_by", Id, nullable=True),
        sa.Column("lifted_at", UtcTime, nullable=True),
        sa.Column("tenant_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id", "user_id"], OWNER),
    )
    op.create_index("ix_legal_holds_user_id_id", "legal_holds", ["user_id", "id"])
    for table in ("erasures", "legal_holds"):
        policies.secure(op.get_bind(), table)


def downgrade() -> None:
    op.drop_table("legal_holds")
    op.drop_table("erasures")
    op.drop_column("tenants", "erasure_days")
    op.drop_column("users", "erased_at")
