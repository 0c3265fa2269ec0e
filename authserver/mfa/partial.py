"""Partial sign-ins: the first proof is there, and more is due. No rights come of it (TOP-07).

The first proof is a password, or what a provider said (decision 0026).

What is due: a second factor, keeping its backup codes, and a new password, in this order.

Named by a cookie of its own, and good only for what is being signed in to and the browser that it
was made in. There is one for each person and hop, so that typing the password again does not give
new guesses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.models import User
from authserver.accounts.standing import Account
from authserver.core.crypto import same, seal, unseal
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_id, new_secret
from authserver.mfa import statements
from authserver.mfa.models import PartialSignIn
from authserver.mfa.policy import CODE, PASSWORD
from authserver.tenants.numbers import Tightened

_PURPOSE, _BROWSER, _SHOWN = "partial_sign_in", "partial_browser", "backup codes to be shown"


@dataclass(frozen=True)
class Hop:
    """What is being signed in to, and the browser that a request proved to come from.

    `pending_id` is the id of a pending authorization, or for a page of our own one that the pages
    make up, which no pending authorization can have.
    """

    pending_id: str
    browser: str


@dataclass(frozen=True)
class First:
    """The first proof: what it was in words of RFC 8176, and by which identity if by one."""

    amr: tuple[str, ...] = PASSWORD
    identity_id: str | None = None


BY_PASSWORD = First()


@dataclass(frozen=True)
class Partial:
    """A sign-in of which one half is done, with the person's data as they are now.

    `is_asked`: a second factor was due when it began; `change_due`: the password has to be changed.
    `amr` is all that is proved so far. `tightened`: the numbers of the tenant's own.
    """

    id: str
    token: str
    user: UserSnapshot
    begun_at: datetime
    first: First
    guesses: int
    has_app: bool
    has_passkey: bool
    is_asked: bool
    change_due: bool
    factor_id: str | None
    proven_at: datetime | None
    proven_by: str | None
    amr: tuple[str, ...]
    sealed_codes: bytes | None
    trusts: bool
    tightened: Tightened | None

    @property
    def has_factor(self) -> bool:
        """Tell whether there is anything to ask for."""
        return self.has_app or self.has_passkey

    @property
    def factor_due(self) -> bool:
        """Tell whether a second factor is asked for: always of who has one."""
        return self.is_asked or self.has_factor

    @property
    def may_set_up(self) -> bool:
        """Tell whether a first factor may be made here: one is due, and there is none."""
        return self.factor_due and not self.has_factor and self.proven_at is None

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the backup codes that are to be shown, nothing if there are none."""
        if self.sealed_codes is None:
            return ()
        opened = unseal(fingerprint(self.token, _SHOWN), self.sealed_codes, self.id.encode())
        return tuple(opened.decode().split())


@dataclass(frozen=True)
class Begun:
    """How a partial sign-in begins: when, for how long, by what, and whether a factor is due."""

    at: datetime
    life: timedelta
    factor_due: bool
    first: First = BY_PASSWORD


def begin(
    transaction: Transaction,
    account: Account,
    hop: Hop,
    *,
    begun: Begun,
) -> str:
    """Remember that the first proof was right; return the token for the cookie.

    One that is over was of this hop before, with its guesses: then it begins anew.
    """
    user, token = account.user, new_secret()
    session = transaction.tenant(user.tenant_id)
    row = session.scalar(
        select(PartialSignIn).where(
            PartialSignIn.user_id == user.id, PartialSignIn.pending_id == hop.pending_id
        )
    )
    if row is None:
        row = PartialSignIn(id=new_id("par"), user_id=user.id, pending_id=hop.pending_id, guesses=0)
        session.add(row)
    elif row.expires_at <= begun.at:
        row.guesses = 0
    row.created_at, row.factor_due = begun.at, begun.factor_due
    by_password = begun.first == BY_PASSWORD
    row.first = None if by_password else list(begun.first.amr)
    row.identity_id = begun.first.identity_id
    row.browser_hash = fingerprint(hop.browser, _BROWSER)
    row.token_hash = fingerprint(token, _PURPOSE)
    row.user_epoch = user.security_epoch
    row.tenant_epoch = account.tenant_epoch
    row.factor_id = row.proven_at = row.proven_by = row.amr = row.sealed_codes = None
    row.trusts = False
    # Typing the password again gives no more time either: when it is over, one begins anew.
    if not row.guesses:
        row.expires_at = begun.at + begun.life
    return token


