"""Devices that wait for somebody to enter their code, and wrong entries."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, Platform, TenantScoped
from authserver.core.database.types import Document, Id, UtcTime

CLIENT = ["clients.tenant_id", "clients.id"]


class DeviceAuthorization(Base, TenantScoped):
    """A device that asked (RFC 8628 section 3.2). Belongs to the client's tenant.

    `browser_hash` is the browser in which its user code was entered: no other may go on with it,
    and the code is good for nothing more. What the person allows there becomes an authorization
    code whose hash is `device_code_hash`. `address` is where the device asked from, encrypted.
    """

    __tablename__ = "device_authorizations"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "client_id"], CLIENT),)

    id: Mapped[str] = technical(Id, primary_key=True)
    device_code_hash: Mapped[bytes] = technical(LargeBinary(32), unique=True)
    user_code_hash: Mapped[bytes] = technical(LargeBinary(32), unique=True)
    client_id: Mapped[str] = technical(Id)
    issuer: Mapped[str] = technical(String(255))
    scope: Mapped[list[str]] = technical(Document)
    resources: Mapped[list[str]] = technical(Document)
    address: Mapped[bytes | None] = personal(LargeBinary, export=False, on_erasure=OnErasure.KEEP)
    browser_hash: Mapped[bytes | None] = technical(LargeBinary(32))
    interval: Mapped[int] = technical(Integer)  # seconds
    polls: Mapped[int] = technical(Integer, default=0)
    polled_at: Mapped[datetime | None] = technical(UtcTime)
    created_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime, index=True)
    approved_at: Mapped[datetime | None] = technical(UtcTime)
    denied_at: Mapped[datetime | None] = technical(UtcTime)


class UserCodeCounter(Base, Platform):
    """Wrong user codes from one part of the network, in a window that began with the first.

    Whoever enters one is nobody yet, so it belongs to no tenant.
    """

    __tablename__ = "user_code_counters"

    source_hash: Mapped[bytes] = technical(LargeBinary(32), primary_key=True)
    failures: Mapped[int] = technical(Integer)
    ends_at: Mapped[datetime] = technical(UtcTime, index=True)
