"""The rows of authenticator apps: begun, confirmed by a first code, checked, taken away."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from authserver.accounts.directory import UserSnapshot
from authserver.core.crypto import Keyring, Place
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.mfa import statements, totp
from authserver.mfa.models import TotpFactor

NAME = "Authenticator app"
FORGOTTEN_AFTER = timedelta(hours=1)  # one that was begun and never confirmed


@dataclass(frozen=True)
class App:
    """An app that counts, as its owner sees it."""

    id: str
    name: str
    added_at: datetime


@dataclass(frozen=True)
class SetUp:
    """An app that is being set up in a session, and the wrong codes so far."""

    id: str
    seed: bytes
    guesses: int


def begin(
    transaction: Transaction,
    user: UserSnapshot,
    *,
    seed: bytes,
    keyring: Keyring,
    now: datetime,
    session_id: str | None = None,
) -> str:
    """Store an app that does not count yet; return its id. `session_id` is where it is set up."""
    session, factor_id = transaction.tenant(user.tenant_id), new_id("fct")
    stale = delete(TotpFactor).where(
        TotpFactor.user_id == user.id,
        TotpFactor.confirmed_at.is_(None),
        TotpFactor.created_at <= now - FORGOTTEN_AFTER,
    )
    session.execute(stale)
    sealed = keyring.encrypt(seed, _place(factor_id))
    row = TotpFactor(id=factor_id, user_id=user.id, name=NAME, seed=sealed, created_at=now)
    row.session_id, row.guesses = session_id, 0
    session.add(row)
    session.flush()
    return factor_id


def being_set_up(
    transaction: Transaction,
    user: UserSnapshot,
    session_id: str,
    *,
    keyring: Keyring,
    now: datetime,
) -> SetUp | None:
    """Return the app that is being set up in this very session, None if there is none."""
    wanted = select(TotpFactor).where(
        TotpFactor.user_id == user.id,
        TotpFactor.session_id == session_id,
        TotpFactor.confirmed_at.is_(None),
        TotpFactor.created_at > now - FORGOTTEN_AFTER,
    )
    row = transaction.tenant(user.tenant_id).scalar(wanted)
    if row is None:
        return None
    return SetUp(row.id, keyring.decrypt(row.seed, _place(row.id)), row.guesses)


def count_guess(transaction: Transaction, user: UserSnapshot, set_up: SetUp, *, most: int) -> None:
    """Count a wrong code of an app that is being set up; after too many it is void."""
    if set_up.guesses + 1 >= most:
        remove(transaction, user, set_up.id)
        return
    mine = update(TotpFactor).where(TotpFactor.id == set_up.id, TotpFactor.user_id == user.id)
    transaction.tenant(user.tenant_id).execute(mine.values(guesses=set_up.guesses + 1))


def seed_of(
    transaction: Transaction, user: UserSnapshot, factor_id: str, *, keyring: Keyring
) -> bytes | None:
    """Return the seed of an app that is being set up, None if there is none."""
    wanted = select(TotpFactor.seed).where(
        TotpFactor.id == factor_id,
        TotpFactor.user_id == user.id,
        TotpFactor.confirmed_at.is_(None),
    )
    sealed = transaction.tenant(user.tenant_id).scalar(wanted)
    return keyring.decrypt(sealed, _place(factor_id)) if sealed else None


def confirm(
    transaction: Transaction,
    user: UserSnapshot,
    factor_id: str,
    *,
    code: str,
    keyring: Keyring,
    now: datetime,
) -> bool:
    """Let an app count if the code is its: its step is used. Others that were begun go."""
    seed = seed_of(transaction, user, factor_id, keyring=keyring)
    step = totp.matched_step(seed, code, now, after=None) if seed else None
    if step is None:
        return False
    session = transaction.tenant(user.tenant_id)
    mine = update(TotpFactor).where(TotpFactor.id == factor_id, TotpFactor.confirmed_at.is_(None))
    session.execute(mine.values(confirmed_at=now, last_step=step))
    begun = delete(TotpFactor).where(
        TotpFactor.user_id == user.id, TotpFactor.confirmed_at.is_(None)
    )
    session.execute(begun)
    return True


def claim(
    transaction: Transaction, user: UserSnapshot, *, code: str, keyring: Keyring, now: datetime
) -> bool:
    """Use a code up; False for a wrong one, and for a right one the second time."""
    wanted = select(TotpFactor.id, TotpFactor.seed, TotpFactor.last_step).where(
        TotpFactor.user_id == user.id, TotpFactor.confirmed_at.is_not(None)
    )
    for row in transaction.tenant(user.tenant_id).execute(wanted).all():
        seed = keyring.decrypt(row.seed, _place(row.id))
        step = totp.matched_step(seed, code, now, after=row.last_step)
        if step is not None:
            values = {"of_tenant": user.tenant_id, "factor_id": row.id, "step": step}
            return transaction.change(statements.CLAIM_STEP, values) == 1
    return False


def all_of(transaction: Transaction, user: UserSnapshot) -> list[str]:
    """Return the ids of the apps that count."""
    wanted = select(TotpFactor.id).where(
        TotpFactor.user_id == user.id, TotpFactor.confirmed_at.is_not(None)
    )
    return list(transaction.tenant(user.tenant_id).scalars(wanted))


def listed(transaction: Transaction, user: UserSnapshot) -> list[App]:
    """Return the apps that count, the oldest first."""
    wanted = (
        select(TotpFactor)
        .where(TotpFactor.user_id == user.id, TotpFactor.confirmed_at.is_not(None))
        .order_by(TotpFactor.confirmed_at, TotpFactor.id)
    )
    rows = transaction.tenant(user.tenant_id).scalars(wanted)
    return [App(row.id, row.name, row.confirmed_at or row.created_at) for row in rows]


def rename(transaction: Transaction, user: UserSnapshot, factor_id: str, *, name: str) -> None:
    """Give an app another name."""
    mine = update(TotpFactor).where(TotpFactor.id == factor_id, TotpFactor.user_id == user.id)
    transaction.tenant(user.tenant_id).execute(mine.values(name=name))


def remove(transaction: Transaction, user: UserSnapshot, factor_id: str) -> str | None:
    """Take an app away and return its name, None if the person has no such app."""
    mine = (
        delete(TotpFactor)
        .where(TotpFactor.id == factor_id, TotpFactor.user_id == user.id)
        .returning(TotpFactor.name)
        .execution_options(synchronize_session=False)
    )
    return transaction.tenant(user.tenant_id).scalars(mine).first()


def _place(factor_id: str) -> Place:
    return Place("totp_factors", "seed", factor_id)
