"""The metadata of an issuer (OpenID Connect Discovery 1.0, RFC 8414), derived from the code."""

from collections.abc import Sequence
from datetime import timedelta

from authserver.core.cache import Snapshots
from authserver.oauth.authorize import request as authorize
from authserver.oauth.client_auth.authenticate import METHODS
from authserver.oauth.client_auth.private_key_jwt import ALGORITHMS
from authserver.oauth.dpop import proof
from authserver.oauth.lane.documents import PublicDocument, Published, publish
from authserver.oauth.levels import SUPPORTED
from authserver.oauth.scopes import OPENID_SCOPES
from authserver.oauth.token.grants import GRANTS
from authserver.settings import LANGUAGES
from authserver.tenants.resolve import Issuer
from authserver.tokens.calendar import IssuerKeys
from authserver.tokens.claims import SCOPE_CLAIMS, TENANT_CLAIMS

_SIGN_IN_CLAIMS = ("sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "sid", "nonce")
_MAX_AGE = timedelta(minutes=5)
_CONFIDENTIAL = [method for method in METHODS if method != "none"]


def metadata(issuer: str, signing_algorithms: Sequence[str]) -> dict[str, object]:
    """Return the document of an issuer."""
    claims = [*_SIGN_IN_CLAIMS, *TENANT_CLAIMS, *(c for of in SCOPE_CLAIMS.values() for c in of)]
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "jwks_uri": f"{issuer}/oauth/jwks",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "scopes_supported": list(OPENID_SCOPES),
        "response_types_supported": list(authorize.RESPONSE_TYPES),
        "response_modes_supported": list(authorize.RESPONSE_MODES),
        "grant_types_supported": list(GRANTS),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": signing_algorithms,
        "token_endpoint_auth_methods_supported": list(METHODS),
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "revocation_endpoint_auth_methods_supported": list(METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "introspection_endpoint_auth_methods_supported": _CONFIDENTIAL,
        "introspection_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": list(proof.ALGORITHMS),
        "prompt_values_supported": sorted(authorize.PROMPTS),
        "acr_values_supported": list(SUPPORTED),
        "claims_supported": claims,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": list(LANGUAGES),
    }


class DiscoveryEndpoint(PublicDocument):
    """The metadata document, made once for each issuer and set of algorithms."""

    def __init__(self, keys: Snapshots[str | None, IssuerKeys]) -> None:
        """Take the keys, whose algorithms the document names."""
        self._keys = keys
        self._published: dict[tuple[str, tuple[str, ...]], Published] = {}

    def of(self, issuer: Issuer) -> Published:
        """Return the document of an issuer."""
        keys = self._keys.get(issuer.tenant_id)
        name = (issuer.url, keys.algorithms if keys else ())
        found = self._published.get(name)
        if found is None:
            found = publish(metadata(*name), "application/json", _MAX_AGE)
            self._published[name] = found
        return found
