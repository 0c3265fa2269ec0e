"""Brand, formats, limits, flags, allowed domains, archive and own host of a tenant."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Document, Id, UtcTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

COLUMNS = (
    ("time_zone", sa.String(64)),
    ("currency", sa.String(3)),
    ("date_format", sa.String(8)),
    ("accent", sa.String(7)),
    ("logo_id", sa.String(43)),
    ("logo_width", sa.Integer),
    ("email_domains", Document),
    ("flags", Document),
    ("issuer_host", sa.String(253)),
    ("archived_at", UtcTime),
)


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("tenants", sa.Column(name, kind, nullable=True))
    op.create_index("uq_tenants_issuer_host", "tenants", ["issuer_host"], unique=True)
    op.create_table(
        "tenant_limits",
        sa.Column("id", Id, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("most", sa.BigInteger, nullable=False),
        sa.Column("used", sa.BigInteger, nullable=False),
        sa.Column("tenant_id", Id, nullable=False),
        sa.CheckConstraint("most >= 0", name="most"),
        sa.CheckConstraint("used >= 0", name="used"),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_tenant_limits_tenant_id_name")),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_tenant_limits_tenant_id")
        ),
    )
    op.create_table(
        "tenant_logos",
        sa.Column("id", sa.String(43), nullable=False),
        sa.Column("webp", sa.LargeBinary, nullable=False),
        sa.Column("png", sa.LargeBinary, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("tenant_id", Id, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant_logos")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_tenant_logos_tenant_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_tenant_logos_tenant_id")
        ),
    )


def downgrade() -> None:
    op.drop_table("tenant_logos")
    op.drop_table("tenant_limits")
    op.drop_index("uq_tenants_issuer_host", "tenants")
    for name, _ in reversed(COLUMNS):
        op.drop_column("tenants", name)
