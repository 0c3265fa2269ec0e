"""Checkpoints and heads as values, and how they enter their trees."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from authserver.audit.tree import Frontier

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def number(value: int) -> bytes:
    """Return a number as it enters a hash: 8 bytes, the highest first."""
    return value.to_bytes(8, "big")


@dataclass(frozen=True)
class Head:
    """A tenant's trail at a moment: how many events, the root over them, the chain to the last."""

    tenant_id: str
    size: int
    root: bytes
    chain: bytes

    def leaf(self) -> bytes:
        """Return the head's leaf hash in the tree of heads."""
        tenant = self.tenant_id.encode()
        packed = number(len(tenant)) + tenant
        return sha256(b"\x00headv1" + packed + number(self.size) + self.root + self.chain).digest()


@dataclass(frozen=True)
class Stand:
    """What a checkpoint says of the whole trail, without a signature."""

    number: int
    at: datetime
    heads: int
    heads_root: bytes

    def leaf(self) -> bytes:
        """Return the checkpoint's leaf hash in the log of checkpoints."""
        at = (self.at - _EPOCH) // _MICROSECOND
        counted = number(self.number) + number(at) + number(self.heads)
        return sha256(b"\x00checkpointv1" + counted + self.heads_root).digest()


@dataclass(frozen=True)
class Checkpoint:
    """A signed checkpoint: `root` is of the log of checkpoints, whose last leaf is this one.

    `events` are those of all tenants that have numbers; `clock_behind` is by how many seconds the
    clock was behind the checkpoint before.
    """

    number: int
    at: datetime
    heads: int
    heads_root: bytes
    root: bytes
    note: str
    events: int = 0
    clock_behind: int = 0
    frontier: Frontier = field(default_factory=Frontier)

    @property
    def stand(self) -> Stand:
        """Return what its leaf is made of."""
        return Stand(self.number, self.at, self.heads, self.heads_root)


@dataclass(frozen=True)
class HeadProof:
    """A tenant's own head in a checkpoint, and the proofs of it: they tell of nobody else.

    `in_heads` proves the head's leaf at `index` of `checkpoint.heads` under `heads_root`; `in_log`
    proves the checkpoint's leaf as the last of `number` under `root`.
    """

    checkpoint: Checkpoint
    head: Head
    index: int
    in_heads: tuple[bytes, ...]
    in_log: tuple[bytes, ...]
