"""How far streams have come."""

from datetime import datetime

from sqlalchemy import BigInteger, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import technical
from authserver.core.database.tenancy import Base, Platform, TenantScoped
from authserver.core.database.types import Id, UtcTime
from authserver.core.net.named import LONGEST

MAX_NAME, MAX_ERROR = LONGEST, 200


class TrailStream(Base, Platform):
    """A stream that the settings name. One worker at a time has it, until `claimed_until`.

    `failing_since` and `error` say why it stands still; `moved_at` when something was taken last.
    """

    __tablename__ = "trail_streams"

    name: Mapped[str] = technical(String(MAX_NAME), primary_key=True)
    claimed_by: Mapped[str | None] = technical(String(40))
    claimed_until: Mapped[datetime | None] = technical(UtcTime)
    moved_at: Mapped[datetime | None] = technical(UtcTime)
    failing_since: Mapped[datetime | None] = technical(UtcTime)
    error: Mapped[str | None] = technical(String(MAX_ERROR))


class TrailCursor(Base, TenantScoped):
    """The number of the last event of a tenant that a stream has taken."""

    __tablename__ = "trail_cursors"
    __table_args__ = (UniqueConstraint("tenant_id", "stream"),)

    id: Mapped[str] = technical(Id, primary_key=True)
    stream: Mapped[str] = technical(String(MAX_NAME))
    seq: Mapped[int] = technical(BigInteger().with_variant(Integer, "sqlite"))
