"""Tokens that are good only with a key of the client: RFC 9449."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import UtcTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("authorization_codes", sa.Column("dpop_jkt", sa.String(length=43)))
    op.add_column("token_families", sa.Column("bound_to", sa.String(length=60)))
    op.add_column(
        "tenants",
        sa.Column("dpop_nonces", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "used_proofs",
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("proof_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.id"],
            name=op.f("fk_used_proofs_tenant_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("client_id", "proof_hash", name=op.f("pk_used_proofs")),
    )
    op.create_index(op.f("ix_used_proofs_expires_at"), "used_proofs", ["expires_at"])


def downgrade() -> None:
    op.drop_table("used_proofs")
    op.drop_column("tenants", "dpop_nonces")
    op.drop_column("token_families", "bound_to")
    op.drop_column("authorization_codes", "dpop_jkt")
