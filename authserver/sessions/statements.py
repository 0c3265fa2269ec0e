"""The statement that every request of a person runs, and those that begin a session.

A session is only ever written for an account and a tenant that are open, at the epoch at which the
person proved who they are: the statements themselves see to it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    and_,
    bindparam,
    exists,
    insert,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.orm import aliased

from authserver.accounts.models import User
from authserver.accounts.statements import home_stands
from authserver.core.database.moments import minutes_before
from authserver.core.database.types import UtcTime
from authserver.sessions.models import PASSWORD, SECOND_FACTOR, UserSession
from authserver.tenants.models import Tenant

_Moment = ColumnElement[datetime]

# Less than the tenant demands is no session (TOP-07).
LEVEL_IS_ENOUGH = or_(not_(Tenant.mfa_required), UserSession.level >= SECOND_FACTOR)

_OF_ITS_PERSON = and_(User.tenant_id == UserSession.tenant_id, User.id == UserSession.user_id)


def within_life(now: _Moment, seen_after: _Moment) -> ColumnElement[bool]:
    """Return the condition of a session that is not ended, idle or over, beside its `Tenant`.

    The lives of the installation hold, and those of the tenant where it has any: it can shorten a
    life, also of sessions that have begun, and never lengthen one.
    """
    return and_(
        UserSession.ended_at.is_(None),
        UserSession.expires_at > now,
        UserSession.last_seen_at > seen_after,
        or_(
            Tenant.session_idle_minutes.is_(None),
            UserSession.last_seen_at > minutes_before(now, Tenant.session_idle_minutes),
        ),
        or_(
            Tenant.session_absolute_minutes.is_(None),
            UserSession.auth_time > minutes_before(now, Tenant.session_absolute_minutes),
        ),
    )


_NOT_OVER = within_life(bindparam("now", type_=UtcTime()), bindparam("seen_after", type_=UtcTime()))
_STANDS = and_(
    UserSession.level >= PASSWORD,
    LEVEL_IS_ENOUGH,
    UserSession.user_epoch == User.security_epoch,
    UserSession.tenant_epoch == Tenant.security_epoch,
    User.disabled_at.is_(None),
    home_stands(UserSession.home_epoch),
    Tenant.suspended_at.is_(None),
)

# Signed in, as everything that asks means it: what tells clients of the end asks this, too.
IS_LIVE = and_(_NOT_OVER, _STANDS)


def lives(
    tenant_id: SQLColumnExpression[str], session_id: SQLColumnExpression[str]
) -> ColumnElement[bool]:
    """Return the condition that a session is live, for statements with `now` and `seen_after`."""
    return exists(
        select(1)
        .select_from(
            UserSession.__table__.join(User.__table__, _OF_ITS_PERSON).join(
                Tenant.__table__, Tenant.id == UserSession.tenant_id
            )
        )
        .where(UserSession.tenant_id == tenant_id, UserSession.id == session_id, IS_LIVE)
    )


_Guest = aliased(User)
_HAS_GUESTS = exists(select(1).where(_Guest.home_user_id == User.id).correlate(User))

# A browser's live sessions at an issuer, the newest sign-in first. The name of the browser is
# the credential: its rows may be of several tenants.
LIVE_OF_BROWSER = (
    select(
        UserSession.id,
        UserSession.issuer,
        UserSession.level,
        UserSession.amr,
        UserSession.auth_time,
        UserSession.last_seen_at,
        UserSession.expires_at,
        UserSession.home_epoch,
        UserSession.home_session_id,
        User.id.label("user_id"),
        User.tenant_id,
        User.email,
        User.name,
        User.locale,
        User.security_epoch,
        User.home_user_id,
        _HAS_GUESTS.label("has_guests"),
        User.picture_id,
    )
    .join(User.__table__, _OF_ITS_PERSON)
    .join(Tenant.__table__, Tenant.id == UserSession.tenant_id)
    .where(
        UserSession.browser_hash == bindparam("browser_hash"),
        UserSession.issuer == bindparam("issuer"),
        IS_LIVE,
    )
    .order_by(UserSession.auth_time.desc(), UserSession.id.desc())
)

# Where a person is signed in, at every issuer, the latest use first.
LIVE_OF_PERSON = (
    select(
        UserSession.id,
        UserSession.issuer,
        UserSession.amr,
        UserSession.address,
        UserSession.device,
        UserSession.created_at,
        UserSession.last_seen_at,
        UserSession.expires_at,
    )
    .join(User.__table__, _OF_ITS_PERSON)
    .join(Tenant.__table__, Tenant.id == UserSession.tenant_id)
    .where(
        UserSession.tenant_id == bindparam("tenant_id"),
        UserSession.user_id == bindparam("user_id"),
        IS_LIVE,
    )
    .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
)

# What has not been ended in a browser, at every issuer, and whether it is live.
IN_BROWSER = (
    select(
        UserSession.id,
        UserSession.tenant_id,
        UserSession.user_id,
        UserSession.issuer,
        UserSession.home_session_id,
        _HAS_GUESTS.label("has_guests"),
        IS_LIVE.label("live"),
    )
    .join(User.__table__, _OF_ITS_PERSON)
    .join(Tenant.__table__, Tenant.id == UserSession.tenant_id)
    .where(UserSession.browser_hash == bindparam("browser_hash"), UserSession.ended_at.is_(None))
    .order_by(UserSession.auth_time.desc(), UserSession.id.desc())
)

_OPEN_ACCOUNT = (
    select(Tenant.security_epoch)
    .join(User.__table__, User.tenant_id == Tenant.id)
    .where(
        Tenant.id == bindparam("of_tenant"),
        User.id == bindparam("of_person"),
        User.security_epoch == bindparam("new_user_epoch"),
        User.disabled_at.is_(None),
        Tenant.suspended_at.is_(None),
    )
)
_PROVED = (
    *("level", "amr", "auth_time", "user_epoch"),
    *("home_epoch", "home_session_id", "identity_id"),
)
_LASTS = ("browser_hash", "last_seen_at", "expires_at")
_BEGAN = ("id", "user_id", "issuer", "address", "user_agent", "device", "created_at")


def _given(*names: str) -> dict[str, ColumnElement[Any]]:
    return {
        name: bindparam(f"new_{name}", type_=UserSession.__table__.c[name].type) for name in names
    }


SESSION_COLUMNS = (*_BEGAN, *_PROVED, *_LASTS)
_NEW = _given(*SESSION_COLUMNS)

BEGIN_SESSION = insert(UserSession.__table__).from_select(  # type: ignore[arg-type]  # a Table
    ["tenant_id", "tenant_epoch", *_NEW],
    _OPEN_ACCOUNT.with_only_columns(Tenant.id, Tenant.security_epoch, *_NEW.values()),
)

# The session goes on from a new sign-in, under its old id.
RENEW_SESSION = (
    update(UserSession.__table__)  # type: ignore[arg-type]  # the same
    .where(
        UserSession.tenant_id == bindparam("of_tenant"),
        UserSession.id == bindparam("session_id"),
        UserSession.ended_at.is_(None),
        exists(_OPEN_ACCOUNT.correlate(None)),
    )
    .values(
        tenant_epoch=_OPEN_ACCOUNT.correlate(None).scalar_subquery(), **_given(*_PROVED, *_LASTS)
    )
)
