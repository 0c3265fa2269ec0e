"""What an assertion leads to. The tenant is that of the client which brings it."""

from sqlalchemy import Select, and_, bindparam, select, text

from authserver.accounts.models import User
from authserver.core.database.types import UtcTime
from authserver.federation.models import FederatedIdentity
from authserver.mfa.statements import HAS_FACTOR
from authserver.oauth.assertions.models import AssertionIssuer
from authserver.tenants.models import Tenant
from authserver.tokens.statements import PERSON_COLUMNS

FIND_ISSUER = select(AssertionIssuer.__table__).where(
    AssertionIssuer.tenant_id == bindparam("tenant_id"),
    AssertionIssuer.issuer == bindparam("iss"),
)

_PERSON = select(
    *PERSON_COLUMNS,
    User.disabled_at,
    User.home_user_id,
    User.password_change_required,
    Tenant.suspended_at,
    Tenant.mfa_required.label("mandatory"),
    HAS_FACTOR.label("has_factor"),
)


def _of_tenant(query: Select[tuple[object, ...]]) -> Select[tuple[object, ...]]:
    return query.where(User.tenant_id == bindparam("of_tenant"))


PERSON_BY_EMAIL = _of_tenant(
    _PERSON.select_from(User).join(Tenant.__table__, Tenant.id == User.tenant_id)
).where(User.email_canonical == bindparam("email"))

PERSON_BY_IDENTITY = _of_tenant(
    _PERSON.select_from(User)
    .join(Tenant.__table__, Tenant.id == User.tenant_id)
    .join(
        FederatedIdentity.__table__,
        and_(FederatedIdentity.tenant_id == User.tenant_id, FederatedIdentity.user_id == User.id),
    )
).where(
    FederatedIdentity.connection_id == bindparam("connection_id"),
    FederatedIdentity.issuer == bindparam("issuer"),
    FederatedIdentity.subject == bindparam("subject"),
)

USE_GRANT = text(
    "INSERT INTO used_grants (tenant_id, jti_hash, expires_at)"
    " VALUES (:tenant_id, :jti_hash, :expires_at)"
    " ON CONFLICT (tenant_id, jti_hash) DO NOTHING"
).bindparams(bindparam("expires_at", type_=UtcTime()))
