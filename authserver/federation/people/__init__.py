"""Whom a provider's word is about: found, held as they are now, made, given roles, let begin.

Owns no decision: what becomes of an account says federation/policy.py. Must not know pages, nor how
a sign-in ends. No URLs.
"""
