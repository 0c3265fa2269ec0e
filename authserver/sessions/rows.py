"""The rows of sessions, by the browser they are in. Part of the platform service of service.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, literal, select, update

from authserver.accounts.directory import UserSnapshot
from authserver.core.database.engine import Transaction
from authserver.core.database.types import UtcTime
from authserver.core.ids import fingerprint
from authserver.sessions import statements
from authserver.sessions.live import LiveSession
from authserver.sessions.models import PASSWORD, SECOND_FACTOR, UserSession
from authserver.tenants.models import Tenant

_PURPOSE = "browser"


def name_hash(browser_token: str) -> bytes:
    """Return the hash under which a browser's name is stored."""
    return fingerprint(browser_token, _PURPOSE)


def within_life(now: datetime, idle: timedelta) -> ColumnElement[bool]:
    """Return the condition of a session that is not ended, idle or over, beside its `Tenant`."""
    moment, seen_after = (literal(when, UtcTime()) for when in (now, now - idle))
    return and_(UserSession.level >= PASSWORD, statements.within_life(moment, seen_after))


def seen(transaction: Transaction, session: LiveSession, *, now: datetime, idle: timedelta) -> None:
    """Note that a session was used now. One that ended or idled out stays so."""
    in_time = exists(
        select(1).where(Tenant.id == UserSession.tenant_id, within_life(now, idle))
    ).correlate(UserSession)
    alive = update(UserSession).where(
        UserSession.id == session.id, UserSession.last_seen_at < now, in_time
    )
    transaction.tenant(session.tenant_id).execute(
        alive.values(last_seen_at=now).execution_options(synchronize_session=False)
    )


@dataclass(frozen=True)
class There:
    """A session of a browser that was not ended; it may be over all the same."""

    id: str
    tenant_id: str
    user_id: str
    issuer: str
    home_session_id: str | None
    has_guests: bool
    live: bool


Row = UserSession | There


def there(
    transaction: Transaction, browser_token: str | None, *, now: datetime, seen_after: datetime
) -> list[There]:
    """Return what was not ended, at every issuer and in every tenant, and whether it is live."""
    if not browser_token:
        return []
    wanted = {"browser_hash": name_hash(browser_token), "now": now, "seen_after": seen_after}
    return [There(**row) for row in transaction.rows(statements.IN_BROWSER, wanted)]


def new(row: UserSession) -> dict[str, Any]:
    """Return the values of `BEGIN_SESSION`."""
    values = {f"new_{name}": getattr(row, name) for name in statements.SESSION_COLUMNS}
    return {**values, "of_tenant": row.tenant_id, "of_person": row.user_id}


def renew(transaction: Transaction, session_id: str, by: UserSession) -> bool:
    """Let a session go on from a new sign-in; False where it, or what it needs, has ended."""
    return transaction.change(statements.RENEW_SESSION, {**new(by), "session_id": session_id}) == 1


def of_browser(transaction: Transaction, browser_token: str | None) -> Sequence[UserSession]:
    """Return what was not ended, live or expired, at every issuer and in every tenant."""
    if not browser_token:
        return ()
    wanted = select(UserSession).where(
        UserSession.browser_hash == name_hash(browser_token), UserSession.ended_at.is_(None)
    )
    return transaction.platform().scalars(wanted).all()


def opened_from(transaction: Transaction, row: Row) -> Sequence[UserSession]:
    """Return the sessions of guest accounts that were opened from a session, and not ended."""
    if row.home_session_id is not None:
        return ()  # a guest has no guests
    wanted = select(UserSession).where(
        UserSession.home_session_id == row.id, UserSession.ended_at.is_(None)
    )
    return transaction.platform().scalars(wanted).all()


def hold(
    transaction: Transaction, tenant_id: str, session_id: str, *, browser_token: str
) -> int | None:
    """Hold a session's row until the end of the transaction; return the epochs that it stands on.

    They are added up, as `HOME_EPOCH` is. None where it has ended, or is in a browser of another
    name by now: the old one must not get anything new. Who ends or moves it comes after, and finds
    what was opened from it.
    """
    wanted = (
        select(UserSession.user_epoch + UserSession.tenant_epoch)
        .where(
            UserSession.id == session_id,
            UserSession.browser_hash == name_hash(browser_token),
            UserSession.ended_at.is_(None),
        )
        .with_for_update(of=UserSession)
    )
    return transaction.tenant(tenant_id).scalar(wanted)


def move(transaction: Transaction, old: str, new: str) -> None:
    """Give the browser's rows, of every tenant and issuer, its new name."""
    moved = update(UserSession).where(
        UserSession.browser_hash == name_hash(old), UserSession.ended_at.is_(None)
    )
    transaction.platform().execute(
        moved.values(browser_hash=name_hash(new)).execution_options(synchronize_session=False)
    )


def carry_on(transaction: Transaction, session_id: str, user: UserSnapshot) -> None:
    """Let one session go on after the account's epoch was raised by one, which ends the others.

    `user` is the account after that. For a change of password, where a session made it.
    """
    lives_on = update(UserSession).where(
        UserSession.id == session_id,
        UserSession.user_id == user.id,
        UserSession.user_epoch == user.security_epoch - 1,
        UserSession.ended_at.is_(None),
    )
    transaction.tenant(user.tenant_id).execute(lives_on.values(user_epoch=user.security_epoch))


def raise_level(
    transaction: Transaction, session_id: str, user: UserSnapshot, *, methods: tuple[str, ...]
) -> None:
    """Let a session that had only the first proof say that a second factor was proved, too.

    `auth_time` stays: it is the older proof of the two.
    """
    session = transaction.tenant(user.tenant_id)
    mine = (
        UserSession.id == session_id,
        UserSession.user_id == user.id,
        UserSession.user_epoch == user.security_epoch,
        UserSession.level < SECOND_FACTOR,
        UserSession.ended_at.is_(None),
    )
    first = session.scalar(select(UserSession.amr).where(*mine))
    if first is not None:
        values = {"level": SECOND_FACTOR, "amr": [*first, *methods]}
        session.execute(update(UserSession).where(*mine).values(**values))
