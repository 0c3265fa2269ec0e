"""Figures by hour and by day (UTC), of clients, of tenants and of all; and what quotas have left.

Dashboards read sums that were kept, never the trail. Both grains are written at once: a month is
thirty rows of a kind, however much happened in it.
"""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import technical
from authserver.core.database.tenancy import Base, Platform, TenantScoped
from authserver.core.database.types import Id, UtcTime

_CLIENT = ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.id"])


class ClientUsage(Base, TenantScoped):
    """What a client did in an hour or a day: tokens, and refusals by reason."""

    __tablename__ = "client_usage"
    __table_args__ = (
        _CLIENT,
        Index("ix_client_usage_tenant_id_grain_at", "tenant_id", "grain", "at"),
        Index("ix_client_usage_grain_at", "grain", "at"),
    )

    client_id: Mapped[str] = technical(Id, primary_key=True)
    grain: Mapped[str] = technical(String(4), primary_key=True)
    at: Mapped[datetime] = technical(UtcTime, primary_key=True)
    what: Mapped[str] = technical(String(32), primary_key=True)
    number: Mapped[int] = technical(BigInteger)


class TenantUsage(Base, TenantScoped):
    """What happened in a tenant in an hour or a day."""

    __tablename__ = "tenant_usage"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        # Which tenants use most, and what is over.
        Index("ix_tenant_usage_grain_what_at", "grain", "what", "at"),
        Index("ix_tenant_usage_grain_at", "grain", "at"),
    )

    tenant_id: Mapped[str] = technical(Id, primary_key=True)
    grain: Mapped[str] = technical(String(4), primary_key=True)
    at: Mapped[datetime] = technical(UtcTime, primary_key=True)
    what: Mapped[str] = technical(String(32), primary_key=True)
    number: Mapped[int] = technical(BigInteger)


class PlatformUsage(Base, Platform):
    """What happened in the installation in an hour or a day."""

    __tablename__ = "platform_usage"

    grain: Mapped[str] = technical(String(4), primary_key=True)
    at: Mapped[datetime] = technical(UtcTime, primary_key=True)
    what: Mapped[str] = technical(String(32), primary_key=True)
    number: Mapped[int] = technical(BigInteger)


class QuotaUse(Base, TenantScoped):
    """What a client with a quota had of the present day and month, as `2026-11-26`, `2026-11`."""

    __tablename__ = "quota_uses"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "client_id"], ["clients.tenant_id", "clients.id"]),
    )

    client_id: Mapped[str] = technical(Id, primary_key=True)
    day: Mapped[str] = technical(String(10))
    day_used: Mapped[int] = technical(BigInteger)
    month: Mapped[str] = technical(String(7))
    month_used: Mapped[int] = technical(BigInteger)
