"""The APIs that a tenant's clients get tokens for."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Document, Id, OptionalDocument, UtcTime


class ResourceServer(Base, TenantScoped):
    """A protected resource (RFC 8707): its `audience` is what clients name it by.

    `scopes` are documents of `name` and `description`. `client_ids` may ask for it; None: every
    client of the tenant.
    """

    __tablename__ = "resource_servers"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "audience"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    audience: Mapped[str] = technical(String(255))
    name: Mapped[str] = technical(String(120))
    scopes: Mapped[list[dict[str, str]]] = technical(Document)
    client_ids: Mapped[list[str] | None] = technical(OptionalDocument)
    version: Mapped[int] = technical(Integer, default=1)
    created_at: Mapped[datetime] = technical(UtcTime)
