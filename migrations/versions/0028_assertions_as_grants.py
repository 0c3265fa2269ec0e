"""Issuers whose assertions are grants."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Document, UtcTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assertion_issuers",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("jwks", Document, nullable=True),
        sa.Column("jwks_uri", sa.String(length=2048), nullable=True),
        sa.Column("algorithms", Document, nullable=False),
        sa.Column("clients", Document, nullable=False),
        sa.Column("scopes", Document, nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=False),
        sa.Column("subjects", Document, nullable=False),
        sa.Column("connection_owner", sa.String(length=40), nullable=True),
        sa.Column("connection_id", sa.String(length=40), nullable=True),
        sa.Column("longest", sa.Integer(), nullable=False),
        sa.Column("trusts_amr", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "connection_owner IN (tenant_id, 'platform')",
            name=op.f("ck_assertion_issuers_connection_owner"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_assertion_issuers_tenant_id")
        ),
        sa.ForeignKeyConstraint(
            ["connection_owner", "connection_id"],
            ["federation_connections.owner", "federation_connections.id"],
            name=op.f("fk_assertion_issuers_connection_owner_connection_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assertion_issuers")),
        sa.UniqueConstraint(
            "tenant_id", "issuer", name=op.f("uq_assertion_issuers_tenant_id_issuer")
        ),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_assertion_issuers_tenant_id_name")),
    )
    op.create_table(
        "used_grants",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("jti_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_used_grants_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "jti_hash", name=op.f("pk_used_grants")),
    )
    op.create_index(op.f("ix_used_grants_expires_at"), "used_grants", ["expires_at"])


def downgrade() -> None:
    op.drop_table("used_grants")
    op.drop_table("assertion_issuers")
