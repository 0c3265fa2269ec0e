"""Statements of checkpoints. A named platform service: a checkpoint is over all trails."""

from sqlalchemy import bindparam, func, insert, select

from authserver.audit.checkpoints.models import (
    CheckpointNode,
    TenantHead,
    TrailCheckpoint,
    TrailCosignature,
)
from authserver.audit.sequencing.models import TrailTree

ANY = select(
    TrailCheckpoint.number,
    TrailCheckpoint.at,
    TrailCheckpoint.clock_behind,
    TrailCheckpoint.events,
    TrailCheckpoint.heads,
    TrailCheckpoint.heads_root,
    TrailCheckpoint.root,
    TrailCheckpoint.frontier,
    TrailCheckpoint.note,
)
NEWEST = ANY.order_by(TrailCheckpoint.number.desc()).limit(1)
CHECKPOINT = ANY.where(TrailCheckpoint.number == bindparam("number"))
ADD_CHECKPOINT = insert(TrailCheckpoint.__table__)  # type: ignore[arg-type]  # a Table, declared FromClause
ADD_NODE = insert(CheckpointNode.__table__)  # type: ignore[arg-type]  # the same
ADD_HEAD = insert(TenantHead.__table__)  # type: ignore[arg-type]  # the same
COSIGNATURES = (
    select(TrailCosignature.line)
    .where(TrailCosignature.checkpoint == bindparam("number"))
    .order_by(TrailCosignature.witness)
)
LEAVES = select(TrailCheckpoint.number, TrailCheckpoint.leaf).where(
    TrailCheckpoint.number >= bindparam("first"), TrailCheckpoint.number <= bindparam("last")
)
NODES = select(CheckpointNode.number, CheckpointNode.hash).where(
    CheckpointNode.level == bindparam("level"),
    CheckpointNode.number >= bindparam("first"),
    CheckpointNode.number <= bindparam("last"),
)
TREES = select(
    TrailTree.tenant_id, TrailTree.size, TrailTree.root, TrailTree.chain, TrailTree.frontier
)
_later = TenantHead.__table__.alias("later")
# Each tenant's head as a checkpoint has it: the last that is not younger. One look into an index
# for each tenant, however many heads there were.
HEADS = (
    select(
        TenantHead.tenant_id,
        TenantHead.size,
        TenantHead.root,
        TenantHead.chain,
        TenantHead.frontier,
    )
    .join(TrailTree, TrailTree.tenant_id == TenantHead.tenant_id)
    .where(
        TenantHead.checkpoint
        == select(func.max(_later.c.checkpoint))
        .where(
            _later.c.tenant_id == TrailTree.tenant_id, _later.c.checkpoint <= bindparam("number")
        )
        .correlate(TrailTree)
        .scalar_subquery()
    )
)
