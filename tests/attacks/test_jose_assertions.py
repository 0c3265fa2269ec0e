"""Forged assertions: what a client signs to prove who it is."""

import hmac
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
)

from authserver.core.jose import ALGORITHMS, SigningKey, generate_private_key
from tests.attacks.forge import b64, compact, public_forms, server_keys
from tests.attacks.people import Scene
from tests.support.world import ClientFixture, World

pytestmark = pytest.mark.any_database

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


class Signer:
    """A client that authenticates with assertions."""

    def __init__(self, scene: Scene, alg: str = "ES256") -> None:
        self.scene, self.alg = scene, alg
        der = generate_private_key(alg)
        self.key = SigningKey(der, alg)
        self.private = load_der_private_key(der, None)
        jwks = {"keys": [self.key.public_jwk]}
        self.client = scene.world.client(
            scene.tenant, "service", auth_method="private_key_jwt", jwks=jwks
        )

    def claims(self, **more: Any) -> dict[str, Any]:
        at = int(self.scene.world.clock.now().timestamp())
        claims = {
            "iss": self.client.id,
            "sub": self.client.id,
            "aud": "https://auth.example",
            "exp": at + 60,
            "iat": at,
            "jti": b64(generate_private_key("EdDSA")[-16:]),
        }
        return {name: v for name, v in {**claims, **more}.items() if v is not None}

    def signed(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        head = {"alg": self.alg, "kid": self.key.kid, **(header or {})}
        data = f"{b64(orjson.dumps(head))}.{b64(orjson.dumps(self.claims(**claims)))}"
        signature = ALGORITHMS[self.alg].sign(self.private, data.encode())
        return f"{data}.{b64(signature)}"

    def ask(self, assertion: str) -> int:
        client = ClientFixture(self.client.id, None, self.scene.tenant)
        form = {"client_assertion": assertion, "client_assertion_type": ASSERTION}
        return self.scene.party(client).machine(**form).status_code


@pytest.mark.attack("ATK-098")
@pytest.mark.parametrize("alg", ["none", "HS256", "HS512", "RS512", "PS256", "ES512", ""])
def test_an_assertion_never_chooses_its_algorithm(scene: Scene, alg: str) -> None:
    signer = Signer(scene)
    assert signer.ask(signer.signed()) == 200
    for secret in public_forms(signer.key):
        forged = compact({"alg": alg, "kid": signer.key.kid}, signer.claims()).rpartition(".")[0]
        mac = hmac.digest(secret, forged.encode(), "sha512" if "512" in alg else "sha256")
        for signature in (b"", mac):
            assert signer.ask(f"{forged}.{b64(signature)}") in {400, 401}


@pytest.mark.attack("ATK-101")
@pytest.mark.attack("ATK-102")
@pytest.mark.attack("ATK-104")
def test_an_assertion_is_a_plain_small_jws(scene: Scene) -> None:
    signer = Signer(scene)
    for header in (
        {"crit": ["exp"]},
        {"crit": []},
        {"b64": False, "crit": ["b64"]},
        {"zip": "DEF"},
        {"jku": "https://evil.test"},
        {"jwk": signer.key.public_jwk},
        {"x5c": []},
    ):
        assert signer.ask(signer.signed(header)) == 401
    assert signer.ask(signer.signed(filler="x" * 20_000)) == 401
    assert signer.ask(signer.signed() + ".x.y") in {400, 401}
    assert signer.ask("." * 30_000) in {400, 401}


@pytest.mark.rfc("RFC 8725 section 3.9")
@pytest.mark.rfc("RFC 8725 section 3.8")
@pytest.mark.attack("ATK-014")
@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "https://evil.test"},
        {"aud": None},
        {"aud": ["https://auth.example", "https://evil.test"]},
        {"aud": []},
        {"exp": None},
        {"exp": 1},
        {"exp": 99_999_999_999},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": 1e400},
        {"iat": 99_999_999_999},
        {"nbf": 99_999_999_999},
        {"iss": "cli_other"},
        {"sub": "cli_other"},
        {"iss": None},
        {"sub": None},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
    ],
    ids=str,
)
def test_an_assertion_for_somebody_else_or_another_time_is_refused(
    scene: Scene, wrong: dict[str, Any]
) -> None:
    signer = Signer(scene)
    assert signer.ask(signer.signed(**wrong)) == 401
    again = signer.signed()
    assert [signer.ask(again), signer.ask(again)] == [200, 401]


@pytest.mark.attack("ATK-100")
def test_a_client_cannot_register_a_weak_secret_or_private_key(scene: Scene) -> None:
    from authserver.clients.policy import UnfitRegistration  # noqa: PLC0415  only here

    weak = [
        {"kty": "oct", "k": ""},
        {"kty": "oct", "k": b64(b"x" * 32)},
        {"kty": "RSA", "n": b64(b"\xff" * 128), "e": "AQAB"},
        {**server_keys(scene.world)["ES256"].public_jwk, "d": "AA"},
        {"kty": "EC", "crv": "P-256"},
    ]
    for key in weak:
        with pytest.raises(UnfitRegistration):
            scene.world.client(
                scene.tenant, "service", auth_method="private_key_jwt", jwks={"keys": [key]}
            )
