"""Upstream sign-in: connections, linked identities, provider tokens, and domains of tenants."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Document, UtcTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_COLUMNS = {
    "partial_sign_ins": ("first", "identity_id"),
    "sessions": ("identity_id",),
    "tenants": ("links_by_email", "platform_connections", "ends_federated_sessions"),
}


def upgrade() -> None:
    _create_federation_connections()
    _create_federated_identities()
    _create_provider_tokens()
    _create_upstream_requests()
    _create_offered_identities()
    _create_tenant_domains()
    _add_columns()


def downgrade() -> None:
    op.drop_index("ix_sessions_identity_id", table_name="sessions")
    for table, columns in _COLUMNS.items():
        with op.batch_alter_table(table) as changed:
            for column in columns:
                changed.drop_column(column)
    for table in (
        "tenant_domains",
        "offered_identities",
        "upstream_requests",
        "provider_tokens",
        "federated_identities",
        "federation_connections",
    ):
        op.drop_table(table)


def _create_federation_connections() -> None:
    op.create_table(
        "federation_connections",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=True),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("client_secret", sa.LargeBinary(), nullable=True),
        sa.Column("server", sa.String(length=255), nullable=False),
        sa.Column("scopes", Document, nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("link_only", sa.Boolean(), nullable=False),
        sa.Column("allowed", Document, nullable=False),
        sa.Column("claims", Document, nullable=False),
        sa.Column("creates_people", sa.Boolean(), nullable=False),
        sa.Column("default_roles", Document, nullable=False),
        sa.Column("group_roles", Document, nullable=False),
        sa.Column("trusts_amr", sa.Boolean(), nullable=False),
        sa.Column("keeps_tokens", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.CheckConstraint(
            "owner = coalesce(tenant_id, 'platform')", name=op.f("ck_federation_connections_owner")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_federation_connections_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_federation_connections")),
        sa.UniqueConstraint("owner", "id", name=op.f("uq_federation_connections_owner_id")),
        sa.UniqueConstraint("owner", "name", name=op.f("uq_federation_connections_owner_name")),
    )


def _create_federated_identities() -> None:
    op.create_table(
        "federated_identities",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("connection_owner", sa.String(length=40), nullable=False),
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("label", sa.String(length=320), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("last_used_at", UtcTime(), nullable=True),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "connection_owner IN (tenant_id, 'platform')",
            name=op.f("ck_federated_identities_connection_owner"),
        ),
        sa.ForeignKeyConstraint(
            ["connection_owner", "connection_id"],
            ["federation_connections.owner", "federation_connections.id"],
            name=op.f("fk_federated_identities_connection_owner_connection_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_federated_identities_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_federated_identities")),
        sa.UniqueConstraint(
            "tenant_id",
            "connection_id",
            "issuer",
            "subject",
            name=op.f("uq_federated_identities_tenant_id_connection_id_issuer_subject"),
        ),
        sa.UniqueConstraint("tenant_id", "id", name=op.f("uq_federated_identities_tenant_id_id")),
        sa.UniqueConstraint(
            "user_id", "connection_id", name=op.f("uq_federated_identities_user_id_connection_id")
        ),
    )
    op.create_index(
        op.f("ix_federated_identities_connection_id"), "federated_identities", ["connection_id"]
    )
    op.create_index(op.f("ix_federated_identities_user_id"), "federated_identities", ["user_id"])


def _create_provider_tokens() -> None:
    op.create_table(
        "provider_tokens",
        sa.Column("identity_id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("access_token", sa.LargeBinary(), nullable=False),
        sa.Column("refresh_token", sa.LargeBinary(), nullable=True),
        sa.Column("scope", sa.String(length=1024), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("claimed_until", UtcTime(), nullable=True),
        sa.Column("updated_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "identity_id"],
            ["federated_identities.tenant_id", "federated_identities.id"],
            name=op.f("fk_provider_tokens_tenant_id_identity_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["users.tenant_id", "users.id"],
            name=op.f("fk_provider_tokens_tenant_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("identity_id", name=op.f("pk_provider_tokens")),
    )
    op.create_index(op.f("ix_provider_tokens_user_id"), "provider_tokens", ["user_id"])


def _create_upstream_requests() -> None:
    op.create_table(
        "upstream_requests",
        sa.Column("state_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_upstream_requests")),
    )
    op.create_index(
        op.f("ix_upstream_requests_connection_id"), "upstream_requests", ["connection_id"]
    )
    op.create_index(op.f("ix_upstream_requests_expires_at"), "upstream_requests", ["expires_at"])


def _create_offered_identities() -> None:
    op.create_table(
        "offered_identities",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("hop_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("connection_id", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offered_identities")),
        sa.UniqueConstraint("hop_hash", name=op.f("uq_offered_identities_hop_hash")),
    )
    op.create_index(
        op.f("ix_offered_identities_connection_id"), "offered_identities", ["connection_id"]
    )
    op.create_index(op.f("ix_offered_identities_expires_at"), "offered_identities", ["expires_at"])


def _create_tenant_domains() -> None:
    op.create_table(
        "tenant_domains",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("connection_owner", sa.String(length=40), nullable=True),
        sa.Column("connection_id", sa.String(length=40), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("checked_at", UtcTime(), nullable=True),
        sa.Column("verified_at", UtcTime(), nullable=True),
        sa.Column("missing_since", UtcTime(), nullable=True),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "connection_owner IN (tenant_id, 'platform') OR (connection_owner IS NULL AND connection_id IS NULL)",
            name=op.f("ck_tenant_domains_connection_owner"),
        ),
        sa.ForeignKeyConstraint(
            ["connection_owner", "connection_id"],
            ["federation_connections.owner", "federation_connections.id"],
            name=op.f("fk_tenant_domains_connection_owner_connection_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_tenant_domains_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant_domains")),
        sa.UniqueConstraint("tenant_id", "domain", name=op.f("uq_tenant_domains_tenant_id_domain")),
    )
    op.create_index(
        "uq_tenant_domains_domain_of_one",
        "tenant_domains",
        ["domain"],
        unique=True,
        sqlite_where=sa.text("verified_at IS NOT NULL"),
        postgresql_where=sa.text("verified_at IS NOT NULL"),
    )


def _add_columns() -> None:
    op.add_column("partial_sign_ins", sa.Column("first", Document, nullable=True))
    op.add_column("partial_sign_ins", sa.Column("identity_id", sa.String(length=40), nullable=True))
    op.add_column("sessions", sa.Column("identity_id", sa.String(length=40), nullable=True))
    op.create_index(
        "ix_sessions_identity_id",
        "sessions",
        ["identity_id"],
        sqlite_where=sa.text("identity_id IS NOT NULL"),
        postgresql_where=sa.text("identity_id IS NOT NULL"),
    )
    op.add_column(
        "tenants",
        sa.Column("links_by_email", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("tenants", sa.Column("platform_connections", Document, nullable=True))
    op.add_column(
        "tenants",
        sa.Column(
            "ends_federated_sessions", sa.Boolean(), server_default=sa.false(), nullable=False
        ),
    )
