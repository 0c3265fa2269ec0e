"""Copies of tenants that are made in the background, until they are taken."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Id
from authserver.core.database.wall import policies

revision = "0059"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tenant_copy_parts",
        sa.Column("id", Id, primary_key=True),
        sa.Column("job_id", Id, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("tenant_id", Id, nullable=False),
        sa.UniqueConstraint("job_id", "number"),
        sa.ForeignKeyConstraint(["tenant_id", "job_id"], ["jobs.tenant_id", "jobs.id"]),
    )
    policies.secure(op.get_bind(), "tenant_copy_parts")


def downgrade() -> None:
    op.drop_table("tenant_copy_parts")
