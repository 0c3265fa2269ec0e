"""Tokens and claims in the form that a client registered: signed, encrypted, or both.

OpenID Connect Core section 16.14: signed first, then encrypted. A client that asked for encryption
never gets the same in the clear: without a key to encrypt to it gets nothing.
"""

from collections.abc import Callable, Mapping

import orjson

from authserver.clients.registered import RegisteredClient
from authserver.core.jwe import NoEncryptionKey, encrypt
from authserver.core.problems import Problem
from authserver.tokens.calendar import Phase

Keys = Callable[[RegisteredClient], Mapping[str, object]]
_DEFAULT_ENC = "A128CBC-HS256"  # OpenID Connect Registration section 2


class NoClientKey(Problem):
    """The client wants what it is told encrypted, and has no key for it."""

    code = "invalid_client_metadata"
    title = "The client has no key to encrypt to"


class Wrapping:
    """Puts what is said to a client into the form that it registered."""

    def __init__(self, keys: Keys) -> None:
        """Take what finds the public keys of a client."""
        self._keys = keys

    def prepare(self, client: RegisteredClient) -> None:
        """Have the keys of a client read, if it publishes them and its ID tokens are encrypted."""
        if client.options.id_token_encrypted_response_alg and client.options.jwks_uri:
            self._keys(client)

    def id_token(self, client: RegisteredClient, signed: str) -> str:
        """Return an ID token as the client wants it."""
        alg = client.options.id_token_encrypted_response_alg
        if alg is None:
            return signed
        enc = client.options.id_token_encrypted_response_enc or _DEFAULT_ENC
        return self._encrypted(client, signed.encode(), alg, enc=enc, cty="JWT")

    def userinfo(
        self, client: RegisteredClient, claims: Mapping[str, object], *, issuer: str, phase: Phase
    ) -> str | None:
        """Return a UserInfo answer as a JWT (section 5.3.2), None where JSON is wanted."""
        options = client.options
        signing, alg = options.userinfo_signed_response_alg, options.userinfo_encrypted_response_alg
        if signing is None and alg is None:
            return None
        said = {**claims, "iss": issuer, "aud": client.id}
        signed = phase.signing(signing).sign("JWT", said) if signing else None
        if alg is None:
            return signed
        enc = options.userinfo_encrypted_response_enc or _DEFAULT_ENC
        if signed is None:
            return self._encrypted(client, orjson.dumps(said), alg, enc=enc, cty=None)
        return self._encrypted(client, signed.encode(), alg, enc=enc, cty="JWT")

    def _encrypted(
        self, client: RegisteredClient, plaintext: bytes, alg: str, *, enc: str, cty: str | None
    ) -> str:
        try:
            return encrypt(plaintext, self._keys(client), alg=alg, enc=enc, cty=cty)
        except NoEncryptionKey as error:
            raise NoClientKey(
                "The client registered encryption, but no key that fits.", detail=str(error)
            ) from error
