"""How far anchors are, and what they say that the database does not."""

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, String, Text
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import technical
from authserver.core.database.tenancy import Base, Platform
from authserver.core.database.types import Id, UtcTime
from authserver.core.net.named import LONGEST

MAX_NAME, MAX_ERROR = LONGEST, 200


class TrailAnchor(Base, Platform):
    """An anchor that the settings name, and the number of the last checkpoint that it has.

    `failing_since` and `error` say why it has no newer one; `moved_at` when it took one last.
    """

    __tablename__ = "audit_anchors"

    name: Mapped[str] = technical(String(MAX_NAME), primary_key=True)
    number: Mapped[int] = technical(BigInteger)
    moved_at: Mapped[datetime | None] = technical(UtcTime)
    failing_since: Mapped[datetime | None] = technical(UtcTime)
    error: Mapped[str | None] = technical(String(MAX_ERROR))


class TrailContradiction(Base, Platform):
    """An anchor has a checkpoint that the database has not: nothing is signed until it is accepted.

    `note` is what the anchor has, where that can be known. `accepted` says by whom, when and why,
    under the master key: whoever can only write to the database accepts nothing.
    """

    __tablename__ = "audit_contradictions"

    id: Mapped[str] = technical(Id, primary_key=True)
    anchor: Mapped[str] = technical(String(MAX_NAME))
    number: Mapped[int] = technical(BigInteger)
    why: Mapped[str] = technical(String(16))
    newest: Mapped[int] = technical(BigInteger)
    note: Mapped[str | None] = technical(Text)
    found_at: Mapped[datetime] = technical(UtcTime)
    accepted: Mapped[bytes | None] = technical(LargeBinary)
