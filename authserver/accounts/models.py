"""Accounts, their failure counters, the devices they signed in from, and their pictures."""

from datetime import datetime

from sqlalchemy import (
    Boolean,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    column,
    event,
    false,
    inspect,
    true,
)
from sqlalchemy.orm import Mapped, validates

from authserver.accounts.details.searching import KEY, name_keys
from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Id, OptionalDocument, UtcTime, sorted_text

OWNER = ["users.tenant_id", "users.id"]
# The devices that the account does not know, as one class; and all devices together.
UNTRUSTED, EVERYWHERE = "untrusted", "everywhere"
_CLOSED = column("disabled_at").is_not(None)
_UNPROVED = column("email_verified").is_not(true())
_GUESTS = column("home_user_id").is_not(None)  # most accounts are none, and not in the index


class User(Base, TenantScoped):
    """A person's account in one tenant; `home_user_id` makes it a guest account.

    `password_reset_required`: after too many guesses the password opens nothing any more.
    `password_change_required`: it still does, and has to be changed at the next sign-in; a
    temporary one opens nothing any more from `password_expires_at`.
    `picture_id` names the row of `pictures`, and is in the URL that shows it. `details` are further
    standard claims (OpenID Connect Core section 5.1) by their names; most people have none.
    `name_key` and `family_key` are what the name is found by, and follow it. `version` counts the
    changes of what administrators see. What was erased is disabled for good and found by nobody:
    the row keeps the id from meaning somebody else.
    """

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "email_canonical"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        # Nobody is twice a guest in the same tenant.
        Index(
            "ix_users_home_user_id_tenant_id",
            "home_user_id",
            "tenant_id",
            unique=True,
            sqlite_where=_GUESTS,
            postgresql_where=_GUESTS,
        ),
        # What lists of people are sorted and searched by.
        Index("ix_users_tenant_id_name_key", "tenant_id", "name_key", "id"),
        Index("ix_users_tenant_id_family_key", "tenant_id", "family_key", "id"),
        Index("ix_users_tenant_id_created_at", "tenant_id", "created_at", "id"),
        Index(
            "ix_users_unproved",
            "tenant_id",
            "created_at",
            "id",
            sqlite_where=_UNPROVED,
            postgresql_where=_UNPROVED,
        ),
        Index(
            "ix_users_disabled",
            "tenant_id",
            "id",
            sqlite_where=_CLOSED,
            postgresql_where=_CLOSED,
        ),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    email: Mapped[str] = personal(String(254), export=True, on_erasure=OnErasure.BLANK)
    email_canonical: Mapped[str] = personal(
        sorted_text(320), index=True, export=False, on_erasure=OnErasure.BLANK
    )
    email_verified: Mapped[bool] = technical(Boolean, default=False)
    name: Mapped[str] = personal(String(120), export=True, on_erasure=OnErasure.BLANK)
    name_key: Mapped[str] = personal(
        sorted_text(KEY), server_default="", export=False, on_erasure=OnErasure.BLANK
    )
    family_key: Mapped[str] = personal(
        sorted_text(KEY), server_default="", export=False, on_erasure=OnErasure.BLANK
    )
    locale: Mapped[str | None] = personal(String(8), export=True, on_erasure=OnErasure.BLANK)
    zoneinfo: Mapped[str | None] = personal(String(64), export=True, on_erasure=OnErasure.BLANK)
    details: Mapped[dict[str, object] | None] = personal(
        OptionalDocument, export=True, on_erasure=OnErasure.BLANK
    )
    password_hash: Mapped[str | None] = personal(
        String(128), export=False, on_erasure=OnErasure.BLANK
    )
    password_changed_at: Mapped[datetime | None] = technical(UtcTime)
    password_reset_required: Mapped[bool] = technical(Boolean, default=False)
    password_change_required: Mapped[bool] = technical(
        Boolean, default=False, server_default=false()
    )
    password_expires_at: Mapped[datetime | None] = technical(UtcTime)
    disabled_at: Mapped[datetime | None] = technical(UtcTime)
    erased_at: Mapped[datetime | None] = technical(UtcTime)
    security_epoch: Mapped[int] = technical(Integer, default=1)
    home_user_id: Mapped[str | None] = technical(ForeignKey("users.id"))
    picture_id: Mapped[str | None] = personal(String(43), export=False, on_erasure=OnErasure.BLANK)
    version: Mapped[int] = technical(Integer, default=1, server_default="1")
    created_at: Mapped[datetime] = technical(UtcTime)
    updated_at: Mapped[datetime] = technical(UtcTime)

    @validates("name")
    def _find_by(self, _attribute: str, name: str) -> str:
        self.name_key, self.family_key = name_keys(name)
        return name


@event.listens_for(User, "before_update")
def _count_change(_mapper: object, _connection: object, user: User) -> None:
    """Let whoever read the account before see that it is another one now (If-Match)."""
    state = inspect(user)
    if state.session is not None and state.session.is_modified(user):
        user.version += 1


class FailureCounter(Base, TenantScoped):
    """Wrong passwords in a row, for one class of devices of one account."""

    __tablename__ = "failure_counters"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "user_id"], OWNER),)

    user_id: Mapped[str] = technical(Id, primary_key=True)
    device: Mapped[str] = technical(String(40), primary_key=True)
    failures: Mapped[int] = technical(Integer, default=0)
    locked_until: Mapped[datetime | None] = technical(UtcTime)
    updated_at: Mapped[datetime] = technical(UtcTime)


class KnownDevice(Base, TenantScoped):
    """A browser that signed in to the account before, known by a cookie of its own.

    `device` is what its owner would call it, encrypted.
    """

    __tablename__ = "known_devices"
    __table_args__ = (
        UniqueConstraint("user_id", "token_hash"),
        ForeignKeyConstraint(["tenant_id", "user_id"], OWNER),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    user_id: Mapped[str] = technical(Id, index=True)
    token_hash: Mapped[bytes] = personal(
        LargeBinary(32), export=False, on_erasure=OnErasure.DELETE_ROW
    )
    device: Mapped[bytes | None] = personal(
        LargeBinary, export=True, on_erasure=OnErasure.DELETE_ROW
    )
    created_at: Mapped[datetime] = technical(UtcTime)
    last_seen_at: Mapped[datetime] = technical(UtcTime)


class Picture(Base, TenantScoped):
    """What a person looks like: a WebP of our own making. Who knows the id may see it."""

    __tablename__ = "pictures"
    __table_args__ = (
        UniqueConstraint("user_id"),
        ForeignKeyConstraint(["tenant_id", "user_id"], OWNER),
    )

    id: Mapped[str] = personal(
        String(43), primary_key=True, export=False, on_erasure=OnErasure.DELETE_ROW
    )
    user_id: Mapped[str] = technical(Id)
    image: Mapped[bytes] = personal(LargeBinary, export=True, on_erasure=OnErasure.DELETE_ROW)
    created_at: Mapped[datetime] = technical(UtcTime)
