"""Which browser asked for a link, and indexes by which old rows are found."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Most mails are sent: the others alone are in the index.
GIVEN_UP = sa.text("failed_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("mailed_links", sa.Column("device", sa.String(length=40), nullable=True))
    # What refers to a session: without it each deleted session reads every code.
    op.create_index("ix_authorization_codes_session_id", "authorization_codes", ["session_id"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_index(
        "ix_outbox_messages_failed_at",
        "outbox_messages",
        ["failed_at"],
        sqlite_where=GIVEN_UP,
        postgresql_where=GIVEN_UP,
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_messages_failed_at", "outbox_messages")
    op.drop_index("ix_sessions_expires_at", "sessions")
    op.drop_index("ix_authorization_codes_session_id", "authorization_codes")
    op.drop_column("mailed_links", "device")
