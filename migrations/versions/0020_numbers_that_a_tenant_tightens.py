"""A tenant's own numbers of signing in."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Document

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tenants", sa.Column("tightened", Document, nullable=True))


def downgrade() -> None:
    op.drop_column("tenants", "tightened")
