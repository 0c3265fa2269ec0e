"""What a tenant has booked."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# In its place, as in 0003.
ADDED = (
    "ALTER TABLE tenants ADD COLUMN tier VARCHAR(16) DEFAULT 'standard' NOT NULL"
    " CONSTRAINT ck_tenants_tier CHECK (tier IN ('free', 'standard', 'enterprise'))"
)


def upgrade() -> None:
    op.execute(ADDED)


def downgrade() -> None:
    op.drop_column("tenants", "tier")
