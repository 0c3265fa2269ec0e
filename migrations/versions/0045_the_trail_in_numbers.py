"""Numbers for the events of the trail, trees over them, and signed checkpoints.

No event has a number before: `seq` is made anew as a larger number, which rewrites no row.
"""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Id, UtcTime
from authserver.core.database.wall import policies

revision = "0045"
down_revision = "0041"
branch_labels = None
depends_on = None

PLACES = "uq_audit_events_tenant_id_seq"
UNPLACED = "ix_audit_events_unplaced"
PLACED_ROWS, UNPLACED_ROWS = sa.text("seq IS NOT NULL"), sa.text("seq IS NULL")
# What an event says; its place comes later, once.
RECORDED = (
    "id",
    "tenant_id",
    "occurred_at",
    "type",
    "actor_ref",
    "subject_ref",
    "resource",
    "correlation_id",
    "body",
    "leaf",
)
# What only grows, and its keys.
GROWS = {
    "audit_nodes": ("tenant_id", "level", "number"),
    "audit_heads": ("tenant_id", "checkpoint"),
    "audit_checkpoints": ("number",),
    "audit_checkpoint_nodes": ("level", "number"),
}
ABORT = "BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END"
NO_PLACE = (
    " OR OLD.seq IS NOT NULL OR OLD.chain IS NOT NULL"
    " OR (NEW.seq IS NULL) <> (NEW.chain IS NULL) OR NEW.seq < 1 OR length(NEW.chain) <> 32"
)


def upgrade() -> None:
    unguard_events()
    op.drop_index(PLACES, "audit_events")
    if on_postgresql():
        op.drop_column("audit_events", "seq")
        op.add_column("audit_events", sa.Column("seq", sa.BigInteger, nullable=True))
    op.add_column("audit_events", sa.Column("chain", sa.LargeBinary(32), nullable=True))
    index_places()
    op.create_index(
        UNPLACED,
        "audit_events",
        ["id"],
        postgresql_where=UNPLACED_ROWS,
        sqlite_where=UNPLACED_ROWS,
    )
    for statement in guards_with_chains():
        op.execute(statement)
    create_tables()
    for table, keys in GROWS.items():
        for statement in guards_of(table, keys):
            op.execute(statement)
    for table in ("audit_trees", "audit_nodes", "audit_heads"):
        policies.secure(op.get_bind(), table)
    for table in ("audit_leases", "audit_checkpoints", "audit_checkpoint_nodes", "audit_keys"):
        policies.secure(op.get_bind(), table, owner=None)


def on_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def index_places() -> None:
    op.create_index(
        PLACES,
        "audit_events",
        ["tenant_id", "seq"],
        unique=True,
        postgresql_where=PLACED_ROWS,
        sqlite_where=PLACED_ROWS,
    )


def unguard_events() -> None:
    of = " ON audit_events" if on_postgresql() else ""
    op.execute(f"DROP TRIGGER audit_events_refuse_update{of}")
    op.execute(f"DROP TRIGGER IF EXISTS audit_events_refuse_replace{of}")


def guards_with_chains() -> list[str]:
    """Return what lets an event get its place once, and nothing else."""
    if on_postgresql():
        changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in RECORDED)
        refuse = "EXECUTE FUNCTION refuse_trail_change()"
        return [
            (
                "CREATE TRIGGER audit_events_refuse_update BEFORE UPDATE ON audit_events"
                f" FOR EACH ROW WHEN ({changed}{NO_PLACE}) {refuse}"
            ),
            (
                "CREATE TRIGGER audit_events_refuse_replace BEFORE INSERT ON audit_events"
                f" FOR EACH ROW WHEN (NEW.seq IS NOT NULL OR NEW.chain IS NOT NULL) {refuse}"
            ),
        ]
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in RECORDED)
    return [
        (
            "CREATE TRIGGER audit_events_refuse_update BEFORE UPDATE ON audit_events"
            f" WHEN {changed}{NO_PLACE} OR EXISTS (SELECT 1 FROM audit_events"
            f" WHERE tenant_id = NEW.tenant_id AND seq = NEW.seq) {ABORT}"
        ),
        # INSERT OR REPLACE deletes what is in its way without asking the trigger of deletions.
        (
            "CREATE TRIGGER audit_events_refuse_replace BEFORE INSERT ON audit_events"
            " WHEN NEW.seq IS NOT NULL OR NEW.chain IS NOT NULL"
            f" OR EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id) {ABORT}"
        ),
    ]


