"""The longest lives of tokens that a tenant allows its clients."""

from alembic import op

revision = "0043"
down_revision = "0041"
branch_labels = None
depends_on = None

# In their place, as in 0003.
LIVES = {"access_token_seconds": 60, "refresh_token_minutes": 5}


def upgrade() -> None:
    for name, least in LIVES.items():
        op.execute(
            f"ALTER TABLE tenants ADD COLUMN {name} INTEGER"
            f" CONSTRAINT ck_tenants_{name} CHECK ({name} >= {least})"
        )


def downgrade() -> None:
    for name in LIVES:
        op.drop_column("tenants", name)
