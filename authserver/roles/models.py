"""Built-in roles and their assignment to people."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import technical
from authserver.core.database.tenancy import Base, Platform, TenantScoped
from authserver.core.database.types import Document, Id, UtcTime


class BuiltinRole(Base, Platform):
    """A role of the catalogue. The database refuses every change."""

    __tablename__ = "builtin_roles"
    readable = True

    name: Mapped[str] = technical(String(40), primary_key=True)
    domain: Mapped[str] = technical(String(20))
    description: Mapped[str] = technical(String(200))
    permissions: Mapped[list[str]] = technical(Document)


class RoleAssignment(Base, TenantScoped):
    """A person holds a role."""

    __tablename__ = "role_assignments"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
        Index("ix_role_assignments_tenant_id_role_user_id", "tenant_id", "role", "user_id"),
    )

    user_id: Mapped[str] = technical(Id, primary_key=True)
    role: Mapped[str] = technical(ForeignKey("builtin_roles.name"), primary_key=True)
    assigned_at: Mapped[datetime] = technical(UtcTime)
    assigned_by: Mapped[str] = technical(Id)
