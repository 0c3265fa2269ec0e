import base64
import hashlib
import hmac
import json
import math
from collections.abc import Callable, Mapping

import pytest
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from authserver.sdk.verifier import InvalidToken, TokenVerifier

Mint = Callable[..., str]
Sign = Callable[..., str]
HEADER = {"typ": "at+jwt", "alg": "ES256", "kid": "es256"}


def encoded(data: bytes | Mapping[str, object]) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def refuses(verifier: TokenVerifier, token: str) -> bool:
    with pytest.raises(InvalidToken) as caught:
        verifier.verify(token)
    return caught.value.description == "The access token is not valid."


def spellings(public: PublicKeyTypes, jwk: Mapping[str, object]) -> dict[str, bytes]:
    spki = PublicFormat.SubjectPublicKeyInfo
    pem = public.public_bytes(Encoding.PEM, spki)
    return {
        "pem": pem,
        "pem without the last newline": pem.rstrip(),
        "der": public.public_bytes(Encoding.DER, spki),
        "ssh": public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        "jwk": json.dumps(jwk).encode(),
        "jwk, canonical": json.dumps(jwk, separators=(",", ":"), sort_keys=True).encode(),
        "empty": b"",
    }


@pytest.mark.attack("ATK-098")
@pytest.mark.attack("ATK-105")
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("kid", ["es256", "rs256", "eddsa"])
def test_a_public_key_is_never_a_shared_secret(
    *,
    verifier: TokenVerifier,
    keys: Mapping[str, object],
    jwk: Callable[..., dict[str, object]],
    claims: dict[str, object],
    kid: str,
    digest: str,
) -> None:
    header = {"typ": "at+jwt", "alg": f"HS{digest[3:]}", "kid": kid}
    data = f"{encoded(header)}.{encoded(claims)}"
    for secret in spellings(keys[kid].public_key(), jwk(kid)).values():
        mac = hmac.new(secret, data.encode(), getattr(hashlib, digest)).digest()
        assert refuses(verifier, f"{data}.{encoded(mac)}")


@pytest.mark.attack("ATK-098")
@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "noNe", "none ", "", " "])
@pytest.mark.parametrize("tail", ["", "AA", "good"])
def test_no_signature_is_no_signature_in_any_spelling(
    *, verifier: TokenVerifier, mint: Mint, claims: dict[str, object], alg: str, tail: str
) -> None:
    tail = mint().rpartition(".")[2] if tail == "good" else tail
    assert refuses(verifier, f"{encoded(HEADER | {'alg': alg})}.{encoded(claims)}.{tail}")


@pytest.mark.attack("ATK-105")
@pytest.mark.parametrize(
    "alg",
    [
        "HS256",
        "RS256",
        "ES384",
        "PS256",
        "EdDSA",
        "RS1",
        "es256",
        "ES256K",
        "dir",
        None,
        1,
        ["ES256"],
    ],
)
def test_the_header_does_not_choose_the_algorithm(
    verifier: TokenVerifier, mint: Mint, alg: object
) -> None:
    assert refuses(verifier, mint(header={"alg": alg}))


def test_rsa_keys_verify_only_with_the_padding_they_were_published_for(
    verifier: TokenVerifier, mint: Mint
) -> None:
    # Both ids name the same RSA key; only the algorithm differs.
    assert refuses(verifier, mint("ps256", header={"kid": "rs256"}))
    assert refuses(verifier, mint("rs256", header={"kid": "ps256"}))
    assert refuses(verifier, mint("rs256", header={"alg": "PS256"}))


@pytest.mark.attack("ATK-101")
@pytest.mark.parametrize("crit", [["unknown"], "b64", ["b64"], [], ["alg"], [""], None, {"b64": 1}])
def test_critical_header_parameters_are_refused(
    verifier: TokenVerifier, mint: Mint, crit: object
) -> None:
    assert refuses(verifier, mint(header={"crit": crit}))
    assert refuses(verifier, mint(header={"crit": crit, "b64": False, "unknown": 1}))


