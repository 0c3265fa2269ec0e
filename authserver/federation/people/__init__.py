"""The accounts that a provider's word is about: found, held as they are now, made, given roles.

Owns no decision: what becomes of an account says federation/policy.py. Must not know pages or how a
sign-in goes on. No URLs.
"""
