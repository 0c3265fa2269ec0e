"""The record of what people allowed, refused and took back: only added to."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Document, Id, OptionalDocument, UtcTime
from authserver.core.database.wall import policies

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

TABLES = ("consent_texts", "consent_records")
REFUSED = "the record of consents is append-only"
KEYS = {
    "consent_texts": "tenant_id = NEW.tenant_id AND hash = NEW.hash",
    "consent_records": "id = NEW.id",
}
COLUMNS = {
    "consent_texts": ("tenant_id", "hash", "text", "created_at"),
    "consent_records": (
        "id",
        "user_id",
        "client_id",
        "act",
        "scope",
        "resources",
        "claims",
        "text_hash",
        "locale",
        "decided_at",
        "origin",
        "tenant_id",
    ),
}
# The same text comes again with every decision about it, and is there already.
REPLACED = {"consent_texts": "IGNORE", "consent_records": f"ABORT, '{REFUSED}'"}


def upgrade() -> None:
    op.create_table(
        "consent_texts",
        sa.Column("tenant_id", Id, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("text", Document, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "hash"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )
    op.create_table(
        "consent_records",
        sa.Column("id", Id, primary_key=True),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("client_id", Id, nullable=True),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("scope", Document, nullable=False),
        sa.Column("resources", Document, nullable=False),
        sa.Column("claims", OptionalDocument, nullable=True),
        sa.Column("text_hash", sa.String(64), nullable=True),
        sa.Column("locale", sa.String(8), nullable=True),
        sa.Column("decided_at", UtcTime, nullable=False),
        sa.Column("origin", sa.LargeBinary, nullable=True),
        sa.Column("tenant_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
        sa.ForeignKeyConstraint(
            ["tenant_id", "text_hash"], ["consent_texts.tenant_id", "consent_texts.hash"]
        ),
    )
    op.create_index("ix_consent_records_user_id_id", "consent_records", ["user_id", "id"])
    for table in TABLES:
        policies.secure(op.get_bind(), table)
    _guard(op.get_bind().dialect.name)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_consent_change()")


def _guard(dialect: str) -> None:
    """Let nobody change what is recorded."""
    if dialect == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_consent_change() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$"
        )
    for table in TABLES:
        for statement in _triggers(dialect, table):
            op.execute(statement)


def _triggers(dialect: str, table: str) -> list[str]:
    """Return what refuses every change; an update that changes nothing is none."""
    if dialect == "postgresql":
        return [
            (
                f"CREATE TRIGGER {table}_refuse_update BEFORE UPDATE ON {table}"
                " FOR EACH ROW WHEN (NEW.* IS DISTINCT FROM OLD.*)"
                " EXECUTE FUNCTION refuse_consent_change()"
            ),
            (
                f"CREATE TRIGGER {table}_refuse_delete BEFORE DELETE OR TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse_consent_change()"
            ),
        ]
    key, answer = KEYS[table], REPLACED[table]
    changed = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in COLUMNS[table])
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
    return [
        f"CREATE TRIGGER {table}_refuse_update BEFORE UPDATE ON {table} WHEN {changed} {refuse}",
        f"CREATE TRIGGER {table}_refuse_delete BEFORE DELETE ON {table} {refuse}",
        # INSERT OR REPLACE deletes what is in its way without asking the trigger above.
        (
            f"CREATE TRIGGER {table}_refuse_replace BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {key})"
            f" BEGIN SELECT RAISE({answer}); END"
        ),
    ]
