"""Browsers that a person trusts: there, for a while, a password alone signs in.

Owns the rows of such browsers and when they count. A sign-in by trust is one with a password, and
says no more of itself. Must not know sessions or pages. No URLs of its own.
"""
