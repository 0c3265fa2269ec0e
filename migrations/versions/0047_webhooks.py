"""Webhooks: endpoints, their secrets, events on their way; and how far streams of the trail are."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Document, Id, UtcTime, sorted_text
from authserver.core.database.wall import policies

revision = "0047"
down_revision = "0045"
branch_labels = None
depends_on = None

OPEN = sa.text("sent_at IS NULL AND failed_at IS NULL")
TABLES = ("webhook_endpoints", "webhook_secrets", "webhook_deliveries", "trail_cursors")


def upgrade() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", Id, primary_key=True),
        sa.Column("url", sa.String(1000), nullable=False),
        sa.Column("description", sa.String(120), nullable=False),
        sa.Column("events", Document, nullable=False),
        sa.Column("paused_at", UtcTime, nullable=True),
        sa.Column("paused_why", sa.String(16), nullable=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failing_since", UtcTime, nullable=True),
        sa.Column("rests_until", UtcTime, nullable=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("tenant_id", Id, nullable=False),
        sa.UniqueConstraint("tenant_id", "id"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )
    op.create_table(
        "webhook_secrets",
        sa.Column("id", Id, primary_key=True),
        sa.Column("endpoint_id", Id, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=True),
        sa.Column("tenant_id", Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "endpoint_id"], ["webhook_endpoints.tenant_id", "webhook_endpoints.id"]
        ),
    )
    op.create_index("ix_webhook_secrets_endpoint_id", "webhook_secrets", ["endpoint_id"])
    op.create_index("ix_webhook_secrets_expires_at", "webhook_secrets", ["expires_at"])
    _create_deliveries()
    _create_streams()
    for table in TABLES:
        policies.secure(op.get_bind(), table)
    policies.secure(op.get_bind(), "trail_streams", owner=None)


def _create_deliveries() -> None:
    table = "webhook_deliveries"
    op.create_table(
        table,
        sa.Column("id", Id, primary_key=True),
        sa.Column("endpoint_id", Id, nullable=False),
        sa.Column("event_id", sorted_text(40), nullable=False),
        sa.Column("event_type", sa.String(64), nullable=False),
        sa.Column("place", sa.String(120), nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("due_at", UtcTime, nullable=False),
        sa.Column("gives_up_at", UtcTime, nullable=False),
        sa.Column("claimed_until", UtcTime, nullable=True),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("tried_at", UtcTime, nullable=True),
        sa.Column("sent_at", UtcTime, nullable=True),
        sa.Column("failed_at", UtcTime, nullable=True),
        sa.Column("status", sa.Integer, nullable=True),
        sa.Column("error", sa.String(200), nullable=True),
        sa.Column("answer", sa.String(1024), nullable=True),
        sa.Column("tenant_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )
    op.create_index("ix_webhook_deliveries_endpoint_id_id", table, ["endpoint_id", "id"])
    op.create_index("ix_webhook_deliveries_created_at", table, ["created_at"])
    for name, columns in {"place": ["endpoint_id", "place", "event_id"], "due": ["due_at"]}.items():
        op.create_index(
            f"ix_webhook_deliveries_{name}", table, columns,
            sqlite_where=OPEN, postgresql_where=OPEN,
        )  # fmt: skip


def _create_streams() -> None:
    op.create_table(
        "trail_streams",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("claimed_by", sa.String(40), nullable=True),
        sa.Column("claimed_until", UtcTime, nullable=True),
        sa.Column("moved_at", UtcTime, nullable=True),
        sa.Column("failing_since", UtcTime, nullable=True),
        sa.Column("error", sa.String(200), nullable=True),
    )
    op.create_table(
        "trail_cursors",
        sa.Column("id", Id, primary_key=True),
        sa.Column("stream", sa.String(40), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("tenant_id", Id, nullable=False),
        sa.UniqueConstraint("tenant_id", "stream"),
    )


def downgrade() -> None:
    op.drop_table("trail_streams")
    for table in reversed(TABLES):
        op.drop_table(table)
