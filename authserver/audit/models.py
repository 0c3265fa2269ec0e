"""The append-only trail, and the keys whose destruction erases a person from it."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    column,
)
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Id, UtcTime

_PLACED, _UNPLACED = column("seq").is_not(None), column("seq").is_(None)
_OF_SOMEBODY = column("subject_ref").is_not(None)
# The body of an event whose time is over: its leaf is the hash of what was there.
EMPTY = b""


class AuditEvent(Base, TenantScoped):
    """One event. `body` is its canonical bytes, `leaf` their hash; no foreign key to people.

    The sequencer gives it its number in the tenant's trail, once, and the hash of all until it.
    When its time is over it may be emptied, once: `EMPTY` for the body, and no references.
    """

    __tablename__ = "audit_events"
    # Every event pays for each index: there is none by time, as ids are in its order, and none for
    # what the trail is filtered by. An event enters the second one when it gets its place, and
    # leaves the third, which is hardly ever larger than a page.
    __table_args__ = (
        Index(None, "tenant_id", "id"),
        Index(
            "uq_audit_events_tenant_id_seq",
            "tenant_id",
            "seq",
            unique=True,
            sqlite_where=_PLACED,
            postgresql_where=_PLACED,
        ),
        Index(
            "ix_audit_events_unplaced",
            "id",
            sqlite_where=_UNPLACED,
            postgresql_where=_UNPLACED,
        ),
        # What happened to a person; machines' events are not in it.
        Index(
            "ix_audit_events_subject_ref",
            "subject_ref",
            "id",
            sqlite_where=_OF_SOMEBODY,
            postgresql_where=_OF_SOMEBODY,
        ),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    occurred_at: Mapped[datetime] = technical(UtcTime)
    type: Mapped[str] = technical(String(64))
    actor_ref: Mapped[str | None] = technical(Id)
    subject_ref: Mapped[str | None] = technical(Id)
    resource: Mapped[str | None] = technical(String(120))
    correlation_id: Mapped[str] = technical(String(40))
    body: Mapped[bytes] = technical(LargeBinary)
    leaf: Mapped[bytes] = technical(LargeBinary(32))
    seq: Mapped[int | None] = technical(BigInteger().with_variant(Integer, "sqlite"))
    chain: Mapped[bytes | None] = technical(LargeBinary(32))


class AuditSubject(Base, TenantScoped):
    """Which person a reference of the trail means, and the key to what it says of them.

    Deleting the row erases the person from the trail.
    """

    __tablename__ = "audit_subjects"
    __table_args__ = (UniqueConstraint("tenant_id", "principal_id"),)

    ref: Mapped[str] = technical(Id, primary_key=True)
    principal_id: Mapped[str] = personal(
        Id, index=True, export=False, on_erasure=OnErasure.DELETE_ROW
    )
    wrapped_key: Mapped[bytes] = personal(
        LargeBinary, export=False, on_erasure=OnErasure.DELETE_ROW
    )
    created_at: Mapped[datetime] = technical(UtcTime)
