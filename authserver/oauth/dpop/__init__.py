"""Tokens bound to a key of the client: proofs of possession (RFC 9449).

Owns what a proof must show, that it is used once, and the nonces that we give out. Must not know
which endpoint asks, nor what is issued for the key.
"""

from authserver.oauth.dpop.proofs import Proofs

__all__ = ["Proofs"]
