"""What the sequencer keeps: each tenant's tree, full subtrees in it, and who may add to them."""

from sqlalchemy import BigInteger, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import technical
from authserver.core.database.tenancy import Base, Platform, TenantScoped
from authserver.core.database.types import Id


class TrailTree(Base, TenantScoped):
    """How far a tenant's events have numbers. No foreign key: the installation has a trail, too."""

    __tablename__ = "audit_trees"

    tenant_id: Mapped[str] = technical(Id, primary_key=True)
    size: Mapped[int] = technical(BigInteger)
    chain: Mapped[bytes] = technical(LargeBinary(32))
    root: Mapped[bytes] = technical(LargeBinary(32))
    # The full subtrees' hashes, the largest first, 32 bytes each.
    frontier: Mapped[bytes] = technical(LargeBinary)


class TrailNode(Base, TenantScoped):
    """A full subtree of 256 leaves, or of 256 such subtrees, and so on. Append-only."""

    __tablename__ = "audit_nodes"

    tenant_id: Mapped[str] = technical(Id, primary_key=True)
    level: Mapped[int] = technical(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = technical(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = technical(LargeBinary(32))


class SequencerLease(Base, Platform):
    """Who gives numbers now. A higher epoch takes the right away from every lower one."""

    __tablename__ = "audit_leases"

    name: Mapped[str] = technical(String(20), primary_key=True)
    epoch: Mapped[int] = technical(BigInteger)
    beat: Mapped[int] = technical(BigInteger)
    holder: Mapped[str | None] = technical(Id)
