"""Passkeys as factors: alone, after a password, as the first that a person sets up, and one's own.

Owns what the use, the making and the end of a passkey mean for sign-ins, sessions and backup codes.
Must not know how WebAuthn works, which is in authserver.passkeys, nor pages. No URLs of its own.
"""
