"""A mail that is given up says since when, whatever the reason."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# How often a mail was tried at most, before this revision.
FORMER_ATTEMPTS = 10


def upgrade() -> None:
    op.add_column("outbox_messages", sa.Column("failed_at", UtcTime(), nullable=True))
    op.execute(
        "UPDATE outbox_messages SET failed_at = due_at, claimed_until = NULL"
        f" WHERE sent_at IS NULL AND attempts >= {FORMER_ATTEMPTS}"
    )


def downgrade() -> None:
    # Without the column only the number of attempts keeps a mail from being tried again.
    op.execute(
        f"UPDATE outbox_messages SET attempts = {FORMER_ATTEMPTS}"
        f" WHERE failed_at IS NOT NULL AND attempts < {FORMER_ATTEMPTS}"
    )
    with op.batch_alter_table("outbox_messages") as messages:
        messages.drop_column("failed_at")
