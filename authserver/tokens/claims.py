"""Authorization -> claims: the only place where a claim is decided."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from authserver.core.clock import epoch
from authserver.tokens.authorization import Authorization, Person

Claims = dict[str, Any]

# OpenID Connect Core section 5.4; each scope opens these claims.
SCOPE_CLAIMS: Mapping[str, tuple[str, ...]] = {
    "profile": ("name", "picture", "locale", "zoneinfo", "updated_at"),
    "email": ("email", "email_verified"),
}
PICTURES = "/account/picture"
TENANT_CLAIMS = ("tenant_id", "tenant", "tenant_type", "roles")


def access_token_claims(
    authorization: Authorization, *, jti: str, now: datetime, life: timedelta
) -> Claims:
    """Return the claims of an access token (RFC 9068 section 2.2, and ours)."""
    claims = {
        "iss": authorization.issuer.url,
        "sub": authorization.person.id if authorization.person else authorization.client.id,
        "aud": _audience(authorization.audience),
        "client_id": authorization.client.id,
        "scope": " ".join(authorization.scope),
        "jti": jti,
        "iat": epoch(now),
        "exp": epoch(now + life),
        **_tenant_claims(authorization),
    }
    if authorization.sign_in:
        claims |= _sign_in_claims(authorization)
    if authorization.bound_to:
        claims["cnf"] = authorization.bound_to.claim
    return claims


def id_token_claims(
    authorization: Authorization, *, at_hash: str, now: datetime, life: timedelta
) -> Claims:
    """Return the claims of an ID token (OpenID Connect Core sections 2 and 3.1.3.6)."""
    if authorization.person is None or authorization.sign_in is None:
        raise ValueError("an ID token is about a person who signed in")
    claims = {
        "iss": authorization.issuer.url,
        "sub": authorization.person.id,
        "aud": authorization.client.id,
        "azp": authorization.client.id,
        "iat": epoch(now),
        "exp": epoch(now + life),
        "at_hash": at_hash,
        **_tenant_claims(authorization),
        **_sign_in_claims(authorization),
    }
    if authorization.sign_in.nonce is not None:
        claims["nonce"] = authorization.sign_in.nonce
    return claims


def userinfo_claims(person: Person, scope: tuple[str, ...], *, issuer: str) -> Claims:
    """Return what the UserInfo endpoint of an issuer says (OpenID Connect Core section 5.3.2)."""
    picture = person.picture_id
    known = {
        "picture": f"{issuer}{PICTURES}/{picture}" if picture else None,
        "name": person.name,
        "locale": person.locale,
        "zoneinfo": person.zoneinfo,
        "updated_at": epoch(person.updated_at),
        "email": person.email,
        "email_verified": person.email_verified,
    }
    opened = [name for granted in scope for name in SCOPE_CLAIMS.get(granted, ())]
    claims = {name: known[name] for name in opened if known[name] is not None}
    return {"sub": person.id, **claims, **_person_tenant_claims(person)}


def _tenant_claims(authorization: Authorization) -> Claims:
    if authorization.person:
        return _person_tenant_claims(authorization.person)
    tenant = authorization.tenant
    return {"tenant_id": tenant.id, "tenant": tenant.slug, "tenant_type": tenant.type}


def _person_tenant_claims(person: Person) -> Claims:
    tenant = person.tenant
    return {
        "tenant_id": tenant.id,
        "tenant": tenant.slug,
        "tenant_type": tenant.type,
        "roles": list(person.roles),
    }


def _sign_in_claims(authorization: Authorization) -> Claims:
    sign_in = authorization.sign_in
    if sign_in is None:
        return {}
    return {
        "sid": sign_in.session_id,
        "auth_time": epoch(sign_in.auth_time),
        "acr": sign_in.acr,
        "amr": list(sign_in.amr),
    }


def _audience(audience: tuple[str, ...]) -> str | list[str]:
    return audience[0] if len(audience) == 1 else list(audience)
