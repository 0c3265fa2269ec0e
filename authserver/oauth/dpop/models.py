"""The proofs of possession that were used."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, LargeBinary
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Id, UtcTime


class UsedProof(Base, TenantScoped):
    """A proof that was accepted: key and `jti` together are good once (RFC 9449 section 11.1)."""

    __tablename__ = "used_proofs"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.id"]),
    )

    client_id: Mapped[str] = technical(Id, primary_key=True)
    proof_hash: Mapped[bytes] = technical(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = technical(UtcTime, index=True)
