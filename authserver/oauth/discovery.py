"""The metadata of an issuer (OpenID Connect Discovery 1.0, RFC 8414), derived from the code."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from authserver.clients.options import SUBJECT_TYPES
from authserver.clients.policy import (
    CONTENT_ENCRYPTIONS,
    ENCRYPTION_ALGORITHMS,
    SECRET_ALGORITHMS,
    SIGNING_ALGORITHMS,
)
from authserver.core.cache import Snapshots
from authserver.oauth import logout
from authserver.oauth.authorize import request as authorize
from authserver.oauth.authorize.outgoing import jarm
from authserver.oauth.client_auth import client_secret_jwt
from authserver.oauth.client_auth.authenticate import METHODS
from authserver.oauth.client_auth.private_key_jwt import ALGORITHMS
from authserver.oauth.dpop import proof
from authserver.oauth.lane.documents import PublicDocument, Published, publish
from authserver.oauth.levels import SUPPORTED
from authserver.oauth.scopes import OPENID_SCOPES
from authserver.oauth.token.grants import GRANTS
from authserver.settings import LANGUAGES
from authserver.tenants.policy import ClientRegistration
from authserver.tenants.resolve import Issuer
from authserver.tenants.snapshot import TenantSnapshot
from authserver.tokens.calendar import IssuerKeys
from authserver.tokens.claims import TENANT_CLAIMS
from authserver.tokens.people.scopes import SCOPE_OF

_SIGN_IN_CLAIMS = (
    "sub", "iss", "aud", "azp", "exp", "iat", "auth_time", "acr", "amr", "sid", "nonce", "at_hash",
)  # fmt: skip
_MAX_AGE = timedelta(minutes=5)


class Offers(NamedTuple):
    """What a tenant decides about its issuer: the platform's has clients of many tenants."""

    registration: bool = True
    secret_jwt: bool = False

    @classmethod
    def of(cls, tenant: TenantSnapshot | None) -> "Offers":
        """Return what is offered at the issuer of a tenant, or at the platform's."""
        if tenant is None:
            return cls()
        open_ = tenant.client_registration != ClientRegistration.CLOSED
        return cls(registration=open_, secret_jwt=tenant.client_secret_jwt)


class Certificates(NamedTuple):
    """What the installation does with clients' certificates (RFC 8705).

    `url` is where the proxy asks for them, empty where it asks everywhere.
    """

    methods: tuple[str, ...] = ()
    url: str = ""

    def members(self, issuer: str) -> dict[str, object]:
        """Return what metadata say of it (sections 3.3 and 5)."""
        if not self.methods:
            return {}
        said: dict[str, object] = {"tls_client_certificate_bound_access_tokens": True}
        if self.url:
            base = self.url + urlsplit(issuer).path
            said["mtls_endpoint_aliases"] = {n: base + path for n, path in _OF_CLIENTS.items()}
        return said


_PLATFORM, _NO_CERTIFICATES = Offers(), Certificates()
# The endpoints at which clients prove themselves, or show what a token is bound to.
_OF_CLIENTS = {
    "token_endpoint": "/oauth/token",
    "revocation_endpoint": "/oauth/revoke",
    "introspection_endpoint": "/oauth/introspect",
    "device_authorization_endpoint": "/oauth/device_authorization",
    "pushed_authorization_request_endpoint": "/oauth/par",
    "userinfo_endpoint": "/oauth/userinfo",
}


def metadata(
    issuer: str,
    signing_algorithms: Sequence[str],
    offers: Offers = _PLATFORM,
    *,
    certificates: Certificates = _NO_CERTIFICATES,
) -> dict[str, object]:
    """Return the document of an issuer."""
    by_secret = [client_secret_jwt.METHOD] if offers.secret_jwt else []
    methods, signed = (
        [*METHODS, *by_secret, *certificates.methods],
        [*ALGORITHMS, *(SECRET_ALGORITHMS if by_secret else ())],
    )
    registration = {"registration_endpoint": f"{issuer}/oauth/register"}
    claims = [*_SIGN_IN_CLAIMS, *TENANT_CLAIMS, *SCOPE_OF]
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        **{name: issuer + path for name, path in _OF_CLIENTS.items()},
        "jwks_uri": f"{issuer}/oauth/jwks",
        **(registration if offers.registration else {}),
        **logout.METADATA,
        "end_session_endpoint": f"{issuer}/oauth/logout",
        "scopes_supported": list(OPENID_SCOPES),
        "grant_types_supported": list(GRANTS),
        "subject_types_supported": list(SUBJECT_TYPES),
        "id_token_signing_alg_values_supported": signing_algorithms,
        "id_token_encryption_alg_values_supported": list(ENCRYPTION_ALGORITHMS),
        "id_token_encryption_enc_values_supported": list(CONTENT_ENCRYPTIONS),
        "userinfo_signing_alg_values_supported": signing_algorithms,
        "userinfo_encryption_alg_values_supported": list(ENCRYPTION_ALGORITHMS),
        "userinfo_encryption_enc_values_supported": list(CONTENT_ENCRYPTIONS),
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": signed,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": signed,
        "introspection_endpoint_auth_methods_supported": [one for one in methods if one != "none"],
        "introspection_endpoint_auth_signing_alg_values_supported": signed,
        "introspection_signing_alg_values_supported": signing_algorithms,
        "dpop_signing_alg_values_supported": list(proof.NAMES),
        "acr_values_supported": list(SUPPORTED),
        "claim_types_supported": ["normal"],
        "claims_supported": claims,
        "claims_parameter_supported": True,
        **certificates.members(issuer),
        **_of_requests(signing_algorithms),
    }


def _of_requests(signing_algorithms: Sequence[str]) -> dict[str, object]:
    """Return what is said of authorization requests, and of their answers."""
    return {
        "require_pushed_authorization_requests": False,
        "response_types_supported": list(authorize.RESPONSE_TYPES),
        "response_modes_supported": [*authorize.RESPONSE_MODES, *jarm.MODES],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": sorted(authorize.PROMPTS),
        "display_values_supported": list(authorize.DISPLAYS),
        "ui_locales_supported": list(LANGUAGES),
        "request_parameter_supported": True,
        "request_uri_parameter_supported": True,
        "require_request_uri_registration": True,
        "request_object_signing_alg_values_supported": list(SIGNING_ALGORITHMS),
        "authorization_signing_alg_values_supported": signing_algorithms,
        "authorization_response_iss_parameter_supported": True,
    }


class DiscoveryEndpoint(PublicDocument):
    """The metadata document, made once for each issuer and set of algorithms."""

    def __init__(
        self,
        keys: Snapshots[str | None, IssuerKeys],
        links: Mapping[str, str],
        *,
        certificates: Certificates = _NO_CERTIFICATES,
    ) -> None:
        """Take the keys, whose algorithms the document names, and links for people."""
        self._certificates = certificates
        self._keys = keys
        self._links = links
        self._published: dict[tuple[str, tuple[str, ...], Offers], Published] = {}

    def of(self, issuer: Issuer) -> Published:
        """Return the document of an issuer."""
        keys = self._keys.get(issuer.tenant_id)
        name = (issuer.url, keys.algorithms if keys else (), Offers.of(issuer.tenant))
        found = self._published.get(name)
        if found is None:
            found = publish(
                {**metadata(*name, certificates=self._certificates), **self._links},
                "application/json",
                _MAX_AGE,
            )
            self._published[name] = found
        return found
