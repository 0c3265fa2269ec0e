"""Passkeys (WebAuthn): the credentials of accounts, and the ceremonies that make and use them.

Owns public keys, user handles, challenges, and what is verified of a browser's answer. Must not
know what a sign-in is, nor when a passkey is asked for: that is decided in mfa. No URLs of its own;
the pages are /login/passkey, /login/mfa/passkey, /login/mfa/passkey-setup and /account/passkeys.
"""
