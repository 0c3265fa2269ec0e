"""Second factors, partial sign-ins, and the tenant's rule about them."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Document, UtcTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OWNER = (["tenant_id", "user_id"], ["users.tenant_id", "users.id"])


def upgrade() -> None:
    # SQLite adds a column in its place; the default is for the rows that are there.
    op.add_column(
        "tenants",
        sa.Column("mfa_required", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("tenants", "mfa_required", server_default=None)
    op.create_table(
        "totp_factors",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("seed", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("confirmed_at", UtcTime(), nullable=True),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(*OWNER, name=op.f("fk_totp_factors_tenant_id_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_totp_factors")),
    )
    op.create_index(op.f("ix_totp_factors_user_id"), "totp_factors", ["user_id"])
    op.create_table(
        "backup_codes",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("kept_at", UtcTime(), nullable=True),
        sa.Column("used_at", UtcTime(), nullable=True),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(*OWNER, name=op.f("fk_backup_codes_tenant_id_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_codes")),
        sa.UniqueConstraint("user_id", "code_hash", name=op.f("uq_backup_codes_user_id_code_hash")),
    )
    op.create_table(
        "factor_guesses",
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("recent", Document, nullable=False),
        sa.Column("in_a_row", sa.Integer(), nullable=False),
        sa.Column("locked_until", UtcTime(), nullable=True),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(*OWNER, name=op.f("fk_factor_guesses_tenant_id_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_factor_guesses")),
    )
    op.create_table(
        "partial_sign_ins",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("pending_id", sa.String(length=40), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_epoch", sa.Integer(), nullable=False),
        sa.Column("tenant_epoch", sa.Integer(), nullable=False),
        sa.Column("guesses", sa.Integer(), nullable=False),
        sa.Column("factor_id", sa.String(length=40), nullable=True),
        sa.Column("proven_at", UtcTime(), nullable=True),
        sa.Column("proven_by", sa.String(length=16), nullable=True),
        sa.Column("sealed_codes", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(*OWNER, name=op.f("fk_partial_sign_ins_tenant_id_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partial_sign_ins")),
        sa.UniqueConstraint(
            "pending_id", "user_id", name=op.f("uq_partial_sign_ins_pending_id_user_id")
        ),
        sa.UniqueConstraint("token_hash", name=op.f("uq_partial_sign_ins_token_hash")),
    )
    op.create_index(op.f("ix_partial_sign_ins_user_id"), "partial_sign_ins", ["user_id"])


def downgrade() -> None:
    for table in ("partial_sign_ins", "factor_guesses", "backup_codes", "totp_factors"):
        op.drop_table(table)
    op.drop_column("tenants", "mfa_required")
