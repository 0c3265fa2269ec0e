"""The standard claims of people, and the claims that clients ask for by name."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import OptionalDocument

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

ADDED = (
    ("users", "details"),
    ("authorization_codes", "claims"),
    ("token_families", "claims"),
    ("consents", "claims"),
)


def upgrade() -> None:
    for table, column in ADDED:
        op.add_column(table, sa.Column(column, OptionalDocument, nullable=True))


def downgrade() -> None:
    for table, column in reversed(ADDED):
        op.drop_column(table, column)
