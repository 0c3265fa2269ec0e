"""The rows of provider tokens: nothing but ciphertext, and never written over unseen."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, or_, select, update

from authserver.accounts.directory import UserSnapshot
from authserver.core.crypto import Keyring, Place
from authserver.core.database.engine import Transaction
from authserver.federation.models import FederatedIdentity, ProviderToken
from authserver.federation.values import Tokens

_Row = ProviderToken
_MAX_SCOPE = 1024


@dataclass(frozen=True)
class Kept:
    """The tokens of an identity as they were at one version of their row."""

    identity_id: str
    connection_id: str
    user: UserSnapshot
    version: int
    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    scope: str
    expires_at: datetime | None
    claimed_until: datetime | None
    updated_at: datetime

    def good_at(self, moment: datetime) -> bool:
        """Tell whether the access token is; one without an end is until its provider says no."""
        return self.expires_at is None or self.expires_at > moment

    def claimed_at(self, moment: datetime) -> bool:
        """Tell whether somebody refreshes them."""
        return self.claimed_until is not None and self.claimed_until > moment


class Vault:
    """Keeps tokens, and gives them to who is in this process."""

    def __init__(self, keyring: Keyring) -> None:
        """Take the keys."""
        self._keyring = keyring

    def keep(
        self,
        transaction: Transaction,
        identity_id: str,
        user: UserSnapshot,
        *,
        tokens: Tokens,
        now: datetime,
    ) -> None:
        """Keep what a sign-in brought; what was kept before is replaced.

        A provider that names no refresh token this time leaves the one it gave before (RFC 6749
        section 6). Nothing is kept for an identity that is not the account's any more.
        """
        mine = select(FederatedIdentity.id).where(
            FederatedIdentity.id == identity_id, FederatedIdentity.user_id == user.id
        )
        session = transaction.tenant(user.tenant_id)
        if not tokens.access_token or session.scalar(mine.with_for_update()) is None:
            return
        values = self._values(identity_id, tokens, now)
        changed = update(_Row).where(_Row.identity_id == identity_id)
        if not _rows(transaction, user, changed.values(version=_Row.version + 1, **values)):
            session.add(_Row(identity_id=identity_id, user_id=user.id, **values))
            session.flush()

    def find(self, transaction: Transaction, user: UserSnapshot, identity_id: str) -> Kept | None:
        """Return what is kept for an identity of the account. Raises DecryptionError."""
        wanted = (
            select(_Row, FederatedIdentity.connection_id)
            .join(FederatedIdentity, FederatedIdentity.id == _Row.identity_id)
            .where(_Row.identity_id == identity_id, _Row.user_id == user.id)
            .execution_options(populate_existing=True)
        )
        found = transaction.tenant(user.tenant_id).execute(wanted).one_or_none()
        if found is None:
            return None
        row, opened = found[0], self._keyring.decrypt_text
        return Kept(
            identity_id=identity_id,
            connection_id=found[1],
            user=user,
            version=row.version,
            access_token=opened(row.access_token, _place("access_token", identity_id)),
            refresh_token=opened(row.refresh_token, _place("refresh_token", identity_id)) or None,
            scope=row.scope,
            expires_at=row.expires_at,
            claimed_until=row.claimed_until,
            updated_at=row.updated_at,
        )

    def forget(self, transaction: Transaction, user: UserSnapshot, identity_id: str) -> bool:
        """Delete the tokens of an identity and leave the link; tell whether there were any."""
        mine = delete(_Row).where(_Row.identity_id == identity_id, _Row.user_id == user.id)
        return _rows(transaction, user, mine) == 1

    def claim(
        self, transaction: Transaction, kept: Kept, *, until: datetime, now: datetime
    ) -> int | None:
        """Be the one who refreshes them; return the row's new version, None if another one is."""
        free = or_(_Row.claimed_until.is_(None), _Row.claimed_until <= now)
        mine = _at(kept, kept.version).where(free)
        return self._move(transaction, kept, mine.values(claimed_until=until))

    def release(self, transaction: Transaction, kept: Kept, version: int) -> None:
        """Let others refresh them, who could not: unless they are others' already."""
        self._move(transaction, kept, _at(kept, version).values(claimed_until=None))

    def renew(
        self, transaction: Transaction, kept: Kept, version: int, *, tokens: Tokens, now: datetime
    ) -> None:
        """Store what the refresh gave, unless the row has moved on since it was claimed."""
        values = self._values(kept.identity_id, tokens, now)
        self._move(transaction, kept, _at(kept, version).values(**values))

    def drop(self, transaction: Transaction, kept: Kept, version: int) -> bool:
        """Delete tokens that are good for nothing, unless the row has moved on."""
        dead = delete(_Row).where(_Row.identity_id == kept.identity_id, _Row.version == version)
        return _rows(transaction, kept.user, dead) == 1

    def _move(self, transaction: Transaction, kept: Kept, change: Any) -> int | None:  # noqa: ANN401  an update
        moved = change.values(version=_Row.version + 1).returning(_Row.version)
        session = transaction.tenant(kept.user.tenant_id)
        options = {"synchronize_session": False}
        return session.scalars(moved.execution_options(**options)).one_or_none()

    def _values(self, identity_id: str, tokens: Tokens, now: datetime) -> dict[str, Any]:
        lives = None if tokens.expires_in is None else timedelta(seconds=tokens.expires_in)
        access = _place("access_token", identity_id)
        values: dict[str, Any] = {
            "access_token": self._keyring.encrypt(tokens.access_token.encode(), access),
            "scope": tokens.scope[:_MAX_SCOPE],
            "expires_at": now + lives if lives is not None else None,
            "claimed_until": None,
            "updated_at": now,
        }
        if tokens.refresh_token:
            refresh = _place("refresh_token", identity_id)
            values["refresh_token"] = self._keyring.encrypt_text(tokens.refresh_token, refresh)
        return values


def _at(kept: Kept, version: int) -> Any:  # noqa: ANN401  an update
    return update(_Row).where(_Row.identity_id == kept.identity_id, _Row.version == version)


def _rows(transaction: Transaction, user: UserSnapshot, change: Any) -> int:  # noqa: ANN401  a change
    options = {"synchronize_session": False}
    result: CursorResult[Any] = transaction.tenant(user.tenant_id).execute(  # type: ignore[assignment]
        change.execution_options(**options)
    )
    return int(result.rowcount)


def _place(column: str, identity_id: str) -> Place:
    return Place("provider_tokens", column, identity_id)
