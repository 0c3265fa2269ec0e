"""Our tokens verify with other libraries, theirs with ours, and no header chooses anything."""

import hmac
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import JWKRegistry
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from authserver.core.jose import (
    ALGORITHMS,
    InvalidToken,
    OwnTokens,
    SigningKey,
    generate_private_key,
    half_hash,
    read_foreign,
    unverified_claims,
)

KEYS = {alg: SigningKey(generate_private_key(alg), alg) for alg in ALGORITHMS}
CLAIMS: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.text(max_size=10),
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
        max_leaves=5,
    ),
    max_size=5,
)
# joserfc tells that RFC 9864 gives EdDSA a new name; everybody still calls it by the old one.
pytestmark = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
algorithm = pytest.mark.parametrize("alg", ALGORITHMS)


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def jwks(alg: str) -> dict[str, Any]:
    return {"keys": [KEYS[alg].public_jwk]}


def private_of(alg: str) -> JWK:
    return JWK.from_pyca(KEYS[alg]._key)  # noqa: SLF001  a test plays the client that owns it


def theirs(alg: str, claims: dict[str, Any], **header: object) -> str:
    """Return a token that jwcrypto signed."""
    token = JWS(orjson.dumps(claims))
    token.add_signature(private_of(alg), alg, orjson.dumps({"alg": alg, **header}).decode())
    return str(token.serialize(compact=True))


@algorithm
@settings(max_examples=25, deadline=None)
@given(claims=CLAIMS)
def test_our_tokens_verify_with_joserfc_and_jwcrypto(alg: str, claims: dict[str, Any]) -> None:
    token = KEYS[alg].sign("at+jwt", claims)
    key = JWKRegistry.import_key(KEYS[alg].public_jwk)
    read = jws.deserialize_compact(token, key, algorithms=[alg])
    assert orjson.loads(read.payload) == claims
    assert read.headers() == {"alg": alg, "kid": KEYS[alg].kid, "typ": "at+jwt"}
    other = JWS()
    other.allowed_algs = [alg]
    other.deserialize(token, JWK(**KEYS[alg].public_jwk))
    assert orjson.loads(other.payload) == claims
    assert OwnTokens([KEYS[alg]], "at+jwt").read(token) == claims


@algorithm
@settings(max_examples=25, deadline=None)
@given(claims=CLAIMS)
def test_tokens_of_joserfc_and_jwcrypto_verify_with_ours(alg: str, claims: dict[str, Any]) -> None:
    kid = KEYS[alg].kid
    private = JWKRegistry.import_key(private_of(alg).export_private(as_dict=True))
    signed = jws.serialize_compact(
        {"alg": alg, "kid": kid}, orjson.dumps(claims), private, algorithms=[alg]
    )
    for token in (signed, theirs(alg, claims, kid=kid)):
        assert read_foreign(token, jwks(alg), [alg]) == claims


@algorithm
def test_our_own_reader_wants_the_header_byte_for_byte(alg: str) -> None:
    """The same key, a good signature, the same meaning: another header is not ours."""
    key, reader = KEYS[alg], OwnTokens([KEYS[alg]], "at+jwt")
    headers = [
        {"typ": "at+jwt", "alg": alg, "kid": key.kid},
        {"alg": alg, "kid": key.kid, "typ": "AT+JWT"},
        {"alg": alg, "kid": key.kid, "typ": "JWT"},
        {"alg": alg, "kid": key.kid},
        {"alg": alg, "typ": "at+jwt"},
        {"alg": alg, "kid": key.kid, "typ": "at+jwt", "crit": []},
        {"alg": alg, "kid": key.kid, "typ": "at+jwt", "b64": True},
        {"alg": alg, "kid": key.kid, "typ": "at+jwt", "jwk": key.public_jwk},
    ]
    for header in headers:
        data = f"{encoded(orjson.dumps(header))}.{encoded(b'{}')}".encode()
        signature = ALGORITHMS[alg].sign(key._key, data)  # noqa: SLF001  the forger has our key
        with pytest.raises(InvalidToken):
            reader.read(f"{data.decode()}.{encoded(signature)}")
    spaced = b'{ "alg":"%b","kid":"%b","typ":"at+jwt"}' % (alg.encode(), key.kid.encode())
    data = f"{encoded(spaced)}.{encoded(b'{}')}".encode()
    signature = ALGORITHMS[alg].sign(key._key, data)  # noqa: SLF001  the same
    with pytest.raises(InvalidToken):
        reader.read(f"{data.decode()}.{encoded(signature)}")


def test_a_token_of_another_type_or_key_is_not_ours() -> None:
    token = KEYS["ES256"].sign("JWT", {"sub": "x"})
    with pytest.raises(InvalidToken):
        OwnTokens(KEYS.values(), "at+jwt").read(token)
    stranger = SigningKey(generate_private_key("ES256"), "ES256")
    with pytest.raises(InvalidToken):
        OwnTokens(KEYS.values(), "at+jwt").read(stranger.sign("at+jwt", {}))


@algorithm
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_changed_character_passes(alg: str, data: st.DataObject) -> None:
    token = KEYS[alg].sign("at+jwt", {"sub": "usr_1", "roles": ["admin"]})
    place = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.sampled_from("ABCXYZabcxyz0189-_.= +/\n"))
    changed = token[:place] + character + token[place + 1 :]
    if changed != token:
        with pytest.raises(InvalidToken):
            OwnTokens([KEYS[alg]], "at+jwt").read(changed)
        with pytest.raises(InvalidToken):
            read_foreign(changed, jwks(alg), list(ALGORITHMS))


