"""Copies of a person's own data: asked for, made, fetched once."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Id, UtcTime
from authserver.core.database.wall import policies

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_exports",
        sa.Column("id", Id, primary_key=True),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("job_id", Id, nullable=False),
        sa.Column("asked_by", sa.String(16), nullable=False),
        sa.Column("after", Id, nullable=True),
        sa.Column("parts", sa.Integer, nullable=False),
        sa.Column("signature", sa.String(2048), nullable=True),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=True, unique=True),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("ready_at", UtcTime, nullable=True),
        sa.Column("expires_at", UtcTime, nullable=True),
        sa.Column("taken_at", UtcTime, nullable=True),
        sa.Column("tenant_id", Id, nullable=False),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
    )
    op.create_index("ix_data_exports_user_id_id", "data_exports", ["user_id", "id"])
    op.create_table(
        "data_export_parts",
        sa.Column("id", Id, primary_key=True),
        sa.Column("export_id", Id, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("tenant_id", Id, nullable=False),
        sa.UniqueConstraint("export_id", "number"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "export_id"], ["data_exports.tenant_id", "data_exports.id"]
        ),
    )
    for table in ("data_exports", "data_export_parts"):
        policies.secure(op.get_bind(), table)


def downgrade() -> None:
    op.drop_table("data_export_parts")
    op.drop_table("data_exports")
