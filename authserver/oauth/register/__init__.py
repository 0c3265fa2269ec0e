"""Clients register themselves and look after it (RFC 7591, RFC 7592).

Owns what is read from such requests and how they are answered. Must not know what may be registered
nor how it is stored. URLs: /oauth/register and /oauth/register/<client_id>.
"""
