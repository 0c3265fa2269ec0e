"""Passkeys, and what a half sign-in has proved."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Document, UtcTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OWNER = (["tenant_id", "user_id"], ["users.tenant_id", "users.id"])


def upgrade() -> None:
    op.create_table(
        "passkey_owners",
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("handle", sa.LargeBinary(length=32), nullable=False),
        sa.Column("recent", Document, nullable=False),
        sa.Column("in_a_row", sa.Integer(), nullable=False),
        sa.Column("locked_until", UtcTime(), nullable=True),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(*OWNER, name=op.f("fk_passkey_owners_tenant_id_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_passkey_owners")),
        sa.UniqueConstraint("handle", name=op.f("uq_passkey_owners_handle")),
    )
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("aaguid", sa.String(length=36), nullable=False),
        sa.Column("transports", Document, nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("synced", sa.Boolean(), nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("last_used_at", UtcTime(), nullable=True),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(*OWNER, name=op.f("fk_passkeys_tenant_id_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index(op.f("ix_passkeys_user_id"), "passkeys", ["user_id"])
    op.create_table(
        "passkey_challenges",
        sa.Column("challenge_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("challenge_hash", name=op.f("pk_passkey_challenges")),
    )
    op.create_index(op.f("ix_passkey_challenges_expires_at"), "passkey_challenges", ["expires_at"])
    # Half sign-ins that are there were begun with a password: they go on without it.
    op.add_column("partial_sign_ins", sa.Column("amr", Document, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("partial_sign_ins") as partial_sign_ins:
        partial_sign_ins.drop_column("amr")
    for table in ("passkey_challenges", "passkeys", "passkey_owners"):
        op.drop_table(table)
