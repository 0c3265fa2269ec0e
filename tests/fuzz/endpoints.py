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
    "/oauth/introspect": Endpoint(POST, (*_CLIENT, *_TOKEN)),
    "/oauth/revoke": Endpoint(POST, (*_CLIENT, *_TOKEN)),
    "/oauth/userinfo": Endpoint(BOTH, ("access_token",)),
}
