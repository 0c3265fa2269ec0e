"""Where tenants have the checkpoint of their trail mailed."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Id, UtcTime
from authserver.core.database.wall import policies

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trail_contacts",
        sa.Column("tenant_id", Id, nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("told_at", UtcTime, nullable=True),
        sa.Column("checkpoint", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("tenant_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )
    policies.secure(op.get_bind(), "trail_contacts")


def downgrade() -> None:
    op.drop_table("trail_contacts")
