"""The sequencer's statements: it serves every tenant, and each row carries its own.

A named platform service: what has no number yet is looked for in all trails at once.
"""

from sqlalchemy import bindparam, insert, select, text

from authserver.audit.models import AuditEvent
from authserver.audit.sequencing.models import SequencerLease, TrailNode, TrailTree
from authserver.core.database.several import Several

UNPLACED = (
    select(AuditEvent.id, AuditEvent.tenant_id, AuditEvent.leaf)
    .where(AuditEvent.seq.is_(None))
    .order_by(AuditEvent.id)
    .limit(bindparam("most"))
)
TREE = select(TrailTree.size, TrailTree.chain, TrailTree.frontier).where(
    TrailTree.tenant_id == bindparam("tenant_id")
)
# Never over a place that is there: the number of rows then is not the number of events.
PLACE = Several(
    "UPDATE audit_events SET seq = given.seq, chain = given.chain FROM {given}"
    " WHERE audit_events.id = given.id AND audit_events.seq IS NULL",
    {"id": str, "seq": int, "chain": bytes},
    filler={"id": "", "seq": 0, "chain": b""},
)
GROW = Several(
    "INSERT INTO audit_trees (tenant_id, size, chain, root, frontier)"
    " SELECT tenant_id, size, chain, root, frontier FROM {given} WHERE size > 0"
    " ON CONFLICT (tenant_id) DO UPDATE SET size = excluded.size, chain = excluded.chain,"
    " root = excluded.root, frontier = excluded.frontier WHERE audit_trees.size < excluded.size",
    {"tenant_id": str, "size": int, "chain": bytes, "root": bytes, "frontier": bytes},
    filler={"tenant_id": "", "size": 0, "chain": b"", "root": b"", "frontier": b""},
)
KEEP_NODE = insert(TrailNode.__table__)  # type: ignore[arg-type]  # a Table, declared FromClause

LEASE = select(SequencerLease.epoch, SequencerLease.beat, SequencerLease.holder).where(
    SequencerLease.name == bindparam("name")
)
# Whoever saw the same beat tries this; one of them has it.
CLAIM = text(
    "UPDATE audit_leases SET epoch = epoch + 1, beat = 0, holder = :holder"
    " WHERE name = :name AND epoch = :seen_epoch AND beat = :seen_beat"
)
# The fence: what is written behind it is written only by whom nobody has replaced.
BEAT = text("UPDATE audit_leases SET beat = beat + 1 WHERE name = :name AND epoch = :epoch")
# Of PostgreSQL alone: it is free when the connection of that epoch's leader is gone.
TRY_LOCK = text("SELECT pg_try_advisory_lock(:locks, :epoch)")
RESIGN = text("UPDATE audit_leases SET holder = NULL WHERE name = :name AND epoch = :epoch")

LEAVES = select(AuditEvent.seq, AuditEvent.leaf).where(
    AuditEvent.tenant_id == bindparam("tenant_id"),
    AuditEvent.seq >= bindparam("first"),
    AuditEvent.seq <= bindparam("last"),
)
NODES = select(TrailNode.number, TrailNode.hash).where(
    TrailNode.tenant_id == bindparam("tenant_id"),
    TrailNode.level == bindparam("level"),
    TrailNode.number >= bindparam("first"),
    TrailNode.number <= bindparam("last"),
)
