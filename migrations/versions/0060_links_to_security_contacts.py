"""Links that prove the mailbox of a security contact, before anything else goes there."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Id, UtcTime
from authserver.core.database.wall import policies

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trail_contact_links",
        sa.Column("id", Id, nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False),
        sa.Column("used_at", UtcTime, nullable=True),
        sa.Column("tenant_id", Id, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )
    op.create_index("ix_trail_contact_links_tenant_id", "trail_contact_links", ["tenant_id"])
    policies.secure(op.get_bind(), "trail_contact_links")


def downgrade() -> None:
    op.drop_table("trail_contact_links")
