"""Every tour through the pages, the stops that it makes, and the templates that are seen there."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from playwright.sync_api import Page

from tests.browser import (
    walk,
    walk_address,
    walk_clients,
    walk_console,
    walk_console_roles,
    walk_devices,
    walk_erasure,
    walk_factors,
    walk_figures,
    walk_keys,
    walk_mails,
    walk_people,
    walk_providers,
    walk_registered,
    walk_requests,
    walk_sign_ins,
    walk_tenancy,
    walk_trail,
    walk_webhooks,
)
from tests.browser.walk import Stop
from tests.support.demo import Demo


@dataclass(frozen=True)
class Tour:
    """A walk from stop to stop. `stops`: the template that each shows."""

    walk: Callable[[Page, Demo, Stop], None]
    stops: dict[str, str]


def _same(template: str, *stops: str) -> dict[str, str]:
    return dict.fromkeys(stops, template)


TOURS = {
    "hosted": Tour(
        # Nobody else of the tests comes to the application with it: it asks for consent.
        partial(walk.hosted, email="admin@acme.test"),
        {
            "sign-in": "login/password",
            "consent": "login/consent",
            "demo": "demo/home",
            "demo-problem": "demo/problem",
            "form-post": "oauth/form_post",
            "home": "home",
            "sign-out": "login/logout",
            "error": "error",
            **_same("login/signed_out", "signed-out", "signed-out-back"),
            **_same("login/logout", "sign-out-asked", "sign-out-misfit"),
            **_same("demo/signed_out", "demo-signed-out", "demo-signed-out-everywhere"),
        },
    ),
    "refused requests": Tour(
        walk_requests.refused_requests,
        {"leave": "oauth/leave", "link-over": "error"},
    ),
    "device": Tour(
        walk_devices.device,
        {
            **_same("login/device/enter", "device", "device-refused", "device-complete"),
            "device-sign-in": "login/password",
            "device-confirm": "login/device/confirm",
            **_same("login/device/done", "device-connected", "device-denied"),
        },
    ),
    "partner": Tour(walk_figures.partner, walk_figures.PARTNER),
    "usage": Tour(walk_figures.usage, dict.fromkeys(walk_figures.USAGE, "console/usage")),
    "recover": Tour(
        walk.recover,
        {
            **_same("login/recover", "recover", "recover-sent"),
            **_same("login/recover/new", "new-password", "new-password-refused"),
            "password-done": "login/recover/done",
            "link-closed": "login/recover/closed",
        },
    ),
    "unlock": Tour(
        walk_mails.unlock,
        {
            "sign-in-refused": "login/password",
            "unlock": "login/recover/unlock",
            "unlock-done": "login/recover/done",
        },
    ),
    "verify": Tour(
        walk_mails.verify,
        {"verify": "login/verify", "new-password-confirmed": "login/recover/new"},
    ),
    "mails": Tour(walk_mails.mails, {"mails": "dev/mail", "mail": "dev/message"}),
    "entry": Tour(
        walk.entry,
        {
            **_same("login/change/password", "change-password", "change-password-refused"),
            "picture-refused": "account/picture",
            **_same("account/email", "email-refused"),
            "email-waiting": "account/profile",
            "email-keep": "login/email/keep",
            "email-confirm": "login/email/confirm",
            "email-done": "login/recover/done",
        },
    ),
    "join": Tour(
        walk.join,
        {
            **_same("login/invitation", "invitation", "invitation-refused", "invitation-guest"),
            "invitation-done": "login/invitation/done",
            "invitation-closed": "login/invitation/closed",
        },
    ),
    "register": Tour(
        walk.register,
        {
            "sign-in-register": "login/password",
            **_same("login/register", "register", "register-refused", "register-sent"),
            "register-new": "login/register/new",
            "register-done": "login/register/done",
            "register-closed": "login/register/closed",
        },
    ),
    "second factor": Tour(
        walk_factors.second_factor,
        {
            **_same("login/mfa/setup", "mfa-setup", "mfa-setup-refused"),
            "mfa-passkey-setup": "login/mfa/passkey_setup",
            "mfa-codes": "login/mfa/codes",
            **_same("login/mfa", "mfa", "mfa-refused"),
            **_same("login/mfa", "mfa-backup-code", "mfa-backup-code-refused"),
        },
    ),
    "account": Tour(
        walk.pages_of_the_account,
        {
            **{f"account-{name}": f"account/{name}" for name in walk.ACCOUNT},
            "account-question": "account/confirm",
            "account-export": "account/privacy/export",
            **_same("account/profile", "account-refused", "account-switcher"),
            **_same("account/profile", "account-details-refused", "account-details"),
        },
    ),
    "erasure": Tour(walk_erasure.erasure, walk_erasure.STOPS),
    "unconfirmed": Tour(
        walk_address.unconfirmed,
        {
            **_same("account/overview", "overview-unconfirmed", "overview-link-sent"),
            **_same("account/password", "password-weak", "password-strong"),
        },
    ),
    "own security": Tour(
        walk_factors.own_security,
        {
            "own-overview": "account/overview",
            **_same("account/security", "own-security-bare", "own-security", "own-trusted"),
            **_same("account/password", "own-password", "own-password-refused"),
            "own-password-weak": "account/password",
            **_same("account/factors/add", "own-add", "own-add-refused", "own-add-another"),
            **_same("account/factors/codes", "own-new-codes", "own-codes"),
            "own-rename": "account/factors/rename",
            **_same("account/factors/remove", "own-remove", "own-remove-last"),
            "mfa-trust": "login/mfa",
            "own-trust-question": "account/factors/trust",
        },
    ),
    "passkeys": Tour(
        walk_factors.passkeys,
        {
            "account-passkey-new": "account/passkeys/new",
            "account-passkey-codes": "account/factors/codes",
            "account-passkeys": "account/security",
            "account-passkey": "account/passkeys",
            "sign-in-once-more": "login/password",
            "mfa-passkey": "login/mfa/passkey",
            **_same("login/passkey", "passkey", "passkey-cancelled"),
        },
    ),
    "linked sign-ins": Tour(
        walk_sign_ins.linked_sign_ins,
        {
            **_same("account/sign_ins", "sign-ins-none", "sign-ins-connected", "sign-ins"),
            "sign-ins-disconnected": "account/sign_ins",
            "sign-ins-connect": "account/sign_ins/link",
            "sign-ins-away": "account/sign_ins/away",
            "sign-ins-on-security": "account/security",
            "sign-ins-on-overview": "account/overview",
            **_same("account/sign_ins/unlink", "sign-ins-disconnect", "sign-ins-last"),
        },
    ),
    "providers": Tour(
        walk_providers.providers,
        {
            **_same("login/password", "sign-in-providers", "sign-in-cancelled", "sign-in-link"),
            "to-a-provider": "login/federation/away",
            "link": "login/federation/link",
            "sign-in-address": "login/password",
        },
    ),
    "registered application": Tour(
        walk_registered.registered,
        {"sign-in-logo": "login/password", "consent-registered": "login/consent"},
    ),
    "accounts": Tour(
        walk.choose_account,
        {
            "choose-account": "login/account",
            "sign-in-to-a-chosen-account": "login/password",
            "account-guests": "account/tenants",
            "account-security-of-a-guest": "account/security",
            "account-elsewhere": "account/elsewhere",
        },
    ),
    "people": Tour(
        walk_people.people,
        {
            **_same("console/list", "console-people", "console-invitations", "console-imports"),
            **_same("console/form", "console-person-new", "console-person-edit"),
            **_same("console/form", "console-person-roles", "console-person-give-role"),
            **_same("console/form", "console-person-disable", "console-invite"),
            **_same("console/detail", "console-person", "console-person-security"),
            **_same("console/detail", "console-person-sessions", "console-person-events"),
            "console-invitation": "console/detail",
            "console-upload": "console/upload",
            "console-import": "console/import",
        },
    ),
    "console clients": Tour(
        walk_clients.clients,
        {
            "clients": "console/list",
            "client-kinds": "console/clients/kinds",
            **_same("console/form", "client-refused", "client-edit", "client-metadata"),
            **_same("console/form", "client-secret-new", "client-delete"),
            "client-secret": "console/secret",
            **_same("console/detail", "client", "client-secrets"),
            "client-snippets": "console/clients/snippets",
            **_same("console/clients/trial", "client-test", "client-test-refused"),
        },
    ),
    "console trail": Tour(walk_trail.trail, walk_trail.STOPS),
    "console webhooks": Tour(walk_webhooks.webhooks, walk_webhooks.STOPS),
    "console APIs": Tour(
        walk_clients.apis,
        {
            **_same("console/list", "apis-none", "registrations"),
            **_same("console/form", "api-new", "api-edit", "provider-new", "registration-new"),
            **_same("console/detail", "api", "provider", "provider-unreachable", "providers"),
            "provider-kinds": "console/connections/kinds",
        },
    ),
    "console roles": Tour(
        walk_console_roles.roles,
        {
            "console-roles": "console/roles",
            "console-role": "console/detail",
            **_same("console/list", "console-role-nobody", "console-role-people"),
            **_same("console/form", "console-role-new", "console-role-refused"),
            **_same("console/form", "console-role-change", "console-role-delete"),
        },
    ),
    "console": Tour(
        walk_console.console,
        {
            "console-overview": "console/overview",
            **_same("console/list", "console-tenants", "console-closed", "console-arrivals"),
            **_same("console/form", "console-new", "console-refused", "console-open", "guest-new"),
            "console-arrival-new": "console/form",
            **_same("console/detail", "console-tenant", "console-opened"),
            "console-trail": "console/trail/timeline",
            "console-event": "console/trail/event",
            "console-problem": "console/problem",
            "console-nothing": "console/nothing",
        },
    ),
    "keys": Tour(
        walk_keys.api_keys,
        {
            **_same("account/api_keys", "api-keys-none", "api-keys"),
            **_same("account/api_keys/new", "api-key-new", "api-key-refused"),
            "api-key-made": "account/api_keys/made",
            "api-key-question": "account/confirm",
            **_same("console/list", "console-api-keys", "console-mails", "console-logouts"),
            **_same("console/form", "console-api-key-new", "console-signing-keys-rotate"),
            "console-mails-retry": "console/form",
            **_same("console/detail", "console-api-key", "console-health"),
            "console-signing-keys": "console/keys/signing",
        },
    ),
    "tenancy": Tour(walk_tenancy.tenancy, walk_tenancy.STOPS),
}
