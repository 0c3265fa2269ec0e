"""The statement that every request of a person runs."""

from sqlalchemy import and_, bindparam, exists, not_, or_, select
from sqlalchemy.orm import aliased

from authserver.accounts.models import User
from authserver.accounts.statements import home_stands
from authserver.core.database.types import UtcTime
from authserver.sessions.models import PASSWORD, SECOND_FACTOR, UserSession
from authserver.tenants.models import Tenant

# Less than the tenant demands is no session (TOP-07).
LEVEL_IS_ENOUGH = or_(not_(Tenant.mfa_required), UserSession.level >= SECOND_FACTOR)

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
    .join(
        User.__table__,
        and_(User.tenant_id == UserSession.tenant_id, User.id == UserSession.user_id),
    )
    .join(Tenant.__table__, Tenant.id == UserSession.tenant_id)
    .where(
        UserSession.browser_hash == bindparam("browser_hash"),
        UserSession.issuer == bindparam("issuer"),
        UserSession.level >= PASSWORD,
        LEVEL_IS_ENOUGH,
        UserSession.ended_at.is_(None),
        UserSession.expires_at > bindparam("now", type_=UtcTime()),
        UserSession.last_seen_at > bindparam("seen_after", type_=UtcTime()),
        UserSession.user_epoch == User.security_epoch,
        UserSession.tenant_epoch == Tenant.security_epoch,
        User.disabled_at.is_(None),
        home_stands(UserSession.home_epoch),
        Tenant.suspended_at.is_(None),
    )
    .order_by(UserSession.auth_time.desc(), UserSession.id.desc())
)
