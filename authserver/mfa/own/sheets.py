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

SHOWN_FOR = timedelta(minutes=15)
_PURPOSE = "backup codes on a sheet"


def put(
    transaction: Transaction,
    user: UserSnapshot,
    *,
    session_id: str,
    browser: str,
    codes: tuple[str, ...],
    now: datetime,
) -> None:
    """Lay out new codes; those of before are gone. `browser` is a secret that the browser keeps."""
    close(transaction, user)
    clear = "\n".join(codes).encode()
    row = BackupCodeSheet(
        user_id=user.id,
        session_id=session_id,
        sealed=seal(fingerprint(browser, _PURPOSE), clear, session_id.encode()),
        expires_at=now + SHOWN_FOR,
    )
    transaction.tenant(user.tenant_id).add(row)


def read(
    transaction: Transaction,
    user: UserSnapshot,
    *,
    session_id: str,
    browser: str,
    now: datetime,
) -> tuple[str, ...]:
    """Return the codes that are laid out for this session in this browser, nothing if none are."""
    wanted = select(BackupCodeSheet.sealed).where(
        BackupCodeSheet.user_id == user.id,
        BackupCodeSheet.session_id == session_id,
        BackupCodeSheet.expires_at > now,
    )
    sealed = transaction.tenant(user.tenant_id).scalar(wanted)
    if sealed is None:
        return ()
    try:
        clear = unseal(fingerprint(browser, _PURPOSE), sealed, session_id.encode())
    except DecryptionError:
        return ()
    return tuple(clear.decode().split())


def close(transaction: Transaction, user: UserSnapshot) -> None:
    """Put the sheet away."""
    mine = delete(BackupCodeSheet).where(BackupCodeSheet.user_id == user.id)
    transaction.tenant(user.tenant_id).execute(mine)
