"""A trusted browser is known by what its owner would call it."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Those that there are go without: they live a month at most.
    op.add_column("trusted_browsers", sa.Column("device", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("trusted_browsers") as trusted_browsers:
        trusted_browsers.drop_column("device")
