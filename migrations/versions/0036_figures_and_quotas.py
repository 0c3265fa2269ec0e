"""Figures by hour and day, and quotas of clients with what was used of them."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Id, UtcTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

FIGURES = {
    "client_usage": ("client_id",),
    "tenant_usage": ("tenant_id",),
    "platform_usage": (),
}


def upgrade() -> None:
    for name, owner in FIGURES.items():
        op.create_table(name, *_columns(name, owner))
    op.create_index(
        "ix_client_usage_tenant_id_grain_at", "client_usage", ["tenant_id", "grain", "at"]
    )
    op.create_index("ix_client_usage_grain_at", "client_usage", ["grain", "at"])
    op.create_index("ix_tenant_usage_grain_what_at", "tenant_usage", ["grain", "what", "at"])
    op.create_index("ix_tenant_usage_grain_at", "tenant_usage", ["grain", "at"])
    op.create_table(
        "quota_uses",
        sa.Column("client_id", Id, nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("day_used", sa.BigInteger, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("month_used", sa.BigInteger, nullable=False),
        sa.Column("tenant_id", Id, nullable=False),
        sa.PrimaryKeyConstraint("client_id"),
        sa.ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.id"]),
    )
    op.add_column("clients", sa.Column("quota_day", sa.Integer, nullable=True))
    op.add_column("clients", sa.Column("quota_month", sa.Integer, nullable=True))


def _columns(name: str, owner: tuple[str, ...]) -> list[sa.schema.SchemaItem]:
    owned = [sa.Column(one, Id, nullable=False) for one in owner]
    if name == "client_usage":
        owned += [
            sa.Column("tenant_id", Id, nullable=False),
            sa.ForeignKeyConstraint(
                ["tenant_id", "client_id"], ["clients.tenant_id", "clients.id"]
            ),
        ]
    elif name == "tenant_usage":
        owned.append(sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]))
    return [
        *owned,
        sa.Column("grain", sa.String(4), nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("what", sa.String(32), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint(*owner, "grain", "at", "what"),
    ]


def downgrade() -> None:
    op.drop_column("clients", "quota_month")
    op.drop_column("clients", "quota_day")
    op.drop_table("quota_uses")
    for name in reversed(FIGURES):
        op.drop_table(name)
