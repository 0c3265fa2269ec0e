"""Resource servers, names of clients to search by, since when consents count, and warnings."""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Document, Id, OptionalDocument, UtcTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

SORTED = sa.String(240).with_variant(sa.String(240, collation="C"), "postgresql")
CLIENTS = sa.table("clients", sa.column("id"), sa.column("name"), sa.column("name_key"))
AT_ONCE = 500


def upgrade() -> None:
    op.create_table(
        "resource_servers",
        sa.Column("id", Id, primary_key=True),
        sa.Column("audience", sa.String(255), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("scopes", Document, nullable=False),
        sa.Column("client_ids", OptionalDocument, nullable=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("tenant_id", Id, nullable=False),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.UniqueConstraint("tenant_id", "audience"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )
    op.add_column("clients", sa.Column("name_key", SORTED, nullable=False, server_default=""))
    op.add_column("clients", sa.Column("consents_from", UtcTime, nullable=True))
    op.add_column(
        "client_secrets", sa.Column("warnings", sa.Integer, nullable=False, server_default="0")
    )
    op.add_column(
        "federation_connections",
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    )
    for rows in _clients():
        for client_id, name in rows:
            mine = sa.update(CLIENTS).where(CLIENTS.c.id == client_id)
            op.get_bind().execute(mine.values(name_key=name.casefold()[:240]))
    op.create_index("ix_clients_name", "clients", ["tenant_id", "name_key", "id"])
    op.create_index("ix_client_secrets_expires_at", "client_secrets", ["expires_at"])


def downgrade() -> None:
    op.drop_index("ix_client_secrets_expires_at", "client_secrets")
    op.drop_index("ix_clients_name", "clients")
    op.drop_column("federation_connections", "version")
    op.drop_column("client_secrets", "warnings")
    op.drop_column("clients", "consents_from")
    op.drop_column("clients", "name_key")
    op.drop_table("resource_servers")


def _clients() -> Iterator[list[tuple[str, str]]]:
    """Read every client, some at a time."""
    last = ""
    while True:
        wanted = sa.select(CLIENTS.c.id, CLIENTS.c.name).where(CLIENTS.c.id > last)
        rows = [
            tuple(row)
            for row in op.get_bind().execute(wanted.order_by(CLIENTS.c.id).limit(AT_ONCE))
        ]
        if not rows:
            return
        yield rows
        last = rows[-1][0]
