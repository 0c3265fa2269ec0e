"""Exports of the trail: made in the background, fetched until they expire."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Document, Id, UtcTime
from authserver.core.database.wall import policies

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trail_exports",
        sa.Column("id", Id, primary_key=True),
        sa.Column("job_id", Id, nullable=False),
        sa.Column("format", sa.String(8), nullable=False),
        sa.Column("personal", sa.Boolean, nullable=False),
        sa.Column("asked", Document, nullable=False),
        sa.Column("place", Id, nullable=True),
        sa.Column("parts", sa.Integer, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("tombstones", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("packed", sa.BigInteger, nullable=False),
        sa.Column("crc", sa.BigInteger, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("ready_at", UtcTime, nullable=True),
        sa.Column("expires_at", UtcTime, nullable=False),
        sa.Column("tenant_id", Id, nullable=False),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )
    op.create_index("ix_trail_exports_expires_at", "trail_exports", ["expires_at"])
    op.create_table(
        "trail_export_parts",
        sa.Column("id", Id, primary_key=True),
        sa.Column("export_id", Id, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("tenant_id", Id, nullable=False),
        sa.UniqueConstraint("export_id", "number"),
        sa.ForeignKeyConstraint(
            ["tenant_id", "export_id"], ["trail_exports.tenant_id", "trail_exports.id"]
        ),
    )
    for table in ("trail_exports", "trail_export_parts"):
        policies.secure(op.get_bind(), table)


def downgrade() -> None:
    op.drop_table("trail_export_parts")
    op.drop_table("trail_exports")
