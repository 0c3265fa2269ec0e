"""The URLs of every issuer that are tried with what belongs to another tenant."""

COVERED = {
    "/", "/device", "/device/done", "/oauth/device_authorization", "/oauth/authorize",
    "/oauth/token", "/oauth/par", "/oauth/introspect", "/oauth/revoke", "/oauth/userinfo",
    "/oauth/jwks", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server",
    "/.well-known/audit-keys", "/login/password", "/login/consent", "/login/account", "/login/mfa",
    "/login/mfa/setup", "/login/mfa/codes", "/login/mfa/passkey", "/login/mfa/passkey-setup",
    "/login/passkey", "/account/passkeys", "/login/change/password", "/login/email/confirm",
    "/login/email/keep", "/account/email", "/account/picture", "/account/picture/<picture_id>",
    "/login/contact/confirm", "/login/contact/done",  # tests/attacks/test_contact_links.py
    "/oauth/logout", "/login/logout", "/login/signed-out", "/account", "/account/profile",
    "/account/sessions", "/account/privacy", "/account/privacy/export",
    "/account/privacy/erasure", "/login/receipt",  # tests/privacy/test_erasure.py
    "/account/applications", "/account/tenants", "/account/security", "/account/password",
    "/account/factors/add", "/account/factors/rename", "/account/factors/remove",
    "/account/factors/codes", "/account/factors/trust", "/account/sign-ins", "/account/api-keys",
    "/login/recover", "/login/recover/new", "/login/recover/done", "/login/recover/unlock",
    "/login/invitation", "/login/invitation/done", "/login/register", "/login/register/new",
    "/login/register/done", "/login/verify", "/login/federation/link",
    "/login/federation/<connection_id>", "/login/federation/<connection_id>/callback",
    "/oauth/register", "/oauth/register/", "/login/logo/<logo_id>", "/api/v1/docs", "/partner",
    "/partner/client", "/partner/secret", "/partner/addresses",
    "/login/brand/logo/<logo_id>.<form>",
}  # fmt: skip
