"""Anchors of the trail: how far they are, what they deny, and cosignatures of witnesses."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Id, UtcTime
from authserver.core.database.wall import policies

revision = "0053"
down_revision = "0049"
branch_labels = None
depends_on = None

TABLES = ("audit_anchors", "audit_contradictions", "audit_cosignatures")


def upgrade() -> None:
    op.create_table(
        "audit_anchors",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("moved_at", UtcTime, nullable=True),
        sa.Column("failing_since", UtcTime, nullable=True),
        sa.Column("error", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "audit_contradictions",
        sa.Column("id", Id, nullable=False),
        sa.Column("anchor", sa.String(40), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("why", sa.String(16), nullable=False),
        sa.Column("newest", sa.BigInteger, nullable=False),
        sa.Column("note", sa.Text, nullable=True),
        sa.Column("found_at", UtcTime, nullable=False),
        sa.Column("accepted", sa.LargeBinary, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "audit_cosignatures",
        sa.Column("checkpoint", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("witness", sa.String(255), nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("checkpoint", "witness"),
    )
    for table in TABLES:
        policies.secure(op.get_bind(), table, owner=None)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
