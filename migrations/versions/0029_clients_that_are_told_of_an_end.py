"""Which clients are told when a session ends, and what became of it."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import UtcTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_OPEN = sa.text("sent_at IS NULL AND failed_at IS NULL")
_WAITS = sa.text("due_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "logout_notices",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("session_id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("client_tenant_id", sa.String(length=40), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=True),
        sa.Column("claimed_until", UtcTime(), nullable=True),
        sa.Column("sent_at", UtcTime(), nullable=True),
        sa.Column("failed_at", UtcTime(), nullable=True),
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_tenant_id", "client_id"],
            ["clients.tenant_id", "clients.id"],
            name=op.f("fk_logout_notices_client_tenant_id_client_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_logout_notices_tenant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logout_notices")),
        sa.UniqueConstraint(
            "tenant_id",
            "session_id",
            "client_id",
            name=op.f("uq_logout_notices_tenant_id_session_id_client_id"),
        ),
    )
    op.create_index(
        "ix_logout_notices_waiting",
        "logout_notices",
        ["session_id"],
        sqlite_where=_WAITS,
        postgresql_where=_WAITS,
    )
    op.create_index(
        "ix_logout_notices_due",
        "logout_notices",
        ["due_at"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index("ix_logout_notices_sent_at", "logout_notices", ["sent_at"])
    op.create_index("ix_logout_notices_failed_at", "logout_notices", ["failed_at"])


def downgrade() -> None:
    op.drop_table("logout_notices")
