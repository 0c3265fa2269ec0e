"""The rows of the record. Triggers refuse to change or to delete them."""

from datetime import datetime

from sqlalchemy import (
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
)
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Document, Id, OptionalDocument, UtcTime


class ConsentText(Base, TenantScoped):
    """What people of a tenant read before they decided, once for each wording and language.

    `hash` is the SHA-256 of the text's canonical form, in hexadecimal.
    """

    __tablename__ = "consent_texts"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "hash"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
    )

    hash: Mapped[str] = technical(String(64))
    text: Mapped[dict[str, object]] = technical(Document)
    created_at: Mapped[datetime] = technical(UtcTime)


class ConsentRecord(Base, TenantScoped):
    """One decision. Belongs to the person's tenant; no foreign key to a client, which may go.

    Without a client it is about the terms of the service, at registration.
    `act` is of `values.Act`; `text_hash` and `locale` say what was read, where something was.
    `origin` is the address and the browser, under the person's own key in the trail.
    """

    __tablename__ = "consent_records"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "user_id"], ["users.tenant_id", "users.id"]),
        ForeignKeyConstraint(
            ["tenant_id", "text_hash"], ["consent_texts.tenant_id", "consent_texts.hash"]
        ),
        Index("ix_consent_records_user_id_id", "user_id", "id"),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    user_id: Mapped[str] = technical(Id)
    client_id: Mapped[str | None] = technical(Id)
    act: Mapped[str] = technical(String(16))
    scope: Mapped[list[str]] = technical(Document)
    resources: Mapped[list[str]] = technical(Document)
    claims: Mapped[list[str] | None] = technical(OptionalDocument)
    text_hash: Mapped[str | None] = technical(String(64))
    locale: Mapped[str | None] = technical(String(8))
    decided_at: Mapped[datetime] = technical(UtcTime)
    # Not readable any more once the person's key is destroyed: the record stays as the proof.
    origin: Mapped[bytes | None] = personal(LargeBinary, export=True, on_erasure=OnErasure.KEEP)
