"""Shorter sessions of a tenant, and until when a temporary password opens anything."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import UtcTime

revision = "0019"
down_revision = "0016"
branch_labels = None
depends_on = None

# In their place, as in 0003.
ADDED = tuple(
    f"ALTER TABLE tenants ADD COLUMN {name} INTEGER"
    f" CONSTRAINT ck_tenants_{name} CHECK ({name} >= 5)"
    for name in ("session_idle_minutes", "session_absolute_minutes")
)


def upgrade() -> None:
    for statement in ADDED:
        op.execute(statement)
    op.add_column("users", sa.Column("password_expires_at", UtcTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "password_expires_at")
    op.drop_column("tenants", "session_absolute_minutes")
    op.drop_column("tenants", "session_idle_minutes")
