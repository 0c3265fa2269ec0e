"""Forged tokens where this server reads its own: UserInfo, introspection, revocation."""

import hmac
import time
import zlib
from base64 import urlsafe_b64decode
from typing import Any

import orjson
import pytest
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from authserver.core.jose import ALGORITHMS, SigningKey, generate_private_key
from tests.attacks.forge import b64, compact, part, public_forms, server_keys
from tests.attacks.people import Scene
from tests.support.world import World

pytestmark = pytest.mark.any_database


def is_refused(scene: Scene, token: str) -> bool:
    """Tell whether a token is worth nothing at every endpoint that reads tokens."""
    party = scene.party()
    return (
        party.userinfo(token).status_code == 401
        and party.userinfo(token, "POST").status_code == 401
        and party.introspect(token).json == {"active": False}
        and party.revoke(token).status_code == 200
    )


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


@pytest.fixture
def token(scene: Scene) -> str:
    return scene.tokens()["access_token"]


@pytest.mark.rfc("RFC 8725 section 3.2")
@pytest.mark.attack("ATK-098")
@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512"])
def test_no_symmetric_or_missing_signature_is_accepted(scene: Scene, token: str, alg: str) -> None:
    head, claims = part(token, 0), part(token, 1)
    for key in server_keys(scene.world).values():
        for secret in public_forms(key):
            for kid in (head["kid"], key.kid):
                forged = compact({**head, "alg": alg, "kid": kid}, claims).rpartition(".")[0]
                digest = f"sha{alg[2:]}" if alg.startswith("HS") else ""
                mac = hmac.digest(secret, forged.encode(), digest) if digest else b""
                assert is_refused(scene, f"{forged}.{b64(mac)}")
    assert scene.party().introspect(token).json["active"]


@pytest.mark.rfc("RFC 8725 section 3.1")
@pytest.mark.attack("ATK-098")
def test_the_algorithm_is_the_keys_and_not_the_headers(scene: Scene, token: str) -> None:
    """The server's own key of another algorithm, or of another purpose, signs no access token."""
    head, claims = part(token, 0), part(token, 1)
    for alg, key in server_keys(scene.world).items():
        for header in (
            {"alg": alg, "kid": key.kid, "typ": "JWT"},
            {"alg": alg, "kid": key.kid},
            {"alg": alg, "kid": head["kid"] + "x", "typ": "at+jwt"},
            {"alg": "PS256" if alg == "RS256" else "ES384", "kid": key.kid, "typ": "at+jwt"},
        ):
            data = f"{b64(orjson.dumps(header))}.{b64(orjson.dumps(claims))}"
            signature = ALGORITHMS[alg].sign(key._key, data.encode())  # noqa: SLF001  worst case
            assert is_refused(scene, f"{data}.{b64(signature)}")


@pytest.mark.attack("ATK-101")
@pytest.mark.parametrize(
    "extra",
    [
        {"crit": ["unknown"], "unknown": 1},
        {"crit": ["b64"], "b64": False},
        {"crit": []},
        {"crit": "exp"},
        {"b64": False},
        {"jku": "https://evil.test/jwks"},
        {"x5u": "https://evil.test/x5u"},
        {"x5c": ["MIIB"]},
        {"kid": "../../dev/null"},
        {"kid": "' OR 1=1 --"},
        {"kid": None},
        {"kid": 7},
        {"zip": "DEF"},
    ],
    ids=str,
)
def test_no_header_member_changes_the_rules(
    scene: Scene, token: str, extra: dict[str, Any]
) -> None:
    head, _, rest = token.partition(".")
    changed = orjson.loads(urlsafe_b64decode(head + "==")) | extra
    assert is_refused(scene, f"{b64(orjson.dumps(changed))}.{rest}")
    key = server_keys(scene.world)["ES256"]
    data = f"{b64(orjson.dumps(changed))}.{rest.partition('.')[0]}"
    signature = ALGORITHMS["ES256"].sign(key._key, data.encode())  # noqa: SLF001  the worst case
    assert is_refused(scene, f"{data}.{b64(signature)}")


