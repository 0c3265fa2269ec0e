"""Client metadata by the names of the IANA registry (RFC 7591, OpenID Connect Registration).

Owns which values fit, and how a registration is read from and written as a JSON document. Must not
know who registers, nor where anything is stored. No URLs of its own.
"""
