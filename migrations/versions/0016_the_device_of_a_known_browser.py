"""A known browser is listed as what its owner would call it."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Those that there are go without until they are forgotten: nothing tells what they were.
    op.add_column("known_devices", sa.Column("device", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("known_devices") as known_devices:
        known_devices.drop_column("device")
