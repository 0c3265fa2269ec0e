"""Passkeys of one's own: added, renamed, removed.

Must not know what a passkey is made of. URL: /account/passkeys; /account/security lists them.
"""
