"""What finds a tenant before anybody knows which one it is: by slug, by id."""

from sqlalchemy import bindparam, select

from authserver.tenants.models import Installation, Tenant

COLUMNS = (
    Tenant.id,
    Tenant.slug,
    Tenant.name,
    Tenant.type,
    Tenant.locale,
    Tenant.website,
    Tenant.own_issuer,
    Tenant.password_preset,
    Tenant.mfa_required,
    Tenant.tier,
    Tenant.registration_open,
    Tenant.client_registration,
    Tenant.client_secret_jwt,
    Tenant.dpop_nonces,
    Tenant.suspended_at,
    Tenant.security_epoch,
    Tenant.version,
    Tenant.time_zone,
    Tenant.date_format,
    Tenant.accent,
    Tenant.logo_id,
    Tenant.logo_width,
    Tenant.issuer_host,
    Tenant.access_token_seconds,
    Tenant.refresh_token_minutes,
)

TENANT_BY_SLUG = select(*COLUMNS).where(Tenant.slug == bindparam("slug"))

TENANT_BY_ID = select(*COLUMNS).where(Tenant.id == bindparam("tenant_id"))

TENANTS_AT_HOSTS = select(*COLUMNS).where(Tenant.issuer_host.is_not(None))

NAME_OF_TENANT = select(Tenant.name).where(Tenant.id == bindparam("tenant_id"))

TIER_OF_TENANT = select(Tenant.tier).where(Tenant.id == bindparam("tenant_id"))

SNAPSHOT_VERSION = select(Installation.snapshot_version)
