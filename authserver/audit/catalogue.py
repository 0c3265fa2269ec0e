"""The catalogue of events.

docs/events.md is generated from it; a test compares them. Names are `<noun>.<past participle>`.
"""

from enum import StrEnum
from typing import Self


class EventType(StrEnum):
    """Everything the trail can say. The text after each name is its documentation."""

    doc: str

    def __new__(cls, name: str, doc: str) -> Self:
        """Attach the documentation to the name."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.doc = doc
        return member

    INSTALLATION_CREATED = "installation.created", "The server was set up"
    TENANT_CREATED = "tenant.created", "A tenant was created"
    TENANT_CHANGED = "tenant.changed", "Settings of a tenant were changed: before and after"
    TENANT_SUSPENDED = "tenant.suspended", "A tenant was suspended: everything of it stops"
    TENANT_RESUMED = "tenant.resumed", "A suspended tenant works again"
    TENANT_SESSIONS_ENDED = (
        "tenant.sessions_ended",
        "An operator ended every session and token of a tenant",
    )
    TENANT_ARCHIVED = "tenant.archived", "A tenant was put away: suspended for good"
    TENANT_RESTORED = "tenant.restored", "An archived tenant was taken out, still suspended"
    TENANT_EXPORTED = (
        "tenant.exported",
        "A copy of the tenant was written, encrypted; what is in it is in the event",
    )
    TENANT_IMPORTED = "tenant.imported", "The tenant was made from a copy of another installation"
    TENANT_LIMIT_CHANGED = "tenant_limit.changed", "How much of something the tenant may have"
    TENANT_LIMIT_USED = "tenant_limit.used", "Something limited was taken or given back"
    TENANT_FLAGS_CHANGED = "tenant_flags.changed", "What the tenant has booked was changed"
    TENANT_LOGO_CHANGED = "tenant_logo.changed", "The tenant got a logo, or lost it"
    TENANT_ISSUER_CHANGED = (
        "tenant_issuer.changed",
        "The tenant's own issuer is at another address: before and after",
    )
    TENANT_ACCESS_OPENED = (
        "tenant_access.opened",
        "Somebody of the platform works in the tenant: why and until when is in the event",
    )
    TENANT_ACCESS_CLOSED = "tenant_access.closed", "Somebody of the platform ended that work"
    USER_CREATED = "user.created", "An account was created"
    USER_DISABLED = "user.disabled", "An account was disabled: sessions and tokens end"
    USER_ENABLED = "user.enabled", "A disabled account works again"
    USER_SESSIONS_ENDED = (
        "user.sessions_ended",
        "An operator ended every session and token of a person",
    )
    USER_ROLES_CHANGED = "user.roles_changed", "The roles of a person were changed"
    ROLE_CREATED = "role.created", "A tenant got a role of its own, made of these permissions"
    ROLE_CHANGED = "role.changed", "A tenant's own role allows something else, or says so"
    ROLE_DELETED = (
        "role.deleted",
        "A tenant's own role was deleted and taken from everybody; how many is in the event",
    )
    USER_PASSWORD_CHANGED = "user.password_changed", "A password was set"
    USER_PROFILE_CHANGED = "user.profile_changed", "What a profile says of a person was changed"
    DEVICE_FORGOTTEN = "device.forgotten", "A person made the account forget browsers it knew"
    USER_PASSWORD_REFUSED = (
        "user.password_refused",
        "A change of password was refused; the reason is in the event",
    )
    USER_EMAIL_CHANGED = (
        "user.email_changed",
        "A person's address was changed, by a link mailed to the new one: sessions and tokens end",
    )
    PASSWORD_CHANGE_REQUIRED = (
        "password.change_required",
        "An administrator wants a new password at the next sign-in: sessions and tokens end",
    )
    EMAIL_CHANGE_REQUESTED = (
        "email_change.requested",
        "A person wants another address; whether the mail with the link was sent is in the event",
    )
    EMAIL_CHANGE_CANCELLED = (
        "email_change.cancelled",
        "A change of the address was called off; by whom is in the event",
    )
    PICTURE_CHANGED = "picture.changed", "A person gave the account a picture"
    PICTURE_REMOVED = "picture.removed", "A person took the account's picture away"
    MAIL_RETRIED = "mail.retried", "An operator had mails tried again"
    USER_EMAIL_VERIFIED = (
        "user.email_verified",
        "An address was proved for the first time: what the account had before was wiped",
    )
    VERIFICATION_SENT = "verification.sent", "A mail with a link to prove an address was sent"
    RECOVERY_REQUESTED = (
        "recovery.requested",
        "A new password was asked for; the event says whether a mail was sent",
    )
    RECOVERY_COMPLETED = "recovery.completed", "A person set a new password by a mailed link"
    IMPORT_STARTED = "import.started", "People are imported: how many rows is in the event"
    IMPORT_CANCELLED = (
        "import.cancelled",
        "An import was called off; the accounts that it had made stay",
    )
    IMPORT_ENDED = "import.ended", "An import is over: how many rows it had, and refused"
    INVITATION_CREATED = (
        "invitation.created",
        "Somebody was invited into a tenant, with these roles",
    )
    INVITATION_RESENT = "invitation.resent", "An invitation was mailed again, with a new link"
    INVITATION_REVOKED = "invitation.revoked", "An invitation was taken back"
    INVITATION_ACCEPTED = (
        "invitation.accepted",
        "A person accepted an invitation and has an account, or a guest account, with its roles",
    )
    INVITATION_REFUSED = (
        "invitation.refused",
        "An open invitation could not be accepted; the reason is in the event",
    )
    REGISTRATION_REQUESTED = (
        "registration.requested",
        "Somebody asked for an account; the event says what was mailed",
    )
    USER_REGISTERED = "user.registered", "A person made an account without an invitation"
    IDENTITY_LINKED = (
        "identity.linked",
        "A provider's identity was linked to an account and opens it; how is in the event",
    )
    IDENTITY_UNLINKED = (
        "identity.unlinked",
        "A provider's identity opens an account no more: sessions and tokens end",
    )
    IDENTITY_REFUSED = (
        "identity.refused",
        "Somebody signed in to link a provider's identity, and it was not; the event says why",
    )
    UPSTREAM_ACCEPTED = (
        "upstream_sign_in.accepted",
        "What a provider said opens the account; a second factor is still due",
    )
    UPSTREAM_REFUSED = (
        "upstream_sign_in.refused",
        "What a provider said opened no account: what became of it, and why, is in the event",
    )
    API_KEY_CREATED = "api_key.created", "An API key was made: what it may do is in the event"
    API_KEY_REVOKED = "api_key.revoked", "An API key was revoked: the next request is refused"
    API_KEY_EXPIRING = "api_key.expiring", "The owner of an API key was told that it ends soon"
    PASSWORD_ACCEPTED = (
        "password.accepted",
        "A password was right, and a second factor is still due: nobody is signed in",
    )
    SIGN_IN_SUCCEEDED = "sign_in.succeeded", "A person signed in"
    SIGN_IN_FAILED = "sign_in.failed", "A sign-in was refused; the reason is in the event"
    ACCOUNT_LOCKED = "account.locked", "Too many wrong passwords locked untrusted devices out"
    ACCOUNT_UNLOCKED = (
        "account.unlocked",
        "A mailed link, or an administrator, lifted the lock of untrusted devices",
    )
    FACTOR_ADDED = "factor.added", "A person set up a second factor; with the first, all else ends"
    FACTOR_RENAMED = "factor.renamed", "A person gave a second factor another name"
    FACTOR_REMOVED = "factor.removed", "A second factor was taken away"
    FACTOR_REFUSED = (
        "factor.refused",
        "A code or a passkey was not accepted; the reason is in the event",
    )
    FACTOR_LOCKED = (
        "factor.locked",
        "Too many wrong codes, or passkeys: none is accepted for an hour",
    )
    FACTORS_RESET = (
        "factors.reset",
        "An administrator took every second factor of a person away: sessions and tokens end",
    )
    PASSKEY_ADDED = (
        "passkey.added",
        "A person added a passkey: if it is the first factor, older sessions and tokens end",
    )
    PASSKEY_RENAMED = "passkey.renamed", "A person gave a passkey another name"
    PASSKEY_REMOVED = "passkey.removed", "A person took a passkey away: other sessions end"
    PASSKEY_REPEATED = (
        "passkey.repeated",
        "A passkey counted less than before and was refused: its key may have been copied",
    )
    BACKUP_CODES_RENEWED = (
        "backup_codes.renewed",
        "A person got new backup codes: old ones are void",
    )
    PROVIDER_TOKENS_DROPPED = (
        "provider_tokens.dropped",
        "A provider gives nothing for its tokens of a person any more: they were deleted",
    )
    TRUST_GIVEN = "trust.given", "A person trusts a browser: for a while a password is enough there"
    TRUST_USED = "trust.used", "A person signed in by password alone, in a browser they trust"
    TRUST_ENDED = "trust.ended", "A person trusts a browser no more"
    BACKUP_CODE_USED = "backup_code.used", "A person signed in with a backup code"
    SESSION_STARTED = "session.started", "A session began"
    SESSION_ENDED = "session.ended", "A session ended"
    ACCOUNT_CHOSEN = "account.chosen", "A person chose one of several accounts for a client"
    LOGOUT_UNDELIVERED = (
        "logout.undelivered",
        "A client could not be told that a session had ended; why is in the event",
    )
    LOGOUT_RETRIED = "logout.retried", "An operator had clients told again that sessions ended"
    CONSENT_GRANTED = "consent.granted", "A person allowed a client what it asked for"
    CONSENT_DENIED = "consent.denied", "A person refused a client what it asked for"
    ACCESS_REVOKED = (
        "access.revoked",
        "A person took a client's access away: the consent is gone, the token families ended",
    )
    CODE_ISSUED = "code.issued", "An authorization code was issued"
    DEVICE_REQUESTED = "device.requested", "A device asked for somebody to sign in elsewhere"
    DEVICE_CODE_ENTERED = "device.code_entered", "The code of a device was entered in a browser"
    DEVICE_APPROVED = "device.approved", "A person allowed a device what it asked for"
    DEVICE_DENIED = "device.denied", "A person refused a device what it asked for"
    DEVICE_CODES_REFUSED = (
        "device.codes_refused",
        "Too many wrong device codes came from one network: it may enter no more for a while",
    )
    CHALLENGE_REPEATED = (
        "challenge.repeated",
        "A client sends the same code_challenge or nonce again and again: a warning, once an hour",
    )
    PROOF_REPLAYED = "proof.replayed", "A used proof of a client's key came again: it was refused"
    CODE_REPLAYED = "code.replayed", "A used authorization code came again: its tokens were revoked"
    CODE_REFUSED = "code.refused", "A code was presented by another client or with a wrong verifier"
    TOKENS_ISSUED = "tokens.issued", "Tokens were issued for an authorization code"
    TOKENS_REFRESHED = "tokens.refreshed", "A refresh token was rotated"
    MACHINE_TOKEN_ISSUED = "machine_token.issued", "A client got a token for itself"
    TOKEN_EXCHANGED = (
        "token.exchanged",
        "A client exchanged somebody's token for a narrower one; whose, and for what, is in it",
    )
    ASSERTION_ACCEPTED = (
        "assertion.accepted",
        "A client got a token by the word of an issuer that its tenant trusts",
    )
    ASSERTION_REFUSED = (
        "assertion.refused",
        "An assertion was not taken; the reason is in the event",
    )
    REFRESH_REUSED = "refresh.reuse_detected", "A used refresh token came again: the family ended"
    TOKENS_REVOKED = "tokens.revoked", "A client revoked a token"
    CLIENT_CREATED = "client.created", "A client was registered"
    CLIENT_CHANGED = "client.changed", "A client's registration was changed: before and after"
    CLIENT_DELETED = (
        "client.deleted",
        "A client is gone for good: it unregistered, or nobody used it; why is in the event",
    )
    REGISTRATION_TOKEN_RENEWED = (
        "registration_token.renewed",
        "An operator gave a client that registered itself another registration access token",
    )
    INITIAL_TOKEN_CREATED = (
        "initial_access_token.created",
        "Clients may register themselves with a new token: so many, of these kinds",
    )
    INITIAL_TOKEN_REVOKED = (
        "initial_access_token.revoked",
        "No client registers with this token any more; those that did stay",
    )
    CLIENT_DISABLED = "client.disabled", "A client was disabled: its tokens end"
    CLIENT_ENABLED = "client.enabled", "A disabled client works again"
    EXCHANGE_RULES_CHANGED = (
        "client.exchange_rules_changed",
        "Whose tokens a client may exchange was changed: before and after",
    )
    ASSERTION_ISSUER_CREATED = (
        "assertion_issuer.created",
        "A tenant takes the word of an issuer, for these clients and scopes",
    )
    ASSERTION_ISSUER_CHANGED = (
        "assertion_issuer.changed",
        "What an issuer's word is taken for was changed: before and after",
    )
    ASSERTION_ISSUER_REMOVED = (
        "assertion_issuer.removed",
        "A tenant takes the word of an issuer no more",
    )
    CLIENT_SECRET_ROTATED = "client.secret_rotated", "A client got a new secret"
    CLIENT_SECRET_REVOKED = "client.secret_revoked", "A client's secret was ended, and its tokens"
    CLIENT_SECRET_EXPIRY_TOLD = (
        "client.secret_expiry_told",
        "Administrators were told that a client will soon have no secret any more",
    )
    RESOURCE_SERVER_CREATED = "resource_server.created", "A tenant registered an API"
    RESOURCE_SERVER_CHANGED = "resource_server.changed", "An API was changed: before and after"
    RESOURCE_SERVER_DELETED = (
        "resource_server.deleted",
        "An API is registered no more; clients that had it do not any more",
    )
    CLIENT_AUTHENTICATION_FAILED = (
        "client.authentication_failed",
        "A client could not prove who it is",
    )
    CLIENT_ADDRESS_REFUSED = "client.address_refused", "A client called from an address not allowed"
    CONNECTION_CREATED = "connection.created", "A connection to a sign-in provider was made"
    CONNECTION_CHANGED = (
        "connection.changed",
        "A connection to a sign-in provider was changed: before and after",
    )
    CONNECTION_SECRET_CHANGED = (
        "connection.secret_changed",
        "A connection got another client secret; neither is in the event",
    )
    CONNECTION_ENABLED = "connection.enabled", "People can sign in by a connection again"
    CONNECTION_DISABLED = (
        "connection.disabled",
        "A connection was switched off: sign-ins by it that were under way ended",
    )
    CONNECTION_SESSIONS_ENDED = (
        "connection.sessions_ended",
        "Sessions and tokens of people who came by a connection ended; of how many is in the event",
    )
    CONNECTION_REMOVED = (
        "connection.removed",
        "A connection was removed, after everybody's links by it",
    )
    DOMAIN_ADDED = "domain.added", "A tenant wants to prove that a domain is its own"
    DOMAIN_VERIFIED = "domain.verified", "The TXT record of a domain proved whose it is"
    DOMAIN_ROUTED = (
        "domain.routed",
        "People with addresses of a domain are sent to another connection, or to none",
    )
    DOMAIN_MISSED = "domain.missed", "The TXT record of a proved domain was not there"
    DOMAIN_LOST = "domain.lost", "A domain counts as proved no more; why is in the event"
    DOMAIN_REMOVED = "domain.removed", "A tenant gave a domain up"
    KEY_CREATED = "key.created", "A signing key was created and published"
    KEYS_ROTATED = "keys.rotated", "Another signing key took over"
