"""Row-level security on every table: the second wall between tenants, on PostgreSQL."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.wall import policies

revision = "0040"
down_revision = "0038"
branch_labels = None
depends_on = None

OWNERS = {"tenants": "id"}
READABLE = {"builtin_roles"}


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
    for name, owner in tables().items():
        policies.secure(op.get_bind(), name, owner=owner, readable=name in READABLE)


def downgrade() -> None:
    for name in tables():
        policies.open_up(op.get_bind(), name)