def find(transaction: Transaction, token: str, hop: Hop, *, now: datetime) -> Partial | None:
    """Return the partial sign-in of this very hop, None where it is over or of another."""
    wanted = {"token_hash": fingerprint(token, _PURPOSE), "now": now}
    row = transaction.row(statements.FIND_PARTIAL, wanted)
    if row is None or row["pending_id"] != hop.pending_id:
        return None
    if not same(row["browser_hash"], fingerprint(hop.browser, _BROWSER)):
        return None
    return _partial(token, row)


def locked(transaction: Transaction, token: str, hop: Hop, *, now: datetime) -> Partial | None:
    """Return what `find` does, with the person's row held: whoever comes after sees what is done.

    PostgreSQL holds the row until the end of the transaction, SQLite the whole database.
    """
    found = find(transaction, token, hop, now=now)
    if found is None:
        return None
    lock(transaction, found.user)
    return find(transaction, token, hop, now=now)


def lock(transaction: Transaction, user: UserSnapshot) -> None:
    """Hold a person's row until the end of the transaction."""
    held = select(User.id).where(User.id == user.id).with_for_update(of=User)
    transaction.tenant(user.tenant_id).execute(held)


def change(transaction: Transaction, partial: Partial, **values: object) -> None:
    """Change the row."""
    mine = update(PartialSignIn).where(PartialSignIn.id == partial.id)
    transaction.tenant(partial.user.tenant_id).execute(mine.values(**values))


@dataclass(frozen=True)
class Proof:
    """What proved that it is the person, when, and all that was proved in words of RFC 8176."""

    method: str
    at: datetime
    amr: tuple[str, ...]


def prove(
    transaction: Transaction, partial: Partial, proof: Proof, *, codes: tuple[str, ...]
) -> None:
    """Remember that everything is proved, and which backup codes are still to be shown."""
    key, clear = fingerprint(partial.token, _SHOWN), "\n".join(codes).encode()
    sealed = seal(key, clear, partial.id.encode()) if codes else None
    change(
        transaction,
        partial,
        proven_at=proof.at,
        proven_by=proof.method,
        amr=list(proof.amr),
        sealed_codes=sealed,
    )


def finish(transaction: Transaction, partial: Partial) -> bool:
    """Forget it, because a session takes its place; False if somebody else just did."""
    mine = delete(PartialSignIn).where(PartialSignIn.id == partial.id).returning(PartialSignIn.id)
    gone = transaction.tenant(partial.user.tenant_id).execute(
        mine.execution_options(synchronize_session=False)
    )
    return gone.first() is not None


def _partial(token: str, row: Mapping[str, Any]) -> Partial:
    user = UserSnapshot(
        id=row["user_id"],
        tenant_id=row["tenant_id"],
        email=row["email"],
        name=row["name"],
        locale=row["locale"],
        security_epoch=row["security_epoch"],
        picture_id=row["picture_id"],
    )
    first = First(tuple(row["first"] or PASSWORD), row["identity_id"])
    proved = (*first.amr, *CODE) if row["proven_at"] else first.amr
    return Partial(
        id=row["id"],
        token=token,
        user=user,
        begun_at=row["created_at"],
        first=first,
        guesses=row["guesses"],
        has_app=bool(row["has_app"]),
        has_passkey=bool(row["has_passkey"]),
        is_asked=bool(row["factor_due"]),
        change_due=bool(row["password_change_required"]),
        factor_id=row["factor_id"],
        proven_at=row["proven_at"],
        proven_by=row["proven_by"],
        amr=tuple(row["amr"] or proved),
        sealed_codes=row["sealed_codes"],
        trusts=bool(row["trusts"]),
        tightened=row["tightened"],
    )
