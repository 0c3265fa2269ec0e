"""The rows of limits."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Id


class TenantLimit(Base, TenantScoped):
    """How much of something a tenant may have. `used` is what was taken, where nobody counts it."""

    __tablename__ = "tenant_limits"
    __table_args__ = (
        CheckConstraint("most >= 0", name="most"),
        CheckConstraint("used >= 0", name="used"),
        UniqueConstraint("tenant_id", "name"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    name: Mapped[str] = technical(String(64))
    most: Mapped[int] = technical(BigInteger)
    used: Mapped[int] = technical(BigInteger)
