"""How far the trail of a tenant was looked through for events over their time."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Id


class TrailKeeping(Base, TenantScoped):
    """The id of the last event of which a class was emptied, or passed over as another's."""

    __tablename__ = "audit_keeping"

    tenant_id: Mapped[str] = technical(Id, primary_key=True)
    of_class: Mapped[str] = technical(String(16), primary_key=True)
    through: Mapped[str] = technical(Id)
