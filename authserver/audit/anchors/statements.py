"""Statements of anchors. A named platform service: a checkpoint is over all trails."""

from sqlalchemy import bindparam

from authserver.audit.checkpoints.models import TrailCheckpoint
from authserver.audit.checkpoints.statements import ANY

AFTER = (
    ANY.where(TrailCheckpoint.number > bindparam("after"))
    .order_by(TrailCheckpoint.number)
    .limit(bindparam("most"))
)
