"""Devices that wait for a person, and tokens that are exchanged."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Document, UtcTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

PARENT = "fk_token_families_tenant_id_parent_id"
EXCHANGED = sa.text("parent_id IS NOT NULL")


def upgrade() -> None:
    _create_device_authorizations()
    op.create_table(
        "user_code_counters",
        sa.Column("source_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("ends_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("source_hash", name=op.f("pk_user_code_counters")),
    )
    op.create_index("ix_user_code_counters_ends_at", "user_code_counters", ["ends_at"])
    _create_exchange_rules()
    with op.batch_alter_table("token_families") as families:
        families.add_column(sa.Column("parent_id", sa.String(length=40), nullable=True))
        families.create_foreign_key(
            PARENT, "token_families", ["tenant_id", "parent_id"], ["tenant_id", "id"]
        )
    op.create_index(
        "ix_token_families_parent_id",
        "token_families",
        ["parent_id"],
        sqlite_where=EXCHANGED,
        postgresql_where=EXCHANGED,
    )


def downgrade() -> None:
    op.drop_index("ix_token_families_parent_id", table_name="token_families")
    with op.batch_alter_table("token_families") as families:
        families.drop_constraint(PARENT, type_="foreignkey")
        families.drop_column("parent_id")
    for table in ("exchange_rules", "user_code_counters", "device_authorizations"):
        op.drop_table(table)


def _create_device_authorizations() -> None:
    op.create_table(
        "device_authorizations",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("device_code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("scope", Document, nullable=False),
        sa.Column("resources", Document, nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("browser_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("interval", sa.Integer(), nullable=False),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.Column("polled_at", UtcTime(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("expires_at", UtcTime(), nullable=False),
        sa.Column("approved_at", UtcTime(), nullable=True),
        sa.Column("denied_at", UtcTime(), nullable=True),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.id"],
            name=op.f("fk_device_authorizations_tenant_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_authorizations")),
        sa.UniqueConstraint(
            "device_code_hash", name=op.f("uq_device_authorizations_device_code_hash")
        ),
        sa.UniqueConstraint("user_code_hash", name=op.f("uq_device_authorizations_user_code_hash")),
    )
    op.create_index(
        op.f("ix_device_authorizations_expires_at"), "device_authorizations", ["expires_at"]
    )


def _create_exchange_rules() -> None:
    op.create_table(
        "exchange_rules",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("subject_tenant_id", sa.String(length=40), nullable=False),
        sa.Column("subject_client_id", sa.String(length=40), nullable=False),
        sa.Column("audiences", Document, nullable=False),
        sa.Column("ways", Document, nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.id"],
            name=op.f("fk_exchange_rules_tenant_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["subject_tenant_id", "subject_client_id"],
            ["clients.tenant_id", "clients.id"],
            name=op.f("fk_exchange_rules_subject_tenant_id_subject_client_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rules")),
        sa.UniqueConstraint(
            "client_id",
            "subject_client_id",
            name=op.f("uq_exchange_rules_client_id_subject_client_id"),
        ),
    )
