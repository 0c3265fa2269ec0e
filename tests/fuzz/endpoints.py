"""The protocol's endpoints as an attacker sees them: paths, methods, parameters they know."""

from dataclasses import dataclass

GET, POST = ("GET",), ("POST",)
BOTH = (*GET, *POST)
_CLIENT = ("client_id", "client_secret", "client_assertion", "client_assertion_type")
_AUTHORIZATION = (
    "client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce",
    "code_challenge", "code_challenge_method", "prompt", "max_age", "display", "ui_locales",
    "claims_locales", "claims", "id_token_hint", "login_hint", "acr_values", "resource", "request",
    "request_uri", "registration", "organization", "idp_hint", "domain_hint",
)  # fmt: skip
_GRANTS = (
    "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "scope", "resource",
    "device_code", "assertion", "subject_token", "subject_token_type", "actor_token",
    "actor_token_type", "requested_token_type", "audience",
)  # fmt: skip
_TOKEN = ("token", "token_type_hint")
_LOGOUT = (
    "id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales",
)  # fmt: skip
_REGISTRATION = (
    "redirect_uris", "client_name", "grant_types", "response_types", "scope", "contacts", "jwks",
    "jwks_uri", "logo_uri", "subject_type", "sector_identifier_uri", "token_endpoint_auth_method",
    "id_token_signed_response_alg", "default_max_age", "software_statement", "request_uris",
    "post_logout_redirect_uris", "backchannel_logout_uri", "application_type", "client_id",
)  # fmt: skip


@dataclass(frozen=True)
class Endpoint:
    """One path. `json` says that its bodies are documents rather than forms."""

    methods: tuple[str, ...]
    parameters: tuple[str, ...] = ()
    json: bool = False


ENDPOINTS = {
    "/.well-known/openid-configuration": Endpoint(GET),
    "/.well-known/oauth-authorization-server": Endpoint(GET),
    "/oauth/jwks": Endpoint(GET),
    "/oauth/authorize": Endpoint(BOTH, _AUTHORIZATION),
    "/oauth/token": Endpoint(POST, (*_CLIENT, *_GRANTS)),
    "/oauth/par": Endpoint(POST, (*_CLIENT[1:], *_AUTHORIZATION)),
    "/oauth/device_authorization": Endpoint(POST, (*_CLIENT, "scope", "resource")),
    "/oauth/register": Endpoint(POST, _REGISTRATION, json=True),
    "/oauth/register/cli_0": Endpoint(("GET", "PUT", "DELETE"), _REGISTRATION, json=True),
    "/oauth/logout": Endpoint(BOTH, _LOGOUT),
    "/device": Endpoint(BOTH, ("user_code",)),
    "/oauth/introspect": Endpoint(POST, (*_CLIENT, *_TOKEN)),
    "/oauth/revoke": Endpoint(POST, (*_CLIENT, *_TOKEN)),
    "/oauth/userinfo": Endpoint(BOTH, ("access_token",)),
}
