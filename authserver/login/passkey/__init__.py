"""Signing in with a passkey, without a password.

Owns the page, and the question to the browser that the sign-in page asks, too. Must not decide who
may sign in, nor what comes next. URL: /login/passkey.
"""
