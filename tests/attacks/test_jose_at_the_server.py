"""Forged tokens where this server reads tokens: UserInfo, introspection, revocation, assertions."""

import hmac
import time
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import orjson
import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from authserver.core.jose import ALGORITHMS, SigningKey, generate_private_key
from tests.attacks.people import Scene
from tests.support.world import ClientFixture, World

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def part(token: str, number: int) -> dict[str, Any]:
    return orjson.loads(urlsafe_b64decode(token.split(".")[number] + "=="))


def compact(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    return f"{b64(orjson.dumps(header))}.{b64(orjson.dumps(claims))}.{b64(signature)}"


def server_keys(world: World) -> dict[str, SigningKey]:
    keys = world.services.caches.keys.get(None)
    return {alg: keys.signing(alg, world.clock.now()) for alg in ("ES256", "RS256")}


def public_forms(key: SigningKey) -> list[bytes]:
    """Return the public key in every form that somebody may have used as a secret."""
    public = key.public_key
    forms = [(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)]
    forms += [(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)]
    forms += [(Encoding.OpenSSH, PublicFormat.OpenSSH)]
    encoded = [public.public_bytes(*form) for form in forms]
    return [*encoded, encoded[0].strip(), orjson.dumps(key.public_jwk), b"", b"\0" * 32]


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


@pytest.mark.attack("ATK-098")
def test_an_id_token_is_no_access_token(scene: Scene) -> None:
    assert is_refused(scene, scene.tokens()["id_token"])


@pytest.mark.attack("ATK-062")
def test_a_token_of_another_issuers_keys_is_refused(scene: Scene) -> None:
    tenant = scene.world.tenant(own_issuer=True)
    keys = scene.world.services.caches.keys.get(tenant.id)
    key = keys.signing("ES256", scene.world.clock.now())
    claims = part(scene.tokens()["access_token"], 1)
    assert is_refused(scene, key.sign("at+jwt", claims))


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
