"""The trail of a tenant, in order.

Events are listed by tenant, the newest first. It is the one index that every event pays for beside
its key: filters look at a stretch of it at a time.
"""

from alembic import op

revision = "0041"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_events_tenant_id_id", "audit_events", ["tenant_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_audit_events_tenant_id_id", "audit_events")
