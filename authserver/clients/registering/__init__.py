"""Clients that register themselves (RFC 7591) and look after their registration (RFC 7592).

Owns the initial access tokens that let them, what they get, and their end. Must not know HTTP; the
endpoint is oauth/register/.
"""
