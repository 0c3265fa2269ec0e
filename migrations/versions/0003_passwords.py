"""What a tenant asks of its people's passwords."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# In its place: to make the table anew would drop what every other table refers to. Alembic can add
# a constraint to a table of SQLite in no other way, and both databases read this text.
ADDED = (
    "ALTER TABLE tenants ADD COLUMN password_preset VARCHAR(16) DEFAULT 'classic' NOT NULL"
    " CONSTRAINT ck_tenants_password_preset CHECK (password_preset IN ('classic', 'nist'))"
)


def upgrade() -> None:
    op.execute(ADDED)


def downgrade() -> None:
    op.drop_column("tenants", "password_preset")
