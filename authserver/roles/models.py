"""Roles, built in and of tenants, and their assignment to people."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    column,
)
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import technical
from authserver.core.database.tenancy import Base, Platform, TenantScoped
from authserver.core.database.types import Document, Id, UtcTime

# A slug, a slash, a name.
LONGEST = 120
_ENDS = column("until").is_not(None)
_CUSTOM = column("custom_role_id").is_not(None)


class BuiltinRole(Base, Platform):
    """A role of the catalogue. The database refuses every change."""

    __tablename__ = "builtin_roles"
    readable = True

    name: Mapped[str] = technical(String(40), primary_key=True)
    domain: Mapped[str] = technical(String(20))
    description: Mapped[str] = technical(String(200))
    permissions: Mapped[list[str]] = technical(Document)


class CustomRole(Base, TenantScoped):
    """A role that a tenant made. `skeleton` is what names that read alike have in common."""

    __tablename__ = "custom_roles"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "skeleton"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    name: Mapped[str] = technical(String(40))
    skeleton: Mapped[str] = technical(String(40))
    description: Mapped[str] = technical(String(200))
    permissions: Mapped[list[str]] = technical(Document)
    version: Mapped[int] = technical(Integer)
    created_at: Mapped[datetime] = technical(UtcTime)


class RoleAssignment(Base, TenantScoped):
    """A person holds a role, for good or until a moment. `role` is its name as tokens have it."""

    __tablename__ = "role_assignments"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "custom_role_id"], ["custom_roles.tenant_id", "custom_roles.id"]
        ),
        # No custom role reads as a built-in one: only its name has a slash.
        CheckConstraint("(custom_role_id IS NOT NULL) = (role LIKE '%/%')", name="custom_by_name"),
        Index("ix_role_assignments_tenant_id_role", "tenant_id", "role", "user_id"),
        Index(
            "ix_role_assignments_custom_role_id",
            "custom_role_id",
            sqlite_where=_CUSTOM,
            postgresql_where=_CUSTOM,
        ),
        Index("ix_role_assignments_until", "until", sqlite_where=_ENDS, postgresql_where=_ENDS),
    )

    user_id: Mapped[str] = technical(Id, primary_key=True)
    role: Mapped[str] = technical(String(LONGEST), primary_key=True)
    assigned_at: Mapped[datetime] = technical(UtcTime)
    assigned_by: Mapped[str] = technical(Id)
    custom_role_id: Mapped[str | None] = technical(Id)
    until: Mapped[datetime | None] = technical(UtcTime)
