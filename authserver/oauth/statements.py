"""The protocol's hot statements. The tenant comes from the credential's own row."""

from sqlalchemy import and_, bindparam, exists, insert, select, update

from authserver.accounts.models import User
from authserver.accounts.statements import home_stands
from authserver.oauth.models import AuthorizationCode, Consent, PendingAuthorization
from authserver.sessions.models import UserSession
from authserver.sessions.statements import LEVEL_IS_ENOUGH
from authserver.tenants.models import Tenant
from authserver.tokens.statements import PERSON_COLUMNS

_CODE_COLUMNS = tuple(c.label(f"code_{c.key}") for c in AuthorizationCode.__table__.c)

_CODE_WITH_ITS_OWNERS = (
    AuthorizationCode.__table__.join(
        User.__table__,
        and_(User.tenant_id == AuthorizationCode.tenant_id, User.id == AuthorizationCode.user_id),
    )
    .join(Tenant.__table__, Tenant.id == AuthorizationCode.tenant_id)
    .join(
        UserSession.__table__,
        and_(
            UserSession.tenant_id == AuthorizationCode.tenant_id,
            UserSession.id == AuthorizationCode.session_id,
        ),
    )
)

# The person may have been disabled, or have signed out, since the code was issued; or the tenant
# demands more than a password by now.
_LIVE = and_(
    User.disabled_at.is_(None),
    User.security_epoch == UserSession.user_epoch,
    Tenant.security_epoch == UserSession.tenant_epoch,
    UserSession.ended_at.is_(None),
    LEVEL_IS_ENOUGH,
    Tenant.suspended_at.is_(None),
    home_stands(UserSession.home_epoch),
)

FIND_CODE = (
    select(
        *_CODE_COLUMNS,
        *PERSON_COLUMNS,
        UserSession.auth_time,
        UserSession.amr,
        UserSession.level,
        UserSession.home_epoch,
        _LIVE.label("live"),
    )
    .select_from(_CODE_WITH_ITS_OWNERS)
    .where(AuthorizationCode.code_hash == bindparam("code_hash"))
)

CLAIM_CODE = (
    update(AuthorizationCode.__table__)  # type: ignore[arg-type]  # a Table, declared FromClause
    .where(
        AuthorizationCode.id == bindparam("code_id"),
        AuthorizationCode.used_at.is_(None),
        exists(
            select(1)
            .select_from(
                User.__table__.join(Tenant.__table__, Tenant.id == User.tenant_id).join(
                    UserSession.__table__,
                    and_(UserSession.tenant_id == User.tenant_id, UserSession.user_id == User.id),
                )
            )
            .where(UserSession.id == bindparam("of_session"), _LIVE)
        ),
    )
    .values(used_at=bindparam("now"))
)

COUNT_FAILED_CODE = (
    update(AuthorizationCode.__table__)  # type: ignore[arg-type]  # the same
    .where(AuthorizationCode.id == bindparam("code_id"))
    .values(failed_attempts=AuthorizationCode.failed_attempts + 1)
)

INSERT_CODE = insert(AuthorizationCode.__table__)  # type: ignore[arg-type]  # the same

FIND_CONSENT = select(Consent.scope, Consent.resources, Consent.claims, Consent.granted_at).where(
    Consent.tenant_id == bindparam("tenant_id"),
    Consent.user_id == bindparam("user_id"),
    Consent.client_id == bindparam("client_id"),
)

ANSWER_PENDING = (
    update(PendingAuthorization.__table__)  # type: ignore[arg-type]  # the same
    .where(
        PendingAuthorization.tenant_id == bindparam("of_tenant"),
        PendingAuthorization.id == bindparam("pending_id"),
        PendingAuthorization.answered_at.is_(None),
    )
    .values(answered_at=bindparam("now"))
)

FIND_PENDING = select(PendingAuthorization.__table__).where(
    PendingAuthorization.handle_hash == bindparam("handle_hash")
)
