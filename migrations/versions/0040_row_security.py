"""Row-level security on every table of PostgreSQL, and indexes for lists behind it."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.wall import policies

revision = "0040"
down_revision = "0038"
branch_labels = None
depends_on = None

OWNERS = {"tenants": "id"}
READABLE = {"builtin_roles"}


UNPROVED = sa.text("email_verified IS NOT TRUE"), sa.text("email_verified IS NOT 1")
HOLDERS = "ix_role_assignments_tenant_id_role"


def tables() -> dict[str, str | None]:
    """Return every table that is there, with the column that names the tenant of a row."""
    inspector = sa.inspect(op.get_bind())
    found: dict[str, str | None] = {}
    for name in sorted(inspector.get_table_names()):
        columns = {c["name"]: c for c in inspector.get_columns(name)}
        scoped = "tenant_id" in columns and not columns["tenant_id"]["nullable"]
        found[name] = "tenant_id" if scoped else OWNERS.get(name)
    found.pop("alembic_version", None)
    return found


def upgrade() -> None:
    of_postgresql, of_sqlite = UNPROVED
    op.create_index(
        "ix_users_unproved",
        "users",
        ["tenant_id", "created_at", "id"],
        postgresql_where=of_postgresql,
        sqlite_where=of_sqlite,
    )
    op.drop_index(HOLDERS, "role_assignments")
    op.create_index(HOLDERS, "role_assignments", ["tenant_id", "role", "user_id"])
    for name, owner in tables().items():
        policies.secure(op.get_bind(), name, owner=owner, readable=name in READABLE)


def downgrade() -> None:
    for name in tables():
        policies.open_up(op.get_bind(), name)
    op.drop_index(HOLDERS, "role_assignments")
    op.create_index(HOLDERS, "role_assignments", ["tenant_id", "role"])
    op.drop_index("ix_users_unproved", "users")
