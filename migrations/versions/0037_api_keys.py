"""API keys of people and of service accounts."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Document, Id, UtcTime

revision = "0037"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", Id, primary_key=True),
        sa.Column("user_id", Id, nullable=True),
        sa.Column("client_id", Id, nullable=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("hint", sa.String(32), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("scopes", Document, nullable=False),
        sa.Column("roles", Document, nullable=False),
        sa.Column("ip_allowlist", Document, nullable=False),
        sa.Column("user_epoch", sa.Integer, nullable=True),
        sa.Column("tenant_epoch", sa.Integer, nullable=True),
        sa.Column("home_epoch", sa.Integer, nullable=True),
        sa.Column("request_id", Id, nullable=True),
        sa.Column("created_by", Id, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=True),
        sa.Column("warned_at", UtcTime, nullable=True),
        sa.Column("revoked_at", UtcTime, nullable=True),
        sa.Column("last_used_at", UtcTime, nullable=True),
        sa.Column("last_used_address", sa.LargeBinary, nullable=True),
        sa.Column("tenant_id", Id, nullable=False),
        sa.UniqueConstraint("tenant_id", "request_id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        sa.ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
        sa.ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.id"]),
        sa.CheckConstraint("user_id IS NOT NULL OR client_id IS NOT NULL", name="owner"),
    )
    op.create_index("ix_api_keys_tenant_id_user_id", "api_keys", ["tenant_id", "user_id"])
    op.create_index("ix_api_keys_tenant_id_client_id", "api_keys", ["tenant_id", "client_id"])
    op.create_index("ix_api_keys_expires_at", "api_keys", ["expires_at"])


def downgrade() -> None:
    op.drop_table("api_keys")