def test_a_key_in_the_header_is_not_looked_at(scene: Scene, token: str) -> None:
    own = SigningKey(generate_private_key("ES256"), "ES256")
    header = {"alg": "ES256", "typ": "at+jwt", "kid": own.kid, "jwk": own.public_jwk}
    data = f"{b64(orjson.dumps(header))}.{token.split('.')[1]}"
    signature = ALGORITHMS["ES256"].sign(own._key, data.encode())  # noqa: SLF001  the forger's own
    assert is_refused(scene, f"{data}.{b64(signature)}")


@pytest.mark.attack("ATK-102")
@pytest.mark.parametrize(
    "bomb",
    [
        "." * 60_000,
        "a" * 60_000,
        "a." * 30_000,
        "e30." * 15_000,
        "=" * 60_000,
        "..",
        "...",
        "",
        ".",
    ],
    ids=lambda text: f"{text[:4]}{len(text)}",
)
def test_long_and_odd_tokens_are_refused_quickly(scene: Scene, bomb: str) -> None:
    started = time.perf_counter()
    party = scene.party()
    assert party.userinfo(bomb).status_code in {400, 401}
    for endpoint in ("introspect", "revoke"):
        answer = party.send(endpoint, {"token": bomb})
        assert answer.status_code in {200, 400, 413}
        assert answer.json in (None, {"active": False}) or "error" in answer.json
    assert time.perf_counter() - started < 3


@pytest.mark.attack("ATK-102")
def test_a_compressed_payload_is_not_unpacked(scene: Scene, token: str) -> None:
    packed = zlib.compress(b"0" * 5_000_000)
    header = part(token, 0) | {"zip": "DEF"}
    assert is_refused(scene, f"{b64(orjson.dumps(header))}.{b64(packed)}.{token.split('.')[2]}")


@pytest.mark.attack("ATK-103")
@pytest.mark.attack("ATK-104")
@pytest.mark.parametrize("alg", ["RSA-OAEP-256", "RSA1_5", "dir", "PBES2-HS256+A128KW"])
def test_a_token_encrypted_with_our_public_key_is_not_taken_for_a_signed_one(
    scene: Scene, token: str, alg: str
) -> None:
    key = JWK(**server_keys(scene.world)["RS256"].public_jwk)
    header = {"alg": alg, "enc": "A128CBC-HS256", "typ": "at+jwt", "cty": "JWT"}
    if alg == "PBES2-HS256+A128KW":
        header |= {"p2c": 2**31 - 1, "p2s": "c2FsdA"}
    payload = orjson.dumps(part(token, 1))
    if alg == "RSA-OAEP-256":
        encrypted = JWE(payload, orjson.dumps(header | {"enc": "A256GCM"}).decode())
        encrypted.add_recipient(JWK(**{**key.export_public(as_dict=True), "use": "enc"}))
        forged = encrypted.serialize(compact=True)
    else:
        forged = ".".join([b64(orjson.dumps(header)), *(b64(b"x" * 32) for _ in range(4))])
    started = time.perf_counter()
    assert is_refused(scene, forged)
    assert time.perf_counter() - started < 2


@pytest.mark.rfc("RFC 8725 section 3.12")
@pytest.mark.attack("ATK-098")
def test_an_id_token_is_no_access_token(scene: Scene) -> None:
    assert is_refused(scene, scene.tokens()["id_token"])


@pytest.mark.attack("ATK-062")
def test_a_token_of_another_issuers_keys_is_refused(scene: Scene) -> None:
    tenant = scene.world.tenant(own_issuer=True)
    keys = scene.world.services.caches.keys.get(tenant.id)
    key = keys.at(scene.world.clock.now()).signing("ES256")
    claims = part(scene.tokens()["access_token"], 1)
    assert is_refused(scene, key.sign("at+jwt", claims))
