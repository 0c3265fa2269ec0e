"""Clients that register themselves, and what lets them."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Document, UtcTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# In its place, as in 0003.
ADDED = (
    "ALTER TABLE tenants ADD COLUMN client_registration VARCHAR(16) DEFAULT 'closed' NOT NULL"
    " CONSTRAINT ck_tenants_client_registration"
    " CHECK (client_registration IN ('closed', 'pkce_required', 'pkce_optional'))"
)


def upgrade() -> None:
    op.create_table(
        "initial_access_tokens",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kinds", Document, nullable=False),
        sa.Column("scopes", Document, nullable=False),
        sa.Column("clients_left", sa.Integer(), nullable=False),
        sa.Column("vouches", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("statement_issuer", sa.String(length=255), nullable=True),
        sa.Column("statement_keys", Document, nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("revoked_at", UtcTime(), nullable=True),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.CheckConstraint("clients_left >= 0", name=op.f("ck_initial_access_tokens_clients_left")),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_initial_access_tokens_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_initial_access_tokens")),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_initial_access_tokens_tenant_id_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_initial_access_tokens_token_hash")),
    )
    op.create_table(
        "client_registrations",
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("initial_token_id", sa.String(length=40), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("used_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.id"],
            name=op.f("fk_client_registrations_tenant_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "initial_token_id"],
            ["initial_access_tokens.tenant_id", "initial_access_tokens.id"],
            name=op.f("fk_client_registrations_tenant_id_initial_token_id"),
        ),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_client_registrations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_client_registrations_token_hash")),
    )
    op.create_index("ix_client_registrations_used_at", "client_registrations", ["used_at"])
    op.add_column(
        "clients",
        sa.Column("self_registered", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "clients",
        sa.Column("vouched_for", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("clients", sa.Column("deleted_at", UtcTime(), nullable=True))
    op.execute(ADDED)


def downgrade() -> None:
    op.drop_column("tenants", "client_registration")
    op.drop_column("clients", "deleted_at")
    op.drop_column("clients", "vouched_for")
    op.drop_column("clients", "self_registered")
    op.drop_table("client_registrations")
    op.drop_table("initial_access_tokens")
