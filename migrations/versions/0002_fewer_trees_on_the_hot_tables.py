"""Fewer b-trees on the hot tables; the generations of a token family are numbered."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PLACED = sa.text("seq IS NOT NULL")
FAMILY = (["tenant_id", "family_id"], ["token_families.tenant_id", "token_families.id"])

# Answers are left behind: each was encrypted for the row of the token that it answered. Who repeats
# a request made less than the grace time before the upgrade has to sign in again.
NUMBERED = """
CREATE TEMPORARY TABLE kept_tokens AS
WITH RECURSIVE chain (id, generation) AS (
    SELECT id, 0 FROM refresh_tokens WHERE id NOT IN (
        SELECT successor_id FROM refresh_tokens WHERE successor_id IS NOT NULL
    )
    UNION ALL
    SELECT refresh_tokens.successor_id, chain.generation + 1
    FROM chain JOIN refresh_tokens ON refresh_tokens.id = chain.id
    WHERE refresh_tokens.successor_id IS NOT NULL
)
SELECT token_hash, family_id, generation, created_at, expires_at, tenant_id
FROM refresh_tokens JOIN chain ON chain.id = refresh_tokens.id
"""
NUMBERED_COLUMNS = "token_hash, family_id, generation, created_at, expires_at, tenant_id"

LINKED = """
CREATE TEMPORARY TABLE kept_tokens AS
SELECT {token} AS id, token.family_id, token.token_hash, {successor} AS successor_id,
    token.created_at, token.expires_at, successor.created_at AS used_at, token.tenant_id
FROM refresh_tokens AS token
LEFT JOIN refresh_tokens AS successor ON successor.family_id = token.family_id
    AND successor.generation = token.generation + 1
"""
LINKED_COLUMNS = (
    "id, family_id, token_hash, successor_id, created_at, expires_at, used_at, tenant_id"
)
# SQLite's hex of nothing is an empty text: a token without a successor has to be told apart.
IDENTIFIED = {
    "sqlite": "CASE WHEN {0}.generation >= 0 THEN 'rft_' || lower(substr(hex({0}.token_hash), 1, 32)) END",
    "postgresql": "'rft_' || substr(encode({0}.token_hash, 'hex'), 1, 32)",
}


def upgrade() -> None:
    op.drop_index("ix_audit_events_occurred_at", "audit_events")
    with triggers_set_aside("audit_events"), op.batch_alter_table("audit_events") as events:
        events.drop_constraint("uq_audit_events_tenant_id_seq", type_="unique")
    op.create_index(
        "uq_audit_events_tenant_id_seq",
        "audit_events",
        ["tenant_id", "seq"],
        unique=True,
        sqlite_where=PLACED,
        postgresql_where=PLACED,
    )
    with tokens_made_anew(NUMBERED, NUMBERED_COLUMNS):
        op.create_table(
            "refresh_tokens",
            sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
            sa.Column("family_id", sa.String(length=40), nullable=False),
            sa.Column("generation", sa.Integer(), nullable=False),
            sa.Column("created_at", UtcTime(), nullable=False),
            sa.Column("expires_at", UtcTime(), nullable=False),
            sa.Column("tenant_id", sa.String(length=40), nullable=False),
            # Last: SQLite reads a row from its beginning, and this may go on at another page.
            sa.Column("answer", sa.LargeBinary(), nullable=True),
            sa.ForeignKeyConstraint(*FAMILY, name=op.f("fk_refresh_tokens_tenant_id_family_id")),
            sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_refresh_tokens")),
            sa.UniqueConstraint(
                "family_id", "generation", name=op.f("uq_refresh_tokens_family_id_generation")
            ),
        )


def downgrade() -> None:
    identified = IDENTIFIED[op.get_bind().dialect.name]
    linked = LINKED.format(
        token=identified.format("token"), successor=identified.format("successor")
    )
    with tokens_made_anew(linked, LINKED_COLUMNS):
        op.create_table(
            "refresh_tokens",
            sa.Column("id", sa.String(length=40), nullable=False),
            sa.Column("family_id", sa.String(length=40), nullable=False),
            sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
            sa.Column("successor_id", sa.String(length=40), nullable=True),
            sa.Column("answer", sa.LargeBinary(), nullable=True),
            sa.Column("created_at", UtcTime(), nullable=False),
            sa.Column("expires_at", UtcTime(), nullable=False),
            sa.Column("used_at", UtcTime(), nullable=True),
            sa.Column("tenant_id", sa.String(length=40), nullable=False),
            sa.ForeignKeyConstraint(*FAMILY, name=op.f("fk_refresh_tokens_tenant_id_family_id")),
            sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_tokens")),
            sa.UniqueConstraint("token_hash", name=op.f("uq_refresh_tokens_token_hash")),
        )
    op.create_index("ix_refresh_tokens_expires_at", "refresh_tokens", ["expires_at"])
    op.create_index("ix_refresh_tokens_family_id", "refresh_tokens", ["family_id"])
    op.drop_index("uq_audit_events_tenant_id_seq", "audit_events")
    with triggers_set_aside("audit_events"), op.batch_alter_table("audit_events") as events:
        events.create_unique_constraint("uq_audit_events_tenant_id_seq", ["tenant_id", "seq"])
    op.create_index("ix_audit_events_occurred_at", "audit_events", ["occurred_at"])


@contextmanager
def triggers_set_aside(table: str) -> Iterator[None]:
    """Put a table's triggers back after SQLite made it anew; PostgreSQL alters it in its place."""
    bind, triggers = op.get_bind(), []
    if bind.dialect.name == "sqlite":
        query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name")
        triggers = list(bind.execute(query, {"name": table}).scalars())
    yield
    for trigger in triggers:
        op.execute(trigger)


@contextmanager
def tokens_made_anew(kept: str, columns: str) -> Iterator[None]:
    """Make the table of refresh tokens again, with the rows that `kept` selects from the old one."""
    op.execute(kept)
    op.drop_table("refresh_tokens")
    yield
    op.execute(f"INSERT INTO refresh_tokens ({columns}) SELECT {columns} FROM kept_tokens")
    op.drop_table("kept_tokens")