@pytest.mark.attack("ATK-102")
@pytest.mark.parametrize(
    "header",
    [
        {"b64": False},
        {"b64": True},
        {"jku": "https://evil.example.com/jwks"},
        {"x5u": "https://evil.example.com/cert"},
        {"x5c": ["MIIB"]},
        {"zip": "DEF"},
        {"enc": "A256GCM"},
        {"jku": None},
    ],
    ids=str,
)
def test_header_parameters_that_bring_keys_or_encodings_are_refused(
    verifier: TokenVerifier, mint: Mint, header: dict[str, object]
) -> None:
    assert refuses(verifier, mint(header=header))


@pytest.mark.attack("ATK-098")
def test_a_key_that_the_token_brings_along_is_not_used(
    verifier: TokenVerifier, mint: Mint, jwk: Callable[..., dict[str, object]]
) -> None:
    assert refuses(verifier, mint("other", header={"kid": "es256", "jwk": jwk("other")}))
    assert refuses(verifier, mint("other", header={"kid": ..., "jwk": jwk("other")}))


@pytest.mark.attack("ATK-124")
@pytest.mark.parametrize(
    "kid",
    [
        ...,
        None,
        "",
        1,
        ["es256"],
        {"es256": 1},
        "../../dev/null",
        "' OR 1=1 --",
        "ES256",
        "es256\0",
        "https://evil.example.com/key",
        "x" * 257,
        "x" * 10_000,
        "\ud800",
    ],
    ids=range(14),
)
def test_a_key_id_is_only_looked_up(verifier: TokenVerifier, mint: Mint, kid: object) -> None:
    assert refuses(verifier, mint(header={"kid": kid}))


@pytest.mark.attack("ATK-104")
@pytest.mark.attack("ATK-103")
@pytest.mark.parametrize("alg", ["RSA-OAEP-256", "RSA1_5"])
def test_a_token_encrypted_for_the_public_key_is_no_signed_token(
    *,
    verifier: TokenVerifier,
    jwk: Callable[..., dict[str, object]],
    claims: dict[str, object],
    alg: str,
) -> None:
    header = {"typ": "at+jwt", "kid": "rs256", "alg": alg, "enc": "A256GCM"}
    public = JWK(**jwk("rs256", alg=None, use=None))
    jwe = JWE(json.dumps(claims), json.dumps(header), algs=[alg, "A256GCM"])
    jwe.add_recipient(public)
    token = jwe.serialize(compact=True)
    assert token.count(".") == 4
    assert refuses(verifier, token)
    assert refuses(verifier, token.rsplit(".", 2)[0])


def test_an_id_token_is_no_access_token(verifier: TokenVerifier, mint: Mint) -> None:
    assert refuses(verifier, mint("rs256", header={"typ": "JWT"}, aud="cli_web", nonce="n"))
    assert refuses(verifier, mint("rs256", header={"typ": "JWT"}))


@pytest.mark.parametrize("exp", [True, math.nan, math.inf])
def test_a_time_that_never_comes_is_refused(
    verifier: TokenVerifier, mint: Mint, exp: object
) -> None:
    assert refuses(verifier, mint(exp=exp))


@pytest.mark.parametrize("kid", ["es256", "rs256", "eddsa"])
def test_one_flipped_bit_anywhere_is_refused(verifier: TokenVerifier, mint: Mint, kid: str) -> None:
    parts = [base64.urlsafe_b64decode(part + "==") for part in mint(kid).split(".")]
    for part, data in enumerate(parts):
        for position in range(0, len(data), 17):
            flipped = bytearray(data)
            flipped[position] ^= 1
            changed = [*parts[:part], bytes(flipped), *parts[part + 1 :]]
            assert refuses(verifier, ".".join(encoded(piece) for piece in changed))


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 96, 2000])
@pytest.mark.parametrize("byte", [b"\0", b"\xff"])
def test_a_signature_of_zeros_or_of_another_length_is_refused(
    *, verifier: TokenVerifier, mint: Mint, size: int, byte: bytes
) -> None:
    data = mint().rpartition(".")[0]
    assert refuses(verifier, f"{data}.{encoded(byte * size)}")


def test_a_signature_in_der_is_refused(verifier: TokenVerifier, mint: Mint) -> None:
    data, _, tail = mint().rpartition(".")
    raw = base64.urlsafe_b64decode(tail + "==")
    integers = b"".join(b"\x02\x21\0" + half for half in (raw[:32], raw[32:]))
    assert refuses(verifier, f"{data}.{encoded(bytes([0x30, len(integers)]) + integers)}")
