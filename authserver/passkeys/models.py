"""Passkeys, whose they are, and the challenges that are open."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, Platform, TenantScoped
from authserver.core.database.types import Document, Id, UtcTime

OWNER = ["users.tenant_id", "users.id"]


class PasskeyOwner(Base, TenantScoped):
    """A person as authenticators know them: by a random handle, the same for every passkey.

    It holds the wrong answers to challenges, too: `recent` are the times of the last hour's, in
    seconds since 1970, `in_a_row` those since the last right one. They are counted apart from
    codes, so that neither can be used to lock the other.
    """

    __tablename__ = "passkey_owners"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "user_id"], OWNER),)

    user_id: Mapped[str] = technical(Id, primary_key=True)
    handle: Mapped[bytes] = personal(
        LargeBinary(32), unique=True, export=False, on_erasure=OnErasure.DELETE_ROW
    )
    recent: Mapped[list[int]] = technical(Document)
    in_a_row: Mapped[int] = technical(Integer)
    locked_until: Mapped[datetime | None] = technical(UtcTime)
    updated_at: Mapped[datetime] = technical(UtcTime)


class Passkey(Base, TenantScoped):
    """A public key and what its authenticator said. The key never changes: there is no update.

    `synced` says that the authenticator may copy the key to other devices (backup eligible), which
    is decided once; `backed_up` that it has, as of the last use.
    """

    __tablename__ = "passkeys"
    __table_args__ = (
        UniqueConstraint("credential_id"),
        ForeignKeyConstraint(["tenant_id", "user_id"], OWNER),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    user_id: Mapped[str] = technical(Id, index=True)
    credential_id: Mapped[bytes] = personal(
        LargeBinary(1023), export=False, on_erasure=OnErasure.DELETE_ROW
    )
    public_key: Mapped[bytes] = personal(LargeBinary, export=False, on_erasure=OnErasure.DELETE_ROW)
    name: Mapped[str] = personal(String(60), export=True, on_erasure=OnErasure.DELETE_ROW)
    aaguid: Mapped[str] = personal(String(36), export=True, on_erasure=OnErasure.DELETE_ROW)
    transports: Mapped[list[str]] = technical(Document)
    sign_count: Mapped[int] = technical(BigInteger)
    synced: Mapped[bool] = technical(Boolean)
    backed_up: Mapped[bool] = technical(Boolean)
    created_at: Mapped[datetime] = technical(UtcTime)
    last_used_at: Mapped[datetime | None] = technical(UtcTime)


class PasskeyChallenge(Base, Platform):
    """A challenge that was sent and not answered yet. Its row goes with its use.

    It is made before anybody knows who will answer, so it belongs to no tenant. The hash covers
    what it is bound to as well: there is nothing to compare, and nothing to forget to compare.
    """

    __tablename__ = "passkey_challenges"

    challenge_hash: Mapped[bytes] = technical(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime] = technical(UtcTime, index=True)
