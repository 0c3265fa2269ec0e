"""The hot statements of tokens. The tenant comes from the credential's own row."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import aliased

from authserver.accounts.models import User
from authserver.accounts.statements import home_stands
from authserver.clients.models import Client
from authserver.core.database.types import UtcTime
from authserver.roles.held import held_roles
from authserver.sessions.models import UserSession
from authserver.tenants.models import Tenant
from authserver.tokens.models import RefreshToken, RevokedToken, TokenFamily

ClientTenant = aliased(Tenant)

PERSON_COLUMNS = (
    User.id.label("user_id"),
    User.email,
    User.email_verified,
    User.name,
    User.locale.label("user_locale"),
    User.zoneinfo,
    User.picture_id,
    User.details,
    User.updated_at.label("user_updated_at"),
    User.security_epoch.label("user_security_epoch"),
    Tenant.id.label("tenant_id"),
    Tenant.slug.label("tenant_slug"),
    Tenant.type.label("tenant_type"),
    Tenant.security_epoch.label("tenant_security_epoch"),
    held_roles(User.tenant_id, User.id).label("held_roles"),
)

_SIGN_IN_COLUMNS = (
    TokenFamily.id.label("family_id"),
    TokenFamily.session_id,
    TokenFamily.scope,
    TokenFamily.resources,
    TokenFamily.nonce,
    TokenFamily.auth_time,
    TokenFamily.acr,
    TokenFamily.amr,
    TokenFamily.offline,
    TokenFamily.home_epoch,
    TokenFamily.expires_at,
    TokenFamily.bound_to,
)

_LIVE = and_(
    TokenFamily.revoked_at.is_(None),
    User.disabled_at.is_(None),
    User.security_epoch == TokenFamily.user_epoch,
    home_stands(TokenFamily.home_epoch),
    Tenant.suspended_at.is_(None),
    Tenant.security_epoch == TokenFamily.tenant_epoch,
    Client.disabled_at.is_(None),
    Client.security_epoch == TokenFamily.client_epoch,
    ClientTenant.suspended_at.is_(None),
    or_(TokenFamily.offline, UserSession.ended_at.is_(None)),
)


def _follows(next_one: type[RefreshToken], token: type[RefreshToken]) -> ColumnElement[bool]:
    return and_(
        next_one.family_id == token.family_id,
        next_one.generation == token.generation + literal_column("1"),
    )


_FAMILY_WITH_ITS_OWNERS = (
    TokenFamily.__table__.join(
        User.__table__,
        and_(User.tenant_id == TokenFamily.tenant_id, User.id == TokenFamily.user_id),
    )
    .join(Tenant.__table__, Tenant.id == TokenFamily.tenant_id)
    .join(
        Client.__table__,
        and_(Client.tenant_id == TokenFamily.client_tenant_id, Client.id == TokenFamily.client_id),
    )
    .join(ClientTenant, ClientTenant.id == Client.tenant_id)
    .join(
        UserSession.__table__,
        and_(
            UserSession.tenant_id == TokenFamily.tenant_id,
            UserSession.id == TokenFamily.session_id,
        ),
    )
)

FAMILY_IS_LIVE = (
    select(TokenFamily.client_id, TokenFamily.parent_id)
    .select_from(_FAMILY_WITH_ITS_OWNERS)
    .where(
        TokenFamily.id == bindparam("family_id"), TokenFamily.expires_at > bindparam("now"), _LIVE
    )
)

PERSON_OF_FAMILY = (
    select(*PERSON_COLUMNS, TokenFamily.claims, TokenFamily.parent_id)
    .select_from(_FAMILY_WITH_ITS_OWNERS)
    .where(
        TokenFamily.id == bindparam("family_id"), TokenFamily.expires_at > bindparam("now"), _LIVE
    )
)

LIVE_FAMILY = (
    select(*PERSON_COLUMNS, *_SIGN_IN_COLUMNS, TokenFamily.parent_id)
    .select_from(_FAMILY_WITH_ITS_OWNERS)
    .where(
        TokenFamily.id == bindparam("family_id"), TokenFamily.expires_at > bindparam("now"), _LIVE
    )
)
# The newest of a client's families in a session: what an ID token of it goes with.
FAMILY_OF_SESSION = (
    select(*PERSON_COLUMNS, *_SIGN_IN_COLUMNS, TokenFamily.parent_id)
    .select_from(_FAMILY_WITH_ITS_OWNERS)
    .where(
        TokenFamily.tenant_id == bindparam("of_tenant"),
        TokenFamily.session_id == bindparam("of_session"),
        TokenFamily.client_id == bindparam("of_client"),
        TokenFamily.parent_id.is_(None),
        TokenFamily.expires_at > bindparam("at"),
        _LIVE,
    )
    .order_by(TokenFamily.created_at.desc(), TokenFamily.id.desc())
    .limit(1)
)
PARENT_OF_FAMILY = select(TokenFamily.parent_id).where(TokenFamily.id == bindparam("family_id"))

_Successor, _Grandchild = aliased(RefreshToken), aliased(RefreshToken)

# One look for everything that a refresh must know; `live` is false when something it depends on
# has ended, and then only the reuse of the token is still judged.
REFRESH_TOKEN = (
    select(
        RefreshToken.generation,
        RefreshToken.expires_at.label("token_expires_at"),
        _Successor.created_at.label("used_at"),
        _Successor.answer,
        _Grandchild.created_at.label("successor_used_at"),
        TokenFamily.client_id,
        TokenFamily.issuer,
        TokenFamily.created_at.label("family_since"),
        and_(TokenFamily.expires_at > bindparam("now"), _LIVE).label("live"),
        *_SIGN_IN_COLUMNS,
        *PERSON_COLUMNS,
    )
    .select_from(
        _FAMILY_WITH_ITS_OWNERS.join(
            RefreshToken.__table__, RefreshToken.family_id == TokenFamily.id
        )
        .outerjoin(_Successor, _follows(_Successor, RefreshToken))
        .outerjoin(_Grandchild, _follows(_Grandchild, _Successor))
    )
    .where(RefreshToken.token_hash == bindparam("token_hash"))
)

INSERT_FAMILY = insert(TokenFamily.__table__)  # type: ignore[arg-type]  # a Table, declared FromClause
INSERT_REFRESH_TOKEN = insert(RefreshToken.__table__)  # type: ignore[arg-type]  # the same

_NEXT_GENERATION: Mapping[str, Any] = {
    "tenant_id": TokenFamily.tenant_id,
    "family_id": TokenFamily.id,
    **{
        name: bindparam(f"new_{name}", type_=RefreshToken.__table__.c[name].type)
        for name in ("token_hash", "generation", "answer", "created_at", "expires_at")
    },
}

# No row where something the family depends on has ended, nor where somebody else was first.
ROTATE_REFRESH_TOKEN = INSERT_REFRESH_TOKEN.from_select(
    list(_NEXT_GENERATION),
    select(*_NEXT_GENERATION.values())
    .select_from(_FAMILY_WITH_ITS_OWNERS)
    .where(TokenFamily.id == bindparam("of_family"), _LIVE)
    .suffix_with("ON CONFLICT (family_id, generation) DO NOTHING"),
    include_defaults=False,
)

# For pages that tell clients by way of the browser.
CLIENTS_OF_SESSION = (
    select(TokenFamily.client_id)
    .where(
        TokenFamily.tenant_id == bindparam("tenant_id"),
        TokenFamily.session_id == bindparam("session_id"),
    )
    .distinct()
    .order_by(TokenFamily.client_id)
)

_REVOKE = (
    update(TokenFamily.__table__)  # type: ignore[arg-type]  # the same
    .where(TokenFamily.tenant_id == bindparam("of_tenant"), TokenFamily.revoked_at.is_(None))
    .values(revoked_at=bindparam("now"), revoked_because=bindparam("reason"))
)
BIND_FAMILY = (
    update(TokenFamily.__table__)  # type: ignore[arg-type]  # the same
    .where(
        TokenFamily.tenant_id == bindparam("of_tenant"),
        TokenFamily.id == bindparam("family_id"),
        TokenFamily.bound_to.is_(None),
    )
    .values(bound_to=bindparam("confirmation"))
)
REVOKE_FAMILY = _REVOKE.where(TokenFamily.id == bindparam("family_id"))
REVOKE_FAMILIES_OF_CLIENT = _REVOKE.where(
    TokenFamily.user_id == bindparam("of_user"), TokenFamily.client_id == bindparam("of_client")
)

# What a person's clients hold: a row for each family. One whose refresh token has run out, or that
# never had one, holds at most an access token, and ends with it.
FAMILIES_OF_PERSON = (
    select(
        TokenFamily.client_id,
        TokenFamily.scope,
        TokenFamily.created_at,
        select(func.max(RefreshToken.created_at))
        .where(
            RefreshToken.family_id == TokenFamily.id, RefreshToken.generation > literal_column("0")
        )
        .correlate(TokenFamily)
        .scalar_subquery()
        .label("refreshed_at"),
    )
    .select_from(_FAMILY_WITH_ITS_OWNERS)
    .where(
        TokenFamily.tenant_id == bindparam("tenant_id"),
        TokenFamily.user_id == bindparam("user_id"),
        TokenFamily.expires_at > bindparam("at"),
        _LIVE,
        or_(
            TokenFamily.created_at > bindparam("younger_than"),
            select(1)
            .where(
                RefreshToken.family_id == TokenFamily.id, RefreshToken.expires_at > bindparam("at")
            )
            .correlate(TokenFamily)
            .exists(),
        ),
    )
)

MACHINE_STATE = (
    select(
        Client.version,
        Client.security_epoch,
        Client.disabled_at,
        Tenant.version.label("tenant_version"),
        Tenant.security_epoch.label("tenant_epoch"),
        Tenant.suspended_at,
    )
    .join(Tenant, Tenant.id == Client.tenant_id)
    .where(Client.tenant_id == bindparam("tenant_id"), Client.id == bindparam("client_id"))
)

IS_REVOKED = select(RevokedToken.jti).where(
    RevokedToken.tenant_id == bindparam("tenant_id"), RevokedToken.jti == bindparam("jti")
)

REVOKE_MACHINE_TOKEN = text(
    "INSERT INTO revoked_tokens (jti, tenant_id, client_id, revoked_at, expires_at)"
    " VALUES (:jti, :tenant_id, :client_id, :revoked_at, :expires_at)"
    " ON CONFLICT (jti) DO NOTHING"
).bindparams(bindparam("revoked_at", type_=UtcTime()), bindparam("expires_at", type_=UtcTime()))
