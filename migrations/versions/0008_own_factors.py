"""What people change about their own factors, and browsers that they trust."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import UtcTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OWNER = (["tenant_id", "user_id"], ["users.tenant_id", "users.id"])
# In its place, as in revision 0003: both databases read this text.
DAYS = (
    "ALTER TABLE tenants ADD COLUMN trusted_device_days INTEGER"
    " CONSTRAINT ck_tenants_trusted_device_days CHECK (trusted_device_days BETWEEN 1 AND 30)"
)


def upgrade() -> None:
    op.execute(DAYS)
    op.add_column("tenants", sa.Column("trusted_devices_since", UtcTime(), nullable=True))
    op.add_column("totp_factors", sa.Column("session_id", sa.String(length=40), nullable=True))
    # The defaults are for the rows that are there.
    _add("totp_factors", sa.Column("guesses", sa.Integer(), nullable=False, server_default="0"))
    _add(
        "partial_sign_ins",
        sa.Column("trusts", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "backup_code_sheets",
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("session_id", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(*OWNER, name=op.f("fk_backup_code_sheets_tenant_id_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_backup_code_sheets")),
    )
    op.create_table(
        "trusted_browsers",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_epoch", sa.Integer(), nullable=False),
        sa.Column("tenant_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("last_used_at", UtcTime(), nullable=True),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(*OWNER, name=op.f("fk_trusted_browsers_tenant_id_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trusted_browsers")),
        sa.UniqueConstraint(
            "user_id", "token_hash", name=op.f("uq_trusted_browsers_user_id_token_hash")
        ),
    )
    # A new token takes the place of the old one by its hash alone, in every account.
    op.create_index("ix_trusted_browsers_token_hash", "trusted_browsers", ["token_hash"])


def downgrade() -> None:
    for table in ("trusted_browsers", "backup_code_sheets"):
        op.drop_table(table)
    op.drop_column("partial_sign_ins", "trusts")
    for column in ("guesses", "session_id"):
        op.drop_column("totp_factors", column)
    for column in ("trusted_devices_since", "trusted_device_days"):
        op.drop_column("tenants", column)


def _add(table: str, column: "sa.Column[object]") -> None:
    op.add_column(table, column)
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column(table, column.name, server_default=None)
