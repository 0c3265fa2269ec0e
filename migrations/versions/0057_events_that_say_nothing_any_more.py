"""Events over their time lose what they said, and keep their number, leaf and chain."""

import sqlalchemy as sa
from alembic import op

from authserver.core.database.types import Id
from authserver.core.database.wall import policies

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

# In their place, as in 0003.
DAYS = {"activity_event_days": 30, "security_event_days": 180, "administration_event_days": 365}
STAYS = ("id", "tenant_id", "occurred_at", "type", "leaf", "seq", "chain")
RECORDED = (*STAYS[:4], "actor_ref", "subject_ref", "resource", "correlation_id", "body", "leaf")
ABORT = "BEGIN SELECT RAISE(ABORT, 'the trail is append-only'); END"
NO_PLACE = (
    " OR OLD.seq IS NOT NULL OR OLD.chain IS NOT NULL"
    " OR (NEW.seq IS NULL) <> (NEW.chain IS NULL) OR NEW.seq < 1 OR length(NEW.chain) <> 32"
)


def upgrade() -> None:
    for name, least in DAYS.items():
        op.execute(
            f"ALTER TABLE tenants ADD COLUMN {name} INTEGER"
            f" CONSTRAINT ck_tenants_{name} CHECK ({name} >= {least})"
        )
    op.create_table(
        "audit_keeping",
        sa.Column("tenant_id", Id, nullable=False),
        sa.Column("of_class", sa.String(16), nullable=False),
        sa.Column("through", Id, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "of_class"),
    )
    policies.secure(op.get_bind(), "audit_keeping")
    guard(may_be_emptied=True)


def downgrade() -> None:
    guard(may_be_emptied=False)
    op.drop_table("audit_keeping")
    for name in DAYS:
        op.drop_column("tenants", name)


def guard(*, may_be_emptied: bool) -> None:
    """Let an event get its place once, and then perhaps be emptied once; nothing else."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute(
        "DROP TRIGGER audit_events_refuse_update" + (" ON audit_events" if on_postgresql else "")
    )
    differs = "IS DISTINCT FROM" if on_postgresql else "IS NOT"
    same = "IS NOT DISTINCT FROM" if on_postgresql else "IS"
    refused = " OR ".join(f"NEW.{one} {differs} OLD.{one}" for one in RECORDED) + NO_PLACE
    if not on_postgresql:
        refused += (
            " OR EXISTS (SELECT 1 FROM audit_events"
            " WHERE tenant_id = NEW.tenant_id AND seq = NEW.seq)"
        )
    if may_be_emptied:
        kept = " AND ".join(f"NEW.{one} {same} OLD.{one}" for one in STAYS)
        emptied = (
            f"{kept} AND OLD.seq IS NOT NULL AND length(OLD.body) > 0 AND length(NEW.body) = 0"
            " AND NEW.actor_ref IS NULL AND NEW.subject_ref IS NULL AND NEW.resource IS NULL"
            " AND NEW.correlation_id = ''"
        )
        refused = f"({refused}) AND NOT ({emptied})"
    if on_postgresql:
        op.execute(
            "CREATE TRIGGER audit_events_refuse_update BEFORE UPDATE ON audit_events"
            f" FOR EACH ROW WHEN ({refused}) EXECUTE FUNCTION refuse_trail_change()"
        )
    else:
        op.execute(
            "CREATE TRIGGER audit_events_refuse_update BEFORE UPDATE ON audit_events"
            f" WHEN {refused} {ABORT}"
        )
