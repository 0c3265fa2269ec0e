"""What finds a key by its hash, with everything it depends on; the tenant is the row's own."""

from sqlalchemy import and_, bindparam, or_, select, text
from sqlalchemy.orm import aliased

from authserver.accounts.models import User
from authserver.accounts.statements import home_stands
from authserver.api_keys.models import ApiKey
from authserver.clients.models import Client
from authserver.core.database.types import UtcTime
from authserver.roles.held import held_roles
from authserver.tenants.models import Tenant

_PERSON_STANDS = and_(
    User.id.is_not(None),
    User.disabled_at.is_(None),
    User.security_epoch == ApiKey.user_epoch,
    Tenant.security_epoch == ApiKey.tenant_epoch,
    home_stands(ApiKey.home_epoch),
)
_SERVICE_STANDS = and_(
    ApiKey.user_id.is_(None), Client.id.is_not(None), Client.disabled_at.is_(None)
)
# What a person's key ends with is what ends their sign-ins; a service's stays like its secrets.
OWNER_STANDS = and_(Tenant.suspended_at.is_(None), or_(_PERSON_STANDS, _SERVICE_STANDS))

KEY_WITH_ITS_OWNER = (
    ApiKey.__table__.join(Tenant.__table__, Tenant.id == ApiKey.tenant_id)
    .outerjoin(User.__table__, and_(User.tenant_id == ApiKey.tenant_id, User.id == ApiKey.user_id))
    .outerjoin(
        Client.__table__, and_(Client.tenant_id == ApiKey.tenant_id, Client.id == ApiKey.client_id)
    )
)

FIND_KEY = (
    select(
        ApiKey.id,
        ApiKey.tenant_id,
        ApiKey.user_id,
        ApiKey.client_id,
        ApiKey.scopes,
        ApiKey.roles,
        ApiKey.ip_allowlist,
        ApiKey.created_at,
        ApiKey.expires_at,
        Tenant.slug.label("tenant_slug"),
        Tenant.type.label("tenant_type"),
        Client.scopes.label("client_scopes"),
        held_roles(ApiKey.tenant_id, ApiKey.user_id).label("held_roles"),
    )
    .select_from(KEY_WITH_ITS_OWNER)
    .where(
        ApiKey.key_hash == bindparam("key_hash"),
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > bindparam("now", type_=UtcTime())),
        OWNER_STANDS,
    )
)

_Home, _HomeTenant = aliased(User), aliased(Tenant)
# At which epochs a person makes a key; of a guest, those at home, too.
EPOCHS_OF_PERSON = (
    select(
        User.security_epoch.label("user_epoch"),
        Tenant.security_epoch.label("tenant_epoch"),
        (_Home.security_epoch + _HomeTenant.security_epoch).label("home_epoch"),
    )
    .join(Tenant, Tenant.id == User.tenant_id)
    .outerjoin(_Home, _Home.id == User.home_user_id)
    .outerjoin(_HomeTenant, _HomeTenant.id == _Home.tenant_id)
    .where(User.tenant_id == bindparam("tenant_id"), User.id == bindparam("user_id"))
)

# A use that another process noted later stays.
NOTE_USE = text(
    "UPDATE api_keys SET last_used_at = :used_at, last_used_address = :address"
    " WHERE id = :key_id AND tenant_id = :tenant_id"
    " AND (last_used_at IS NULL OR last_used_at < :used_at)"
).bindparams(bindparam("used_at", type_=UtcTime()))