@given(st.text(max_size=200) | st.from_regex(r"[A-Za-z0-9_-]{0,40}(\.[A-Za-z0-9_-]{0,40}){1,4}"))
def test_nonsense_is_refused_and_raises_nothing_else(text: str) -> None:
    for read in (
        OwnTokens([KEYS["ES256"]], "at+jwt").read,
        unverified_claims,
        lambda token: read_foreign(token, jwks("ES256"), ["ES256"]),
    ):
        try:
            read(text)
        except InvalidToken:
            continue
        assert read is unverified_claims


@pytest.mark.attack("ATK-098")
@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512", "none", "None", "NONE", "nOnE", ""])
def test_no_symmetric_or_missing_signature_is_ever_accepted(alg: str) -> None:
    """The public key, in every form, is no secret to sign with."""
    key = KEYS["RS256"]
    pem = private_of("RS256").export_to_pem()
    for secret in (pem, orjson.dumps(key.public_jwk), b"", b"\0" * 32):
        head = encoded(orjson.dumps({"alg": alg, "kid": key.kid, "typ": "at+jwt"}))
        data = f"{head}.{encoded(b'{}')}"
        digest = f"sha{alg[2:]}" if alg.startswith("HS") else "sha256"
        mac = hmac.digest(secret, data.encode(), digest) if alg.startswith("HS") else b""
        token = f"{data}.{encoded(mac)}"
        for accepted in (["RS256"], list(ALGORITHMS)):
            with pytest.raises(InvalidToken):
                read_foreign(token, jwks("RS256"), accepted)
        with pytest.raises(InvalidToken):
            OwnTokens(KEYS.values(), "at+jwt").read(token)


@pytest.mark.attack("ATK-101")
@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["unknown"], "unknown": 1},
        {"crit": ["b64"], "b64": False},
        {"crit": []},
        {"b64": False},
        {"zip": "DEF"},
        {"jku": "https://evil.test/jwks"},
        {"x5u": "https://evil.test/cert"},
        {"x5c": ["MIIB"]},
    ],
)
def test_headers_that_change_the_rules_are_refused(header: dict[str, object]) -> None:
    head = encoded(orjson.dumps({"alg": "ES256", "kid": KEYS["ES256"].kid, **header}))
    data = f"{head}.{encoded(b'{}')}".encode()
    signature = ALGORITHMS["ES256"].sign(KEYS["ES256"]._key, data)  # noqa: SLF001  the client's own
    with pytest.raises(InvalidToken):
        read_foreign(f"{data.decode()}.{encoded(signature)}", jwks("ES256"), ["ES256"])


def test_a_key_that_the_token_brings_is_not_used() -> None:
    stranger = SigningKey(generate_private_key("ES256"), "ES256")
    head = {"alg": "ES256", "jwk": stranger.public_jwk}
    data = f"{encoded(orjson.dumps(head))}.{encoded(b'{}')}".encode()
    signature = ALGORITHMS["ES256"].sign(stranger._key, data)  # noqa: SLF001  the forger's own
    with pytest.raises(InvalidToken):
        read_foreign(f"{data.decode()}.{encoded(signature)}", jwks("ES256"), ["ES256"])


def test_the_algorithm_must_be_on_the_list_even_when_the_key_fits() -> None:
    token = theirs("PS256", {"sub": "x"}, kid=KEYS["PS256"].kid)
    with pytest.raises(InvalidToken):
        read_foreign(token, jwks("PS256"), ["ES256", "RS256"])


@pytest.mark.attack("ATK-103")
@pytest.mark.attack("ATK-104")
def test_an_encrypted_token_is_no_signed_one() -> None:
    for head in ({"alg": "RSA1_5", "enc": "A128CBC-HS256"}, {"alg": "dir", "enc": "A256GCM"}):
        token = ".".join([encoded(orjson.dumps(head)), *(encoded(b"x" * 32) for _ in range(4))])
        with pytest.raises(InvalidToken):
            read_foreign(token, jwks("RS256"), list(ALGORITHMS))
        with pytest.raises(InvalidToken):
            OwnTokens(KEYS.values(), "at+jwt").read(token)


@pytest.mark.attack("ATK-102")
@pytest.mark.parametrize("token", ["." * 1_000_000, "a" * 1_000_000, "a." * 500_000, "é" * 20_000])
def test_what_is_too_long_is_refused_before_it_is_read(token: str) -> None:
    started = time.perf_counter()
    for read in (
        OwnTokens([KEYS["ES256"]], "at+jwt").read,
        unverified_claims,
        lambda text: read_foreign(text, jwks("ES256"), ["ES256"]),
    ):
        with pytest.raises(InvalidToken):
            read(token)
    assert time.perf_counter() - started < 1


def test_an_ecdsa_signature_has_one_form() -> None:
    token = KEYS["ES256"].sign("at+jwt", {})
    head, payload, signature = token.split(".")
    raw = urlsafe_b64decode(signature + "==")
    for other in (raw + b"\0", raw[:-1], raw[32:], b"", b"\0" * 64, raw[::-1]):
        with pytest.raises(InvalidToken):
            OwnTokens([KEYS["ES256"]], "at+jwt").read(f"{head}.{payload}.{encoded(other)}")


def test_half_hashes_are_those_of_the_specification() -> None:
    # OpenID Connect Core, appendix A.4.
    value = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
    assert half_hash("RS256", value) == "77QmUPtjPfzWtF2AnpK9RQ"
    assert len(urlsafe_b64decode(half_hash("ES384", value) + "==")) == 24
    assert len(urlsafe_b64decode(half_hash("EdDSA", value) + "==")) == 32
