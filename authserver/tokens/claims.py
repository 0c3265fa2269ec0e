"""Authorization -> claims: the only place where a claim is decided."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from authserver.core.clock import epoch
from authserver.tokens.authorization import Authorization, Ending, Person, SignIn
from authserver.tokens.people.requested import RequestedClaims, chosen
from authserver.tokens.people.scopes import of_scopes
from authserver.tokens.people.standard import known
from authserver.tokens.people.subjects import SubjectIdentifiers

Claims = dict[str, Any]

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_TOKEN_LIFE = timedelta(minutes=2)
TENANT_CLAIMS = ("tenant_id", "tenant", "tenant_type", "roles")


class Moment(NamedTuple):
    """When a token is made, and how long it lives."""

    now: datetime
    life: timedelta


def access_token_claims(
    authorization: Authorization, subjects: SubjectIdentifiers, *, jti: str, at: Moment
) -> Claims:
    """Return the claims of an access token (RFC 9068 section 2.2, and ours)."""
    person, client = authorization.person, authorization.client
    claims = {
        "iss": authorization.issuer.url,
        "sub": subjects.of(client, person.id) if person else client.id,
        "aud": _audience(authorization.audience),
        "client_id": client.id,
        "scope": " ".join(authorization.scope),
        "jti": jti,
        "iat": epoch(at.now),
        "exp": epoch(at.now + at.life),
        **_tenant_claims(authorization),
    }
    if authorization.sign_in:
        claims |= _sign_in_claims(authorization, authorization.sign_in, subjects)
    if authorization.act:
        claims["act"] = authorization.act  # RFC 8693 section 4.1
    if authorization.bound_to:
        claims["cnf"] = authorization.bound_to.claim
    return claims


def id_token_claims(
    authorization: Authorization, subjects: SubjectIdentifiers, *, at_hash: str, at: Moment
) -> Claims:
    """Return the claims of an ID token (OpenID Connect Core sections 2 and 3.1.3.6).

    Standard claims only if they were asked for by name: scopes open them at the UserInfo endpoint
    (section 5.4).
    """
    person, sign_in, client = authorization.person, authorization.sign_in, authorization.client
    if person is None or sign_in is None:
        raise ValueError("an ID token is about a person who signed in")
    claims = {
        "iss": authorization.issuer.url,
        "sub": subjects.of(client, person.id),
        "aud": client.id,
        "azp": client.id,
        "iat": epoch(at.now),
        "exp": epoch(at.now + at.life),
        "at_hash": at_hash,
        **_tenant_claims(authorization),
        **_sign_in_claims(authorization, sign_in, subjects),
    }
    if sign_in.nonce is not None:
        claims["nonce"] = sign_in.nonce
    if sign_in.claims.id_token:
        everything = known(person, issuer=authorization.issuer.url)
        claims |= chosen(everything, sign_in.claims.id_token)
    if sign_in.demanded_acr is not None:
        claims["acr"] = sign_in.demanded_acr
    return claims


def logout_token_claims(
    ending: Ending, subjects: SubjectIdentifiers, *, jti: str, now: datetime
) -> Claims:
    """Return the claims of a logout token (OpenID Connect Back-Channel Logout section 2.4)."""
    return {
        "iss": ending.issuer.url,
        "sub": subjects.of(ending.client, ending.user_id),
        "aud": ending.client.id,
        "iat": epoch(now),
        "exp": epoch(now + LOGOUT_TOKEN_LIFE),
        "jti": jti,
        "sid": subjects.session(ending.client, ending.session_id),
        "events": {LOGOUT_EVENT: {}},
    }


def userinfo_claims(
    person: Person, scope: tuple[str, ...], *, subject: str, issuer: str, asked: RequestedClaims
) -> Claims:
    """Return what the UserInfo endpoint of an issuer says (OpenID Connect Core section 5.3.2)."""
    everything = known(person, issuer=issuer)
    claims = {name: everything[name] for name in of_scopes(scope) if name in everything}
    if asked.userinfo:
        claims |= chosen(everything, asked.userinfo)
    return {"sub": subject, **claims, **_person_tenant_claims(person)}


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


def _sign_in_claims(
    authorization: Authorization, sign_in: SignIn, subjects: SubjectIdentifiers
) -> Claims:
    return {
        "sid": subjects.session(authorization.client, sign_in.session_id),
        "auth_time": epoch(sign_in.auth_time),
        "acr": sign_in.acr,
        "amr": list(sign_in.amr),
    }


def _audience(audience: tuple[str, ...]) -> str | list[str]:
    return audience[0] if len(audience) == 1 else list(audience)
