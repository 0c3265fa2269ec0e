"""What clients register beyond what every client has."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Document

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clients", sa.Column("options", Document, nullable=False, server_default="{}"))


def downgrade() -> None:
    op.drop_column("clients", "options")
