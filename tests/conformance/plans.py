"""The modules of the public certification plans for providers that speak the code flow."""

CONFIG = ("oidcc-discovery-endpoint-verification",)
_UNSIGNED = "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported"
BASIC = (
    "oidcc-server",
    "oidcc-response-type-missing",
    "oidcc-idtoken-signature",
    "oidcc-idtoken-unsigned",
    "oidcc-userinfo-get",
    "oidcc-userinfo-post-header",
    "oidcc-userinfo-post-body",
    "oidcc-ensure-request-without-nonce-succeeds-for-code-flow",
    "oidcc-scope-profile",
    "oidcc-scope-email",
    "oidcc-scope-address",
    "oidcc-scope-phone",
    "oidcc-scope-all",
    "oidcc-alternate-happy-flow",
    "oidcc-display-page",
    "oidcc-display-popup",
    "oidcc-prompt-login",
    "oidcc-prompt-none-not-logged-in",
    "oidcc-prompt-none-logged-in",
    "oidcc-max-age-1",
    "oidcc-max-age-10000",
    "oidcc-ensure-request-with-unknown-parameter-succeeds",
    "oidcc-id-token-hint",
    "oidcc-login-hint",
    "oidcc-ui-locales",
    "oidcc-claims-locales",
    "oidcc-ensure-request-with-acr-values-succeeds",
    "oidcc-codereuse",
    "oidcc-codereuse-30seconds",
    "oidcc-ensure-registered-redirect-uri",
    "oidcc-ensure-post-request-succeeds",
    "oidcc-server-client-secret-post",
    "oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported",
    _UNSIGNED,
    "oidcc-claims-essential",
    "oidcc-ensure-request-object-with-redirect-uri",
    "oidcc-refresh-token",
    "oidcc-ensure-request-with-valid-pkce-succeeds",
)
DYNAMIC = (
    "oidcc-discovery-endpoint-verification",
    "oidcc-server",
    "oidcc-ensure-client-assertion-with-iss-aud-succeeds",
    "oidcc-ensure-redirect-uri-in-authorization-request",
    "oidcc-ensure-request-object-with-redirect-uri",
    "oidcc-idtoken-rs256",
    "oidcc-idtoken-unsigned",
    "oidcc-redirect-uri-query-OK",
    "oidcc-redirect-uri-query-added",
    "oidcc-redirect-uri-query-mismatch",
    "oidcc-redirect-uri-regfrag",
    "oidcc-refresh-token",
    "oidcc-refresh-token-rp-key-rotation",
    "oidcc-registration-jwks-uri",
    "oidcc-registration-logo-uri",
    "oidcc-registration-policy-uri",
    "oidcc-registration-tos-uri",
    "oidcc-registration-sector-uri",
    "oidcc-registration-sector-bad",
    "oidcc-request-uri-signed-rs256",
    "oidcc-request-uri-unsigned",
    "oidcc-server-rotate-keys",
    "oidcc-userinfo-rs256",
)
LOGOUT = (
    "oidcc-rp-initiated-logout-discovery-endpoint-verification",
    "oidcc-rp-initiated-logout",
    "oidcc-rp-initiated-logout-bad-id-token-hint",
    "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri",
    "oidcc-rp-initiated-logout-modified-id-token-hint",
    "oidcc-rp-initiated-logout-no-id-token-hint",
    "oidcc-rp-initiated-logout-no-params",
    "oidcc-rp-initiated-logout-no-post-logout-redirect-uri",
    "oidcc-rp-initiated-logout-no-state",
    "oidcc-rp-initiated-logout-only-state",
    "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri",
)
CHANNELS = (
    "oidcc-backchannel-logout-discovery-endpoint-verification",
    "oidcc-backchannel-rp-initiated-logout",
    "oidcc-frontchannel-logout-discovery-endpoint-verification",
    "oidcc-frontchannel-rp-initiated-logout",
)
ELSEWHERE = ("oidcc-3rd_party-init-login", "oidcc-3rd_party-init-login-nohttps")

PLANS = {
    "Config OP": CONFIG,
    "Basic OP and Form Post OP": BASIC,
    "Dynamic OP, response type code": DYNAMIC,
    "RP-Initiated Logout OP": LOGOUT,
    "Back-Channel and Front-Channel Logout OP": CHANNELS,
    "3rd Party-Initiated Login OP": ELSEWHERE,
}
MODULES = tuple(name for modules in PLANS.values() for name in modules)

# What a module asks for that this server does not do, by plan.
_SIGNED_ALONE = """\
Request objects are signed, or refused with `request_not_supported` (RFC 9700). The metadata do not
offer `none`, and the plan then leaves the module out. With signed ones the same is proved."""
_NO_UNSIGNED = (
    "No ID token is unsigned. The metadata do not offer `none`, and the plan leaves it out."
)
DEVIATIONS = {
    "Basic OP and Form Post OP": {
        "oidcc-idtoken-unsigned": _NO_UNSIGNED,
        _UNSIGNED: _SIGNED_ALONE,
        "oidcc-ensure-request-object-with-redirect-uri": _SIGNED_ALONE,
    },
    "Dynamic OP, response type code": {
        "oidcc-idtoken-unsigned": _NO_UNSIGNED,
        "oidcc-ensure-request-object-with-redirect-uri": _SIGNED_ALONE,
        "oidcc-request-uri-unsigned": """\
OpenID Connect Core section 15.2 has dynamic providers take request objects that nobody signed. Here
whoever can write to the address would be the client: the module ends with `request_not_supported`,
and what it is about is proved by `oidcc-request-uri-signed-rs256`.""",
        "oidcc-discovery-endpoint-verification": """\
Run for dynamic clients it wants the response types `id_token` and `id_token token` and the grant
`implicit` (section 15.2). No token leaves the authorization endpoint here (RFC 9700 section 2.1.2);
for static clients, as Config OP runs it, it passes.""",
    },
}
