"""Logos of clients, and secrets that are kept readable where a tenant allows it."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import UtcTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "client_logos",
        sa.Column("id", sa.String(length=43), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("uri", sa.String(length=2048), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "client_id"],
            ["clients.tenant_id", "clients.id"],
            name=op.f("fk_client_logos_tenant_id_client_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_logos")),
        sa.UniqueConstraint("client_id", name=op.f("uq_client_logos_client_id")),
    )
    op.add_column("clients", sa.Column("logo_id", sa.String(length=43), nullable=True))
    op.add_column("client_secrets", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    op.add_column(
        "tenants",
        sa.Column("client_secret_jwt", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("tenants", "client_secret_jwt")
    op.drop_column("client_secrets", "sealed")
    op.drop_column("clients", "logo_id")
    op.drop_table("client_logos")
