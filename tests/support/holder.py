"""A client that holds a key and shows it: proofs of possession (RFC 9449), good and bad."""

import base64
import hashlib
import json
import os
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import serialization
from werkzeug.test import TestResponse

from authserver.core.jose import ALGORITHMS, SigningKey, generate_private_key
from tests.support.browser import ISSUER, Party
from tests.support.world import ClientFixture, World


@cache
def _rsa_key() -> bytes:
    """One for all: making one takes as long as fifty tests."""
    return generate_private_key("RS256")


def encoded(document: object) -> str:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def ath(token: str) -> str:
    return encoded(hashlib.sha256(token.encode()).digest())


class Holder:
    """A key, and proofs made with it. None takes a member of header or claims out."""

    def __init__(self, world: Any, alg: str = "ES256") -> None:
        self.world = world
        self.alg = alg
        self.private = _rsa_key() if alg in {"RS256", "PS256"} else generate_private_key(alg)
        public = SigningKey(self.private, alg).public_jwk
        self.jkt = public["kid"]
        self.jwk = {n: v for n, v in public.items() if n not in {"kid", "alg", "use"}}

    def claims(self, path: str, method: str = "POST", **more: Any) -> dict[str, Any]:
        claims = {
            "jti": os.urandom(12).hex(),
            "htm": method,
            "htu": f"{ISSUER}{path}",
            "iat": int(self.world.clock.now().timestamp()),
            **more,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def proof(
        self, path: str, method: str = "POST", *, header: dict[str, Any] | None = None, **more: Any
    ) -> str:
        head = {"typ": "dpop+jwt", "alg": self.alg, "jwk": self.jwk, **(header or {})}
        head = {name: value for name, value in head.items() if value is not None}
        return self.sign(head, self.claims(path, method, **more))

    def sign(self, header: object, claims: object) -> str:
        key = serialization.load_der_private_key(self.private, None)
        data = f"{encoded(header)}.{encoded(claims)}"
        return f"{data}.{encoded(ALGORITHMS[self.alg].sign(key, data.encode()))}"


class BoundParty(Party):
    """A client's half that shows its key at every request; `holder` None shows none."""

    def __init__(
        self, world: World, client: ClientFixture, holder: Holder | None, prefix: str = ""
    ) -> None:
        super().__init__(world, client, prefix)
        self.holder = holder
        self.nonce: str | None = None

    def send(self, endpoint: str, form: dict[str, Any], proof: str | None = None) -> TestResponse:
        data = {name: value for name, value in form.items() if value is not None}
        path, secret = f"{self.prefix}/oauth/{endpoint}", self.client.secret
        if self.holder and proof is None:
            proof = self.holder.proof(path, nonce=self.nonce)
        if secret is None:
            data.setdefault("client_id", self.client.id)
        answer = self.http.post(
            path,
            base_url=ISSUER,
            data=data,
            auth=(self.client.id, secret) if secret else None,
            headers={"DPoP": proof} if proof else {},
        )
        self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
        return answer

    def ask(
        self, token: str, *, scheme: str = "DPoP", proof: str | None = None, method: str = "GET"
    ) -> TestResponse:
        """Ask UserInfo with a token and a proof for it."""
        path = f"{self.prefix}/oauth/userinfo"
        if self.holder and proof is None:
            proof = self.holder.proof(path, method, ath=ath(token), nonce=self.nonce)
        headers = {"Authorization": f"{scheme} {token}", **({"DPoP": proof} if proof else {})}
        answer = self.http.open(path, method=method, base_url=ISSUER, headers=headers)
        self.nonce = answer.headers.get("DPoP-Nonce", self.nonce)
        return answer
