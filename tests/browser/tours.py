"""Every tour through the pages, those of the people who sign in first."""

from functools import partial

from tests.browser import (
    walk,
    walk_address,
    walk_devices,
    walk_erasure,
    walk_factors,
    walk_figures,
    walk_mails,
    walk_providers,
    walk_registered,
    walk_requests,
    walk_sign_ins,
)
from tests.browser.touring import Tour, same
from tests.browser.tours_console import CONSOLE

PEOPLE = {
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
            **same("login/signed_out", "signed-out", "signed-out-back"),
            **same("login/logout", "sign-out-asked", "sign-out-misfit"),
            **same("demo/signed_out", "demo-signed-out", "demo-signed-out-everywhere"),
        },
    ),
    "refused requests": Tour(
        walk_requests.refused_requests,
        {"leave": "oauth/leave", "link-over": "error"},
    ),
    "device": Tour(
        walk_devices.device,
        {
            **same("login/device/enter", "device", "device-refused", "device-complete"),
            "device-sign-in": "login/password",
            "device-confirm": "login/device/confirm",
            **same("login/device/done", "device-connected", "device-denied"),
        },
    ),
    "partner": Tour(walk_figures.partner, walk_figures.PARTNER),
    "recover": Tour(
        walk.recover,
        {
            **same("login/recover", "recover", "recover-sent"),
            **same("login/recover/new", "new-password", "new-password-refused"),
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
            **same("login/change/password", "change-password", "change-password-refused"),
            "picture-refused": "account/picture",
            **same("account/email", "email-refused"),
            "email-waiting": "account/profile",
            "email-keep": "login/email/keep",
            "email-confirm": "login/email/confirm",
            "email-done": "login/recover/done",
        },
    ),
    "join": Tour(
        walk.join,
        {
            **same("login/invitation", "invitation", "invitation-refused", "invitation-guest"),
            "invitation-done": "login/invitation/done",
            "invitation-closed": "login/invitation/closed",
        },
    ),
    "register": Tour(
        walk.register,
        {
            "sign-in-register": "login/password",
            **same("login/register", "register", "register-refused", "register-sent"),
            "register-new": "login/register/new",
            "register-done": "login/register/done",
            "register-closed": "login/register/closed",
        },
    ),
    "second factor": Tour(
        walk_factors.second_factor,
        {
            **same("login/mfa/setup", "mfa-setup", "mfa-setup-refused"),
            "mfa-passkey-setup": "login/mfa/passkey_setup",
            "mfa-codes": "login/mfa/codes",
            **same("login/mfa", "mfa", "mfa-refused"),
            **same("login/mfa", "mfa-backup-code", "mfa-backup-code-refused"),
        },
    ),
    "account": Tour(
        walk.pages_of_the_account,
        {
            **{f"account-{name}": f"account/{name}" for name in walk.ACCOUNT},
            "account-question": "account/confirm",
            "account-export": "account/privacy/export",
            **same("account/profile", "account-refused", "account-switcher"),
            **same("account/profile", "account-details-refused", "account-details"),
        },
    ),
    "erasure": Tour(walk_erasure.erasure, walk_erasure.STOPS),
    "unconfirmed": Tour(
        walk_address.unconfirmed,
        {
            **same("account/overview", "overview-unconfirmed", "overview-link-sent"),
            **same("account/password", "password-weak", "password-strong"),
        },
    ),
    "own security": Tour(
        walk_factors.own_security,
        {
            "own-overview": "account/overview",
            **same("account/security", "own-security-bare", "own-security", "own-trusted"),
            **same("account/password", "own-password", "own-password-refused"),
            "own-password-weak": "account/password",
            **same("account/factors/add", "own-add", "own-add-refused", "own-add-another"),
            **same("account/factors/codes", "own-new-codes", "own-codes"),
            "own-rename": "account/factors/rename",
            **same("account/factors/remove", "own-remove", "own-remove-last"),
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
            **same("login/passkey", "passkey", "passkey-cancelled"),
        },
    ),
    "linked sign-ins": Tour(
        walk_sign_ins.linked_sign_ins,
        {
            **same("account/sign_ins", "sign-ins-none", "sign-ins-connected", "sign-ins"),
            "sign-ins-disconnected": "account/sign_ins",
            "sign-ins-connect": "account/sign_ins/link",
            "sign-ins-away": "account/sign_ins/away",
            "sign-ins-on-security": "account/security",
            "sign-ins-on-overview": "account/overview",
            **same("account/sign_ins/unlink", "sign-ins-disconnect", "sign-ins-last"),
        },
    ),
    "providers": Tour(
        walk_providers.providers,
        {
            **same("login/password", "sign-in-providers", "sign-in-cancelled", "sign-in-link"),
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
}
TOURS = {**PEOPLE, **CONSOLE}
