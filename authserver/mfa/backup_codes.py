"""Backup codes: ten, each of 60 random bits, each good once.

Stored as HMAC-SHA-256 under a key made of the installation's password secret, which is encrypted
in the database and outlives master keys: the table alone is worth nothing to a guesser.
"""

import hashlib
import hmac
import secrets
from datetime import datetime

from sqlalchemy import delete, func, select, update

from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Actor, EventType
from authserver.core.crypto import Keyring, derive, pack
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.mfa import statements
from authserver.mfa.models import BackupCode
from authserver.mfa.notices import Reports
from authserver.mfa.policy import CODES
from authserver.tenants.service import password_pepper

# Crockford's: no i, l, o or u, so that what is read from paper is typed as it was meant.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_READ_AS = str.maketrans({"i": "1", "l": "1", "o": "0"})
_GROUPS, _GROUP = 3, 4


def new_codes() -> tuple[str, ...]:
    """Return fresh codes, like `k3tm-9x0f-27qd`."""
    return tuple(_new_code() for _ in range(CODES))


def canonical(typed: str) -> str:
    """Return what was typed without case, spaces and hyphens, look-alikes read as digits."""
    kept = "".join(typed.replace("-", "").split()).lower()
    return kept.translate(_READ_AS)


def renew(
    transaction: Transaction,
    user: UserSnapshot,
    reports: Reports,
    *,
    keyring: Keyring,
    by: Actor,
    now: datetime,
) -> tuple[str, ...]:
    """Make new codes. The old ones go at once, the new ones count when they are kept."""
    codes, key, session = (
        new_codes(),
        _key(transaction, keyring),
        transaction.tenant(user.tenant_id),
    )
    forget(transaction, user)
    session.add_all(
        BackupCode(
            id=new_id("bkc"), user_id=user.id, code_hash=_hash(key, user.id, code), created_at=now
        )
        for code in codes
    )
    session.flush()
    reports.record(transaction, EventType.BACKUP_CODES_RENEWED, user, by=by)
    return codes


def keep(transaction: Transaction, user: UserSnapshot, now: datetime) -> None:
    """Let the codes count: the person has them."""
    mine = update(BackupCode).where(BackupCode.user_id == user.id, BackupCode.kept_at.is_(None))
    transaction.tenant(user.tenant_id).execute(mine.values(kept_at=now))


def forget(transaction: Transaction, user: UserSnapshot) -> None:
    """Delete a person's codes."""
    mine = delete(BackupCode).where(BackupCode.user_id == user.id)
    transaction.tenant(user.tenant_id).execute(mine)


def left(transaction: Transaction, user: UserSnapshot) -> int:
    """Return how many codes the person has that can be used."""
    wanted = select(func.count(BackupCode.id)).where(
        BackupCode.user_id == user.id,
        BackupCode.kept_at.is_not(None),
        BackupCode.used_at.is_(None),
    )
    return transaction.tenant(user.tenant_id).scalar(wanted) or 0


def claim(
    transaction: Transaction,
    user: UserSnapshot,
    *,
    typed: str,
    keyring: Keyring,
    now: datetime,
) -> bool:
    """Use a code up; False for a wrong one, and for a right one the second time."""
    presented = _hash(_key(transaction, keyring), user.id, typed)
    values = {"of_tenant": user.tenant_id, "of_person": user.id, "presented": presented, "now": now}
    return transaction.change(statements.CLAIM_BACKUP_CODE, values) == 1


def _new_code() -> str:
    letters = [secrets.choice(_ALPHABET) for _ in range(_GROUPS * _GROUP)]
    return "-".join("".join(letters[at : at + _GROUP]) for at in range(0, len(letters), _GROUP))


def _key(transaction: Transaction, keyring: Keyring) -> bytes:
    return derive(password_pepper(transaction, keyring), "backup codes")


def _hash(key: bytes, user_id: str, code: str) -> bytes:
    return hmac.digest(key, pack(user_id, canonical(code)), hashlib.sha256)
