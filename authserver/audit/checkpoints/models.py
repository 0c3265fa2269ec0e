"""Signed checkpoints, the heads of the tenants in them, and the keys that sign."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import technical
from authserver.core.database.tenancy import Base, Platform, TenantScoped
from authserver.core.database.types import Id, UtcTime


class TrailCheckpoint(Base, Platform):
    """What the whole trail was at a moment, as it was signed. Append-only."""

    __tablename__ = "audit_checkpoints"

    number: Mapped[int] = technical(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = technical(UtcTime)
    # How many seconds the clock was behind the checkpoint before: 0 when all is well.
    clock_behind: Mapped[int] = technical(BigInteger)
    events: Mapped[int] = technical(BigInteger)
    heads: Mapped[int] = technical(Integer)
    heads_root: Mapped[bytes] = technical(LargeBinary(32))
    # Of the log of checkpoints, with this one.
    leaf: Mapped[bytes] = technical(LargeBinary(32))
    root: Mapped[bytes] = technical(LargeBinary(32))
    frontier: Mapped[bytes] = technical(LargeBinary)
    note: Mapped[str] = technical(Text)


class CheckpointNode(Base, Platform):
    """A full subtree of 256 checkpoints in their log, or of 256 such subtrees. Append-only."""

    __tablename__ = "audit_checkpoint_nodes"

    level: Mapped[int] = technical(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = technical(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = technical(LargeBinary(32))


class TenantHead(Base, TenantScoped):
    """A tenant's tree as a checkpoint has it first: later ones have it, too, until it has grown.

    Append-only.
    """

    __tablename__ = "audit_heads"

    tenant_id: Mapped[str] = technical(Id, primary_key=True)
    checkpoint: Mapped[int] = technical(BigInteger, primary_key=True, autoincrement=False)
    size: Mapped[int] = technical(BigInteger)
    root: Mapped[bytes] = technical(LargeBinary(32))
    chain: Mapped[bytes] = technical(LargeBinary(32))
    frontier: Mapped[bytes] = technical(LargeBinary)


class TrailCosignature(Base, Platform):
    """What a witness says of a checkpoint: a line of its note. Append-only."""

    __tablename__ = "audit_cosignatures"

    checkpoint: Mapped[int] = technical(BigInteger, primary_key=True, autoincrement=False)
    witness: Mapped[str] = technical(String(255), primary_key=True)
    line: Mapped[str] = technical(Text)
    at: Mapped[datetime] = technical(UtcTime)


class TrailKey(Base, Platform):
    """A key that signs checkpoints between its times, and what the key before says of it."""

    __tablename__ = "audit_keys"

    id: Mapped[str] = technical(Id, primary_key=True)
    origin: Mapped[str] = technical(String(255))
    algorithm: Mapped[str] = technical(String(16))
    public_key: Mapped[bytes] = technical(LargeBinary)
    private_key: Mapped[bytes] = technical(LargeBinary)
    signs_from: Mapped[datetime] = technical(UtcTime)
    signs_until: Mapped[datetime | None] = technical(UtcTime)
    signed_by: Mapped[str | None] = technical(ForeignKey("audit_keys.id"))
    cross_signature: Mapped[bytes | None] = technical(LargeBinary)
