"""A session that is live, as it was read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authserver.accounts.directory import UserSnapshot


@dataclass(frozen=True)
class LiveSession:
    """One account signed in in one browser, with the person's data as they are now."""

    id: str
    user: UserSnapshot
    issuer: str
    level: int
    amr: tuple[str, ...]
    auth_time: datetime
    last_seen_at: datetime
    expires_at: datetime
    home_epoch: int | None = None
    home_session_id: str | None = None
    has_guests: bool = False

    @property
    def tenant_id(self) -> str:
        """Return the account's tenant."""
        return self.user.tenant_id


def of_row(row: Mapping[str, Any], user: UserSnapshot) -> LiveSession:
    """Return the session of a row, whose account was read before."""
    return LiveSession(
        id=row["id"],
        user=user,
        issuer=row["issuer"],
        level=row["level"],
        amr=tuple(row["amr"]),
        auth_time=row["auth_time"],
        last_seen_at=row["last_seen_at"],
        expires_at=row["expires_at"],
        home_epoch=row["home_epoch"],
        home_session_id=row["home_session_id"],
        has_guests=bool(row.get("has_guests")),
    )


def found(row: Mapping[str, Any]) -> LiveSession:
    """Return the session of a row of `LIVE_OF_BROWSER`, which has the account as well."""
    user = UserSnapshot(
        id=row["user_id"],
        tenant_id=row["tenant_id"],
        email=row["email"],
        name=row["name"],
        locale=row["locale"],
        security_epoch=row["security_epoch"],
        home_user_id=row["home_user_id"],
        picture_id=row["picture_id"],
    )
    return of_row(row, user)
