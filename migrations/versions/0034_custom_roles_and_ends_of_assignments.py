"""Roles that tenants make, and assignments that end."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Document, Id, UtcTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

CUSTOM = sa.text("custom_role_id IS NOT NULL")
ENDS = sa.text("until IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "custom_roles",
        sa.Column("id", Id, primary_key=True),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("skeleton", sa.String(40), nullable=False),
        sa.Column("description", sa.String(200), nullable=False),
        sa.Column("permissions", Document, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("tenant_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "skeleton"),
    )
    with op.batch_alter_table("role_assignments") as assignments:
        assignments.drop_constraint("fk_role_assignments_role", type_="foreignkey")
        assignments.alter_column(
            "role", existing_type=sa.String(40), type_=sa.String(120), existing_nullable=False
        )
        assignments.add_column(sa.Column("custom_role_id", Id, nullable=True))
        assignments.add_column(sa.Column("until", UtcTime, nullable=True))
        assignments.create_foreign_key(
            op.f("fk_role_assignments_tenant_id_custom_role_id"),
            "custom_roles",
            ["tenant_id", "custom_role_id"],
            ["tenant_id", "id"],
        )
        assignments.create_check_constraint(
            op.f("ck_role_assignments_custom_by_name"),
            "(custom_role_id IS NOT NULL) = (role LIKE '%/%')",
        )
    op.create_index("ix_role_assignments_tenant_id_role", "role_assignments", ["tenant_id", "role"])
    op.create_index(
        "ix_role_assignments_custom_role_id",
        "role_assignments",
        ["custom_role_id"],
        sqlite_where=CUSTOM,
        postgresql_where=CUSTOM,
    )
    op.create_index(
        "ix_role_assignments_until",
        "role_assignments",
        ["until"],
        sqlite_where=ENDS,
        postgresql_where=ENDS,
    )


def downgrade() -> None:
    # What the program of before cannot end or does not know, nobody holds.
    op.execute("DELETE FROM role_assignments WHERE until IS NOT NULL OR custom_role_id IS NOT NULL")
    for name in ("tenant_id_role", "custom_role_id", "until"):
        op.drop_index(f"ix_role_assignments_{name}", "role_assignments")
    with op.batch_alter_table("role_assignments") as assignments:
        assignments.drop_constraint(op.f("ck_role_assignments_custom_by_name"), type_="check")
        assignments.drop_constraint(
            op.f("fk_role_assignments_tenant_id_custom_role_id"), type_="foreignkey"
        )
        assignments.drop_column("until")
        assignments.drop_column("custom_role_id")
        assignments.alter_column(
            "role", existing_type=sa.String(120), type_=sa.String(40), existing_nullable=False
        )
        assignments.create_foreign_key(
            op.f("fk_role_assignments_role"), "builtin_roles", ["role"], ["name"]
        )
    op.drop_table("custom_roles")
