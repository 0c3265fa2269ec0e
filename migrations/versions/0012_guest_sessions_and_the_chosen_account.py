"""Sessions of guest accounts, and the account that was chosen in a sign-in."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0013"
branch_labels = None
depends_on = None

# Few accounts are guests: the others are not in the indexes.
GUESTS = sa.text("home_user_id IS NOT NULL")
OPENED = sa.text("home_session_id IS NOT NULL")


def upgrade() -> None:
    # There were no sessions of guests, and flows live an hour: nothing is to be filled in.
    op.add_column("sessions", sa.Column("home_epoch", sa.Integer(), nullable=True))
    op.add_column("sessions", sa.Column("home_session_id", sa.String(length=40), nullable=True))
    op.add_column("token_families", sa.Column("home_epoch", sa.Integer(), nullable=True))
    for name in ("person_id", "account_id"):
        op.add_column(
            "pending_authorizations", sa.Column(name, sa.String(length=40), nullable=True)
        )
    op.create_index(
        "ix_users_home_user_id_tenant_id",
        "users",
        ["home_user_id", "tenant_id"],
        unique=True,
        sqlite_where=GUESTS,
        postgresql_where=GUESTS,
    )
    op.create_index(
        "ix_sessions_home_session_id",
        "sessions",
        ["home_session_id"],
        sqlite_where=OPENED,
        postgresql_where=OPENED,
    )


def downgrade() -> None:
    op.drop_index("ix_sessions_home_session_id", "sessions")
    op.drop_index("ix_users_home_user_id_tenant_id", "users")
    with op.batch_alter_table("pending_authorizations") as pending:
        pending.drop_column("account_id")
        pending.drop_column("person_id")
    with op.batch_alter_table("token_families") as families:
        families.drop_column("home_epoch")
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_column("home_session_id")
        sessions.drop_column("home_epoch")
