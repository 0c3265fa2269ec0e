"""The rows of passkeys: kept, found, used, renamed, taken away."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from authserver.accounts.directory import UserSnapshot
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.passkeys import statements
from authserver.passkeys.models import Passkey, PasskeyOwner
from authserver.passkeys.names import free_name
from authserver.passkeys.values import Made, Used

_HANDLE_BYTES = 32


@dataclass(frozen=True)
class Known:
    """A passkey as an answer is checked against it. `slug` is its tenant's."""

    id: str
    tenant_id: str
    user_id: str
    public_key: bytes
    sign_count: int
    synced: bool
    name: str
    handle: bytes
    slug: str


@dataclass(frozen=True)
class Listed:
    """A passkey as its owner sees it."""

    id: str
    name: str
    synced: bool
    backed_up: bool
    created_at: datetime
    last_used_at: datetime | None


def owner(transaction: Transaction, user: UserSnapshot, *, now: datetime) -> PasskeyOwner:
    """Return the person's row, making it with a random handle if there is none."""
    session = transaction.tenant(user.tenant_id)
    row = session.scalar(select(PasskeyOwner).where(PasskeyOwner.user_id == user.id))
    if row is None:
        handle = secrets.token_bytes(_HANDLE_BYTES)
        row = PasskeyOwner(user_id=user.id, handle=handle, recent=[], in_a_row=0, updated_at=now)
        session.add(row)
        session.flush()
    return row


def find(transaction: Transaction, credential_id: bytes) -> Known | None:
    """Return the passkey of an id, whoever's it is."""
    row = transaction.row(statements.FIND_PASSKEY, {"credential_id": credential_id})
    return Known(**row) if row else None


def is_known(transaction: Transaction, credential_id: bytes) -> bool:
    """Tell whether any account has a passkey of this id."""
    return (
        transaction.row(statements.PASSKEY_IS_KNOWN, {"credential_id": credential_id}) is not None
    )


def ours_of(transaction: Transaction, user: UserSnapshot) -> Sequence[str]:
    """Return the ids by which the person's passkeys are known here."""
    wanted = select(Passkey.id).where(Passkey.user_id == user.id)
    return transaction.tenant(user.tenant_id).scalars(wanted).all()


def ids_of(transaction: Transaction, user: UserSnapshot) -> Sequence[bytes]:
    """Return what authenticators call the person's passkeys."""
    wanted = select(Passkey.credential_id).where(Passkey.user_id == user.id).order_by(Passkey.id)
    return transaction.tenant(user.tenant_id).scalars(wanted).all()


def all_of(transaction: Transaction, tenant_id: str, user_id: str) -> list[Listed]:
    """Return the person's passkeys, the oldest first."""
    wanted = select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)
    return [
        Listed(row.id, row.name, row.synced, row.backed_up, row.created_at, row.last_used_at)
        for row in transaction.tenant(tenant_id).scalars(wanted)
    ]


def keep(
    transaction: Transaction, user: UserSnapshot, made: Made, *, name: str, now: datetime
) -> Listed:
    """Store a new passkey, under a name that no other of the person has."""
    session = transaction.tenant(user.tenant_id)
    taken = session.scalars(select(Passkey.name).where(Passkey.user_id == user.id)).all()
    row = Passkey(
        id=new_id("pky"),
        user_id=user.id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        name=free_name(name, taken),
        aaguid=made.aaguid,
        transports=list(made.transports),
        sign_count=made.sign_count,
        synced=made.synced,
        backed_up=made.backed_up,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return Listed(row.id, row.name, row.synced, row.backed_up, now, None)


def use(transaction: Transaction, known: Known, used: Used, *, now: datetime) -> bool:
    """Note a use; False where the counter went back, or the passkey is gone."""
    values = {
        "of_tenant": known.tenant_id,
        "passkey_id": known.id,
        "counted": used.sign_count,
        "backed_up": used.backed_up,
        "now": now,
    }
    return transaction.change(statements.USE_PASSKEY, values) == 1


def rename(transaction: Transaction, user: UserSnapshot, passkey_id: str, *, name: str) -> bool:
    """Call a passkey something else; False if the person has no such passkey."""
    mine = (
        update(Passkey)
        .where(Passkey.id == passkey_id, Passkey.user_id == user.id)
        .values(name=name)
        .returning(Passkey.id)
        .execution_options(synchronize_session=False)
    )
    return transaction.tenant(user.tenant_id).execute(mine).first() is not None


def remove(transaction: Transaction, user: UserSnapshot, passkey_id: str) -> str | None:
    """Take a passkey away and return its name, None if the person has no such passkey."""
    mine = (
        delete(Passkey)
        .where(Passkey.id == passkey_id, Passkey.user_id == user.id)
        .returning(Passkey.name)
        .execution_options(synchronize_session=False)
    )
    return transaction.tenant(user.tenant_id).scalars(mine).first()


def forget_all(transaction: Transaction, tenant_id: str, user_id: str) -> list[str]:
    """Take every passkey of a person away, with the handle and the counts; return their ids."""
    session = transaction.tenant(tenant_id)
    gone = (
        delete(Passkey)
        .where(Passkey.user_id == user_id)
        .returning(Passkey.id)
        .execution_options(synchronize_session=False)
    )
    ids = list(session.scalars(gone))
    session.execute(delete(PasskeyOwner).where(PasskeyOwner.user_id == user_id))
    return ids
