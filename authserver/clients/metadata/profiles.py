"""Security profiles: what a client promised to do without. Values in, decision out.

FAPI 2.0 Security Profile, sections 5.3.2, 5.3.3 and 5.4: a confidential client that proves itself
by a key, leaves its requests here first, and whose tokens are good with a key of its own only.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from authserver.clients.options import FAPI2, FAPI2_ALGORITHMS
from authserver.clients.policy import RS256, AuthMethod, UnfitRegistration, find_kind
from authserver.core.net.uri import parse_uri
from authserver.core.said import said

if TYPE_CHECKING:
    from authserver.clients.registration import Checked

PROFILES = (FAPI2,)
_METHODS = (AuthMethod.PRIVATE_KEY_JWT, AuthMethod.TLS, AuthMethod.SELF_SIGNED_TLS)
_ALGORITHMS = (
    "token_endpoint_auth_signing_alg", "request_object_signing_alg",
    "authorization_signed_response_alg", "userinfo_signed_response_alg",
    "introspection_signed_response_alg",
)  # fmt: skip


def fitted(checked: "Checked") -> "Checked":
    """Return a registration with what its profile implies. Raises UnfitRegistration."""
    profile = checked.options.security_profile
    if profile is None:
        return checked
    if profile not in PROFILES:
        raise UnfitRegistration(
            said("'security_profile' is one of %(profiles)s.", profiles=", ".join(PROFILES))
        )
    for check in CHECKS:
        check(checked)
    return _complete(checked)


def check_authentication(checked: "Checked") -> None:
    """Refuse public clients and shared secrets (5.3.2.1, 3 and 6)."""
    if checked.auth_method not in _METHODS:
        raise UnfitRegistration(
            "A client of the profile fapi2 authenticates by private_key_jwt or a certificate."
        )


def check_pkce(checked: "Checked") -> None:
    """Refuse codes without PKCE (5.3.2.2, 5)."""
    if not checked.pkce_required:
        raise UnfitRegistration("A client of the profile fapi2 always uses PKCE.")


def check_redirect_uris(checked: "Checked") -> None:
    """Refuse redirect URIs that are not https, on loopback too (5.3.2.2, 8)."""
    for uri in checked.redirect_uris:
        if parse_uri(uri).scheme != "https":
            raise UnfitRegistration(said("The profile fapi2 needs https: %(uri)r is not.", uri=uri))


def check_algorithms(checked: "Checked") -> None:
    """Refuse RSA with PKCS #1 v1.5, and what the profile does not name (5.4)."""
    named = {name: getattr(checked.options, name) for name in _ALGORITHMS}
    named["access_token_alg"] = checked.access_token_alg
    named["id_token_alg"] = None if checked.id_token_alg == RS256 else checked.id_token_alg
    for name, alg in named.items():
        if alg is not None and alg not in FAPI2_ALGORITHMS:
            allowed = ", ".join(FAPI2_ALGORITHMS)
            raise UnfitRegistration(
                said(
                    "'%(name)s' of the profile fapi2 is one of %(allowed)s.",
                    name=name,
                    allowed=allowed,
                )
            )


def _complete(checked: "Checked") -> "Checked":
    """Demand at requests what the profile demands, and sign ID tokens as it does."""
    options = replace(
        checked.options,
        dpop_bound_access_tokens=not checked.options.tls_client_certificate_bound_access_tokens,
        require_pushed_authorization_requests=find_kind(checked.kind).has_people,
    )
    alg = FAPI2_ALGORITHMS[0] if checked.id_token_alg == RS256 else checked.id_token_alg
    return replace(checked, options=options, id_token_alg=alg)


Check = Callable[["Checked"], None]

CHECKS: tuple[Check, ...] = (
    check_authentication,
    check_pkce,
    check_redirect_uris,
    check_algorithms,
)
