"""New backup codes while their owner looks at them: to read, download, copy or print.

There is one sheet for a person, for one session, for a quarter of an hour. It is sealed under a key
that only the browser brings: the database does not hold what opens it.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from authserver.accounts.directory import UserSnapshot
from authserver.core.crypto import DecryptionError, seal, unseal
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint
from authserver.mfa.models import BackupCodeSheet
from authserver.mfa.own.values import Present

SHOWN_FOR = timedelta(minutes=15)
_PURPOSE = "backup codes on a sheet"


def put(transaction: Transaction, who: Present, codes: tuple[str, ...], *, now: datetime) -> None:
    """Lay out new codes for who asks; those of before are gone."""
    close(transaction, who.user)
    clear = "\n".join(codes).encode()
    row = BackupCodeSheet(
        user_id=who.user.id,
        session_id=who.session_id,
        sealed=seal(_key(who), clear, who.session_id.encode()),
        expires_at=now + SHOWN_FOR,
    )
    transaction.tenant(who.user.tenant_id).add(row)


def read(transaction: Transaction, who: Present, *, now: datetime) -> tuple[str, ...]:
    """Return the codes that are laid out for this session in this browser, nothing if none are."""
    wanted = select(BackupCodeSheet.sealed).where(
        BackupCodeSheet.user_id == who.user.id,
        BackupCodeSheet.session_id == who.session_id,
        BackupCodeSheet.expires_at > now,
    )
    sealed = transaction.tenant(who.user.tenant_id).scalar(wanted)
    if sealed is None:
        return ()
    try:
        clear = unseal(_key(who), sealed, who.session_id.encode())
    except DecryptionError:
        return ()
    return tuple(clear.decode().split())


def close(transaction: Transaction, user: UserSnapshot) -> None:
    """Put the sheet away."""
    mine = delete(BackupCodeSheet).where(BackupCodeSheet.user_id == user.id)
    transaction.tenant(user.tenant_id).execute(mine)


def _key(who: Present) -> bytes:
    return fingerprint(who.browser, _PURPOSE)
