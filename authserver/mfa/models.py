"""Second factors, the guesses at them, and sign-ins of which one half is done."""

from datetime import datetime

from sqlalchemy import (
    Boolean,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    true,
)
from sqlalchemy.orm import Mapped

from authserver.core.database.personal import OnErasure, personal, technical
from authserver.core.database.tenancy import Base, TenantScoped
from authserver.core.database.types import Document, Id, UtcTime

OWNER = ["users.tenant_id", "users.id"]


class TotpFactor(Base, TenantScoped):
    """An authenticator app. It is a factor once its first code was entered: `confirmed_at`.

    `last_step` is the newest time step of which a code was accepted; only later ones still count.
    `session_id` is the session that sets it up, if one does, `guesses` the wrong codes so far.
    """

    __tablename__ = "totp_factors"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "user_id"], OWNER),)

    id: Mapped[str] = technical(Id, primary_key=True)
    user_id: Mapped[str] = technical(Id, index=True)
    name: Mapped[str] = personal(String(60), export=True, on_erasure=OnErasure.DELETE_ROW)
    seed: Mapped[bytes] = personal(LargeBinary, export=False, on_erasure=OnErasure.DELETE_ROW)
    last_step: Mapped[int | None] = technical(Integer)
    session_id: Mapped[str | None] = technical(Id)
    guesses: Mapped[int] = technical(Integer, default=0)
    created_at: Mapped[datetime] = technical(UtcTime)
    confirmed_at: Mapped[datetime | None] = technical(UtcTime)


class BackupCode(Base, TenantScoped):
    """A code for the day the app is lost. It counts once it is kept.

    At a sign-in the person says so; who is signed in can look at it again, and it counts at once.
    """

    __tablename__ = "backup_codes"
    __table_args__ = (
        UniqueConstraint("user_id", "code_hash"),
        ForeignKeyConstraint(["tenant_id", "user_id"], OWNER),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    user_id: Mapped[str] = technical(Id)
    code_hash: Mapped[bytes] = personal(
        LargeBinary(32), export=False, on_erasure=OnErasure.DELETE_ROW
    )
    created_at: Mapped[datetime] = technical(UtcTime)
    kept_at: Mapped[datetime | None] = technical(UtcTime)
    used_at: Mapped[datetime | None] = technical(UtcTime)


class BackupCodeSheet(Base, TenantScoped):
    """New backup codes while their owner looks at them, sealed under a key of the browser."""

    __tablename__ = "backup_code_sheets"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "user_id"], OWNER),)

    user_id: Mapped[str] = technical(Id, primary_key=True)
    session_id: Mapped[str] = technical(Id)
    sealed: Mapped[bytes] = personal(LargeBinary, export=False, on_erasure=OnErasure.DELETE_ROW)
    expires_at: Mapped[datetime] = technical(UtcTime)


class TrustedBrowser(Base, TenantScoped):
    """A browser in which the password is enough for a while: its owner said so, with a code.

    Void as soon as anything of the person or the tenant moves on: the epochs are of that day.
    `device` is what its owner would call it, encrypted.
    """

    __tablename__ = "trusted_browsers"
    __table_args__ = (
        UniqueConstraint("user_id", "token_hash"),
        ForeignKeyConstraint(["tenant_id", "user_id"], OWNER),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    user_id: Mapped[str] = technical(Id)
    token_hash: Mapped[bytes] = personal(
        LargeBinary(32), index=True, export=False, on_erasure=OnErasure.DELETE_ROW
    )
    device: Mapped[bytes | None] = personal(
        LargeBinary, export=True, on_erasure=OnErasure.DELETE_ROW
    )
    user_epoch: Mapped[int] = technical(Integer)
    tenant_epoch: Mapped[int] = technical(Integer)
    created_at: Mapped[datetime] = technical(UtcTime)
    last_used_at: Mapped[datetime | None] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime)


class GuessCounter(Base, TenantScoped):
    """Wrong codes of an account, whatever sign-in they came from.

    `recent` are the times of the last hour's, in seconds since 1970; `in_a_row` those since the
    last right one.
    """

    __tablename__ = "factor_guesses"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "user_id"], OWNER),)

    user_id: Mapped[str] = technical(Id, primary_key=True)
    recent: Mapped[list[int]] = technical(Document)
    in_a_row: Mapped[int] = technical(Integer)
    locked_until: Mapped[datetime | None] = technical(UtcTime)
    updated_at: Mapped[datetime] = technical(UtcTime)


class PartialSignIn(Base, TenantScoped):
    """Somebody who has proved one thing, on the way to a session. It gives no rights.

    Belongs to one pending authorization, or one page of our own, in one browser. `created_at` is
    when it was proved, `factor_due` whether a second factor is asked for, `factor_id` the app being
    set up; `proven_at` and `proven_by` say when and by what everything was proved, `amr` all that
    was, in the words of RFC 8176; `sealed_codes` are backup codes still to be shown, under a key
    that only the browser's cookie gives; `trusts` says that the person wants to trust the browser.
    `first` is what was proved to begin with, in the words of RFC 8176 (null: a password);
    `identity_id` the federated identity by which it was, if by one.
    """

    __tablename__ = "partial_sign_ins"
    __table_args__ = (
        UniqueConstraint("pending_id", "user_id"),
        ForeignKeyConstraint(["tenant_id", "user_id"], OWNER),
    )

    id: Mapped[str] = technical(Id, primary_key=True)
    user_id: Mapped[str] = technical(Id, index=True)
    pending_id: Mapped[str] = technical(Id)
    browser_hash: Mapped[bytes] = technical(LargeBinary(32))
    token_hash: Mapped[bytes] = technical(LargeBinary(32), unique=True)
    user_epoch: Mapped[int] = technical(Integer)
    tenant_epoch: Mapped[int] = technical(Integer)
    guesses: Mapped[int] = technical(Integer)
    factor_due: Mapped[bool] = technical(Boolean, server_default=true())
    first: Mapped[list[str] | None] = technical(Document)
    identity_id: Mapped[str | None] = technical(Id)
    factor_id: Mapped[str | None] = technical(Id)
    proven_at: Mapped[datetime | None] = technical(UtcTime)
    proven_by: Mapped[str | None] = technical(String(16))
    trusts: Mapped[bool] = technical(Boolean, default=False)
    amr: Mapped[list[str] | None] = technical(Document)
    sealed_codes: Mapped[bytes | None] = personal(
        LargeBinary, export=False, on_erasure=OnErasure.DELETE_ROW
    )
    created_at: Mapped[datetime] = technical(UtcTime)
    expires_at: Mapped[datetime] = technical(UtcTime)
