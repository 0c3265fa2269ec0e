"""Request objects: authorization requests that their client signed (RFC 9101, OIDC Core section 6).

Owns how one is read, verified and checked. Must not know what is done with a request, nor where an
answer goes. No URLs of its own.
"""
