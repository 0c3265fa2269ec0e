"""How a client proves who it is: one file for each method, and the one way through them.

Owns reading and checking client credentials (RFC 6749 section 2.3, RFC 7523). Must not know which
endpoint asks. Every refusal looks the same from outside; the log and the trail say why.
"""

from authserver.oauth.client_auth.authenticate import ClientAuthentication

__all__ = ["ClientAuthentication"]
