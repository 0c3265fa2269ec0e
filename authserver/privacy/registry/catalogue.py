"""Every table that holds something of a person: what for, for how long, and whose a row is.

A test asks of every table with a personal column, or a reference to an account, whether it is here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


def N_(text: str) -> str:  # noqa: N802  the name by which Babel finds a text
    """Mark a text for the catalogues of translations; it is translated where it is shown."""
    return text


@dataclass(frozen=True)
class Kept:
    """Why the rows of a table are kept, and until when, in words.

    `owner` is the column that names the account a row belongs to, None where a row is not one
    person's or is not known to be: nothing of it is in a copy. `also` are columns that say nothing
    about a person by themselves and belong into a copy: times, names of applications and roles.
    `goes`: an erasure deletes the rows though no column of them demands it.
    """

    purpose: str
    until: str
    owner: str | None = "user_id"
    also: tuple[str, ...] = ()
    goes: bool = False


_SIGN_IN, _ACCOUNT = N_("until the sign-in is over"), N_("until the account is erased")
_TIMES = ("created_at", "last_used_at")

KEPT: Mapping[str, Kept] = MappingProxyType(
    {
        "users": Kept(
            N_("The account: to sign somebody in, and to tell applications who it is."),
            _ACCOUNT,
            owner="id",
            also=("id", "email_verified", "created_at", "updated_at", "password_changed_at"),
        ),
        "pictures": Kept(
            N_("The picture that the person chose, for pages and applications."),
            N_("until it is replaced or removed"),
            also=("created_at",),
        ),
        "sessions": Kept(
            N_("Where somebody is signed in: for signing out, and for recognising a stranger."),
            N_("a month after the session is over"),
            also=("id", "issuer", "amr", "created_at", "last_seen_at", "expires_at", "ended_at"),
        ),
        "known_devices": Kept(
            N_("Browsers that signed in before: strangers' wrong passwords do not lock those out."),
            N_("half a year after the last sign-in"),
            also=("created_at", "last_seen_at"),
        ),
        "trusted_browsers": Kept(
            N_("Browsers in which the person wants no second factor for a while."),
            N_("until the trust is over"),
            also=(*_TIMES, "expires_at"),
        ),
        "totp_factors": Kept(
            N_("Authenticator apps, as a second factor."),
            N_("until they are removed"),
            also=("created_at", "confirmed_at"),
        ),
        "passkeys": Kept(
            N_("Passkeys, to sign in without a password or as a second factor."),
            N_("until they are removed"),
            also=(*_TIMES, "synced"),
        ),
        "passkey_owners": Kept(N_("The name by which passkeys know the account."), _ACCOUNT),
        "backup_codes": Kept(
            N_("Codes for the day on which the second factor is lost; only their hashes."),
            N_("until there are new ones"),
            also=("created_at", "used_at"),
        ),
        "backup_code_sheets": Kept(
            N_("New backup codes, until they were shown."), N_("a few minutes")
        ),
        "partial_sign_ins": Kept(N_("A sign-in between its two factors."), _SIGN_IN),
        "federated_identities": Kept(
            N_("Accounts at sign-in providers that open this account."),
            N_("until they are unlinked"),
            also=("issuer", *_TIMES),
        ),
        "provider_tokens": Kept(
            N_("Tokens of a provider, for applications that may act there for the person."),
            N_("until the provider's account is unlinked"),
        ),
        "api_keys": Kept(
            N_("Keys by which the person's own programs act."),
            N_("a month after they end"),
            also=("hint", "scopes", "roles", *_TIMES, "expires_at", "revoked_at"),
        ),
        "consents": Kept(
            N_("What the person allows applications now."),
            N_("until it is taken back"),
            also=("client_id", "scope", "resources", "claims", "granted_at"),
            goes=True,
        ),
        "consent_records": Kept(
            N_("The proof of what the person allowed, denied and took back, in which words."),
            N_("for good; address and browser until the account is erased"),
            also=(
                "id",
                "act",
                "client_id",
                "scope",
                "resources",
                "claims",
                "text_hash",
                "locale",
                "decided_at",
            ),
        ),
        "role_assignments": Kept(
            N_("Roles: what the person may do."),
            N_("until they are taken away"),
            also=("role", "assigned_at", "until"),
            goes=True,
        ),
        "token_families": Kept(
            N_("Applications that hold tokens of the person."),
            N_("a day after the last of them is over"),
            also=("issuer", "client_id", "scope", "created_at", "expires_at", "revoked_at"),
        ),
        "authorization_codes": Kept(
            N_("The moment between signing in and the application's tokens."),
            N_("until what was made of the code is over"),
        ),
        "logout_notices": Kept(
            N_("Applications that have to hear that a session is over."),
            N_("a month after they heard"),
        ),
        "failure_counters": Kept(
            N_("Wrong passwords, to stop guessing."), N_("until a right one is given"), goes=True
        ),
        "factor_guesses": Kept(
            N_("Wrong codes, to stop guessing."), N_("until a right one is given"), goes=True
        ),
        "mailed_links": Kept(
            N_("Links that prove an address or open a forgotten account."),
            N_("a day after they end"),
        ),
        "outbox_messages": Kept(
            N_("Mails to the person; what they said is gone when they are sent."),
            N_("a month after they are sent"),
        ),
        "data_exports": Kept(
            N_("Copies of a person's own data that were asked for."),
            N_("a month after they were made"),
            also=("created_at", "ready_at", "taken_at"),
        ),
        "data_export_parts": Kept(
            N_("What such a copy holds, encrypted, until it is fetched."), N_("a day"), owner=None
        ),
        "tenant_copy_parts": Kept(
            N_("A copy of an organization, encrypted under the passphrase of who asked for it."),
            N_("a day"),
            owner=None,
        ),
        "invitations": Kept(
            N_("Addresses that were asked into an organization."),
            N_("a month after the invitation ends"),
        ),
        "registrations": Kept(
            N_("Addresses that want an account, until they are proved."),
            N_("a day after the link ends"),
        ),
        "erasures": Kept(
            N_("Erasures that were asked for; afterwards the proof of what was done."),
            N_("for good; the link until it is used"),
            also=("state", "asked_at", "due_at"),
        ),
        "legal_holds": Kept(
            N_("Why somebody's data has to stay, by law."),
            N_("until the account is erased"),
            also=("set_at", "lifted_at"),
        ),
        "audit_subjects": Kept(
            N_("The key to what the trail says of a person: without it nobody can read that."),
            _ACCOUNT,
            owner="principal_id",
        ),
        "tenant_accesses": Kept(
            N_("Why an operator opened an organization of a customer."),
            N_("a month after it ends"),
            owner="principal_id",
        ),
        "pending_authorizations": Kept(
            N_("A sign-in under way, with what the application asked."), _SIGN_IN, owner=None
        ),
        "pushed_requests": Kept(N_("What an application wants to ask."), N_("minutes"), owner=None),
        "device_authorizations": Kept(
            N_("A device that waits for somebody to sign in."), N_("minutes"), owner=None
        ),
        "job_parts": Kept(
            N_("Rows of an import, encrypted."), N_("until the import is over"), owner=None
        ),
        "trail_export_parts": Kept(
            N_("A copy of the trail that an administrator asked for, encrypted."),
            N_("a day; with personal values in clear, until anybody is erased"),
            owner=None,
        ),
    }
)
