"""Which client may exchange whose tokens."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Document, Id, UtcTime

CLIENT = ["clients.tenant_id", "clients.id"]


class ExchangeRule(Base, TenantScoped):
    """A client may exchange tokens of another for these audiences. Belongs to the client's tenant.

    `ways` says how: as the person (impersonation), for the person as itself (delegation), or both.
    """

    __tablename__ = "exchange_rules"
    __table_args__ = (
        UniqueConstraint("client_id", "subject_client_id"),
        ForeignKeyConstraint(["tenant_id", "client_id"], CLIENT),
        ForeignKeyConstraint(["subject_tenant_id", "subject_client_id"], CLIENT),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    client_id: Mapped[str] = technical(Id)
    subject_tenant_id: Mapped[str] = technical(Id)
    subject_client_id: Mapped[str] = technical(Id)
    audiences: Mapped[list[str]] = technical(Document)
    ways: Mapped[list[str]] = technical(Document)
    created_at: Mapped[datetime] = technical(UtcTime)
