"""/tenants/{tenant_id}/trail: what proves that nothing of a tenant's trail was changed."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import select

from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown
from authserver.audit.checkpoints.reading import CheckpointReader, NoCheckpointError
from authserver.audit.checkpoints.values import Checkpoint, HeadProof
from authserver.audit.models import AuditEvent
from authserver.audit.sequencing.proofs import TenantProofs
from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound
from authserver.roles.catalogue import Permission

_TAG = "events"
_Number = Annotated[int, Field(ge=1, lt=1 << 62, strict=False)]


class CheckpointShown(Shown):
    """A checkpoint. `note` is what was signed, and says the rest, too."""

    number: int
    time: datetime
    heads: int
    heads_root: str
    root: str
    note: str


class HeadShown(Shown):
    """A tenant's head in a checkpoint: `index` of `checkpoint.heads`, hashes in base64.

    `in_heads` proves it under `heads_root`, `in_log` the checkpoint as the last leaf of the log.
    """

    checkpoint: CheckpointShown
    size: int
    root: str
    chain: str
    index: int
    in_heads: Sequence[str]
    in_log: Sequence[str]


class EventProof(Shown):
    """Proves that an event is in the tenant's tree of the head. `leaf` is the hash of its body."""

    head: HeadShown
    seq: int
    leaf: str
    chain: str
    body: str
    path: Sequence[str]


class Consistency(Shown):
    """Proves that a checkpoint, and the tenant's tree in it, grew to another's."""

    old: HeadShown
    new: HeadShown
    log: Sequence[str]
    tree: Sequence[str]


class HeadQuery(Given):
    """In which checkpoint; without it the newest."""

    checkpoint: _Number | None = None


class ConsistencyQuery(Given):
    """From which checkpoint to which; without the second to the newest."""

    old: _Number = 1
    new: _Number | None = None


class TrailProofs:
    """Operations that prove."""

    def __init__(self, checkpoints: CheckpointReader, proofs: TenantProofs) -> None:
        """Take what reads checkpoints, and what proves a tenant's tree."""
        self._checkpoints = checkpoints
        self._proofs = proofs

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        tenant, read = "/tenants/{tenant_id}", Permission.AUDIT_READ
        return (
            Operation(
                "GET", f"{tenant}/trail/head", Does.READ, read, self.read_head,
                "Read the trail's head as a checkpoint signed it, proved", _TAG,
                query=HeadQuery, shows=HeadShown,
            ),
            Operation(
                "GET", f"{tenant}/trail/consistency", Does.READ, read, self.read_consistency,
                "Prove that the trail only grew from one checkpoint to another", _TAG,
                query=ConsistencyQuery, shows=Consistency,
            ),
            Operation(
                "GET", f"{tenant}/events/{{event_id}}/proof", Does.READ, read, self.prove_event,
                "Prove that an event is in the trail", _TAG, query=HeadQuery, shows=EventProof,
            ),
        )  # fmt: skip

    def read_head(self, transaction: Transaction, call: Call) -> Reply:
        """Return the tenant's head, proved."""
        query: HeadQuery = call.query
        return Reply(_head(self._head(transaction, call.path["tenant_id"], query.checkpoint)))

    def read_consistency(self, transaction: Transaction, call: Call) -> Reply:
        """Return the proofs from one checkpoint to another."""
        query: ConsistencyQuery = call.query
        tenant_id = call.path["tenant_id"]
        new = self._head(transaction, tenant_id, query.new)
        if query.old > new.checkpoint.number:
            raise NotFound("The first of the two checkpoints is the newer one.")
        old = self._head(transaction, tenant_id, query.old)
        log = self._checkpoints.consistency(
            transaction, old.checkpoint.number, new.checkpoint.number
        )
        tree = self._proofs.consistency(transaction, tenant_id, old.head.size, new.head.size)
        return Reply(
            Consistency(old=_head(old), new=_head(new), log=_texts(log), tree=_texts(tree))
        )

    def prove_event(self, transaction: Transaction, call: Call) -> Reply:
        """Return an event as it is stored, and the proof of it."""
        query: HeadQuery = call.query
        tenant_id = call.path["tenant_id"]
        events = transaction.tenant(tenant_id)
        row = events.scalar(select(AuditEvent).where(AuditEvent.id == call.path["event_id"]))
        if row is None:
            raise NotFound("There is no such event.")
        head = self._head(transaction, tenant_id, query.checkpoint)
        if row.seq is None or row.chain is None or row.seq > head.head.size:
            raise NotFound("The event is in no such checkpoint yet.")
        path = self._proofs.inclusion(transaction, tenant_id, row.seq, head.head.size)
        return Reply(
            EventProof(
                head=_head(head),
                seq=row.seq,
                leaf=_text(row.leaf),
                chain=_text(row.chain),
                body=row.body.decode(),
                path=_texts(path),
            )
        )

    def _head(self, transaction: Transaction, tenant_id: str, number: int | None) -> HeadProof:
        try:
            wanted = number or self._checkpoints.newest(transaction).number
            return self._checkpoints.head(transaction, tenant_id, wanted)
        except NoCheckpointError as error:
            raise NotFound("There is no such checkpoint over the tenant's trail.") from error


def _head(proof: HeadProof) -> HeadShown:
    return HeadShown(
        checkpoint=_checkpoint(proof.checkpoint),
        size=proof.head.size,
        root=_text(proof.head.root),
        chain=_text(proof.head.chain),
        index=proof.index,
        in_heads=_texts(proof.in_heads),
        in_log=_texts(proof.in_log),
    )


def _checkpoint(checkpoint: Checkpoint) -> CheckpointShown:
    return CheckpointShown(
        number=checkpoint.number,
        time=checkpoint.at,
        heads=checkpoint.heads,
        heads_root=_text(checkpoint.heads_root),
        root=_text(checkpoint.root),
        note=checkpoint.note,
    )


def _text(value: bytes) -> str:
    return b64encode(value).decode()


def _texts(values: Sequence[bytes]) -> list[str]:
    return [_text(value) for value in values]
