"""Change of the address, passwords that have to be changed, pictures, and what is pruned."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import UtcTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Written out: batch mode would make the table anew, and drop its triggers and indexes on SQLite.
CHANGE_DUE = "ALTER TABLE users ADD COLUMN password_change_required BOOLEAN DEFAULT false NOT NULL"
FACTOR_DUE = "ALTER TABLE partial_sign_ins ADD COLUMN factor_due BOOLEAN DEFAULT true NOT NULL"


def upgrade() -> None:
    op.execute(CHANGE_DUE)
    op.execute(FACTOR_DUE)
    op.add_column("users", sa.Column("picture_id", sa.String(length=43), nullable=True))
    op.add_column("mailed_links", sa.Column("new_email", sa.String(length=254), nullable=True))
    op.create_table(
        "pictures",
        sa.Column("id", sa.String(length=43), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_pictures_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pictures")),
        sa.UniqueConstraint("user_id", name=op.f("uq_pictures_user_id")),
    )


def downgrade() -> None:
    op.drop_table("pictures")
    op.drop_column("mailed_links", "new_email")
    op.drop_column("users", "picture_id")
    op.drop_column("partial_sign_ins", "factor_due")
    op.drop_column("users", "password_change_required")