def guards_without_chains() -> list[str]:
    """Return what was there before."""
    if on_postgresql():
        changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in RECORDED)
        return [
            (
                "CREATE TRIGGER audit_events_refuse_update BEFORE UPDATE ON audit_events"
                f" FOR EACH ROW WHEN ({changed} OR OLD.seq IS NOT NULL)"
                " EXECUTE FUNCTION refuse_trail_change()"
            )
        ]
    changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in RECORDED)
    return [
        (
            "CREATE TRIGGER audit_events_refuse_update BEFORE UPDATE ON audit_events"
            f" WHEN {changed} OR OLD.seq IS NOT NULL OR EXISTS (SELECT 1 FROM audit_events"
            f" WHERE tenant_id = NEW.tenant_id AND seq = NEW.seq) {ABORT}"
        ),
        (
            "CREATE TRIGGER audit_events_refuse_replace BEFORE INSERT ON audit_events"
            " WHEN NEW.seq IS NOT NULL"
            f" OR EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id) {ABORT}"
        ),
    ]


def guards_of(table: str, keys: tuple[str, ...]) -> list[str]:
    """Return what keeps a table append-only."""
    if on_postgresql():
        return [
            (
                f"CREATE TRIGGER {table}_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse_trail_change()"
            )
        ]
    same = " AND ".join(f"{key} = NEW.{key}" for key in keys)
    return [
        f"CREATE TRIGGER {table}_refuse_update BEFORE UPDATE ON {table} {ABORT}",
        f"CREATE TRIGGER {table}_refuse_delete BEFORE DELETE ON {table} {ABORT}",
        (
            f"CREATE TRIGGER {table}_refuse_replace BEFORE INSERT ON {table}"
            f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {ABORT}"
        ),
    ]


def create_tables() -> None:
    create_trees()
    create_checkpoints()
    op.create_table(
        "audit_keys",
        sa.Column("id", Id, nullable=False),
        sa.Column("origin", sa.String(255), nullable=False),
        sa.Column("algorithm", sa.String(16), nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("private_key", sa.LargeBinary, nullable=False),
        sa.Column("signs_from", UtcTime, nullable=False),
        sa.Column("signs_until", UtcTime, nullable=True),
        sa.Column("signed_by", Id, nullable=True),
        sa.Column("cross_signature", sa.LargeBinary, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["signed_by"], ["audit_keys.id"]),
    )


def create_trees() -> None:
    leases = op.create_table(
        "audit_leases",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("beat", sa.BigInteger, nullable=False),
        sa.Column("holder", Id, nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.bulk_insert(leases, [{"name": "sequencer", "epoch": 0, "beat": 0, "holder": None}])
    op.create_table(
        "audit_trees",
        sa.Column("tenant_id", Id, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("chain", sa.LargeBinary(32), nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id"),
    )
    op.create_table(
        "audit_nodes",
        sa.Column("tenant_id", Id, nullable=False),
        sa.Column("level", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "level", "number"),
    )


def create_checkpoints() -> None:
    op.create_table(
        "audit_checkpoints",
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("at", UtcTime, nullable=False),
        sa.Column("clock_behind", sa.BigInteger, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("heads", sa.Integer, nullable=False),
        sa.Column("heads_root", sa.LargeBinary(32), nullable=False),
        sa.Column("leaf", sa.LargeBinary(32), nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "audit_checkpoint_nodes",
        sa.Column("level", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("level", "number"),
    )
    op.create_table(
        "audit_heads",
        sa.Column("tenant_id", Id, nullable=False),
        sa.Column("checkpoint", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("chain", sa.LargeBinary(32), nullable=False),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "checkpoint"),
    )


def downgrade() -> None:
    """Take the numbers away: an older program gives them out differently."""
    for table in ("audit_keys", *reversed(GROWS), "audit_trees", "audit_leases"):
        op.drop_table(table)
    unguard_events()
    op.drop_index(UNPLACED, "audit_events")
    op.drop_index(PLACES, "audit_events")
    op.drop_column("audit_events", "chain")
    if on_postgresql():
        op.drop_column("audit_events", "seq")
        op.add_column("audit_events", sa.Column("seq", sa.Integer, nullable=True))
    else:
        op.execute("UPDATE audit_events SET seq = NULL")
    index_places()
    for statement in guards_without_chains():
        op.execute(statement)
