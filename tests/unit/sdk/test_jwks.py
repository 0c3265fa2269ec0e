from collections.abc import Callable

import pytest

from authserver.sdk.errors import FetchError
from authserver.sdk.jwks import read_key_set
from authserver.sdk.verifier import InvalidToken, TokenVerifier

Published = Callable[..., dict[str, object]]


@pytest.mark.parametrize(
    ("kid", "algorithm"),
    [("es256", "ES256"), ("es384", "ES384"), ("rs256", "RS256"), ("eddsa", "EdDSA")],
)
def test_a_key_without_alg_verifies_the_usual_algorithm_of_its_kind(
    jwk: Published, kid: str, algorithm: str
) -> None:
    keys = read_key_set({"keys": [jwk(kid, alg=None, use=None)]})
    assert keys[kid].algorithm == algorithm


@pytest.mark.parametrize(
    "members",
    [
        {"kid": None},
        {"kid": ""},
        {"kid": 1},
        {"kid": ["es256"]},
        {"use": "enc"},
        {"key_ops": ["sign"]},
        {"key_ops": 1},
        {"alg": "HS256"},
        {"alg": "none"},
        {"alg": "ES384"},
        {"alg": "RS256"},
        {"alg": 1},
        {"alg": ["ES256"]},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "OKP"},
        {"kty": None},
        {"kty": ["EC"]},
        {"crv": "P-384"},
        {"crv": "secp256k1"},
        {"crv": ["P-256"]},
        {"x": "AA"},
        {"x": 1},
        {"x": None},
        {"d": "AA"},
        {"k": "AA"},
    ],
    ids=str,
)
def test_a_key_that_is_not_fit_is_passed_over_and_the_rest_is_used(
    jwk: Published, members: dict[str, object]
) -> None:
    keys = read_key_set({"keys": [jwk("es256", **members), jwk("rs256")]})
    assert set(keys) == {"rs256"}


@pytest.mark.parametrize(
    "members",
    [
        {"n": "_w"},
        {"n": "_" * 150},
        {"n": "_" * 10_924},
        {"n": None},
        {"e": None},
        {"e": "AQ"},
        {"e": "AQAB" * 3},
        {"n": "not base64url!"},
    ],
)
def test_an_rsa_key_that_is_weak_or_huge_is_passed_over(
    jwk: Published, members: dict[str, object]
) -> None:
    assert read_key_set({"keys": [jwk("rs256", **members)]}) == {}


@pytest.mark.parametrize("entry", [None, 1, "key", [], [{}], {}])
def test_an_entry_that_is_no_key_is_passed_over(jwk: Published, entry: object) -> None:
    assert set(read_key_set({"keys": [entry, jwk("es256")]})) == {"es256"}


@pytest.mark.parametrize("document", [{}, {"keys": None}, {"keys": {}}, {"keys": "x"}])
def test_what_has_no_list_of_keys_is_no_key_set(document: dict[str, object]) -> None:
    with pytest.raises(FetchError):
        read_key_set(document)


def test_of_two_keys_with_one_id_the_first_counts(jwk: Published) -> None:
    keys = read_key_set({"keys": [jwk("es256"), jwk("rs256", kid="es256")]})
    assert keys["es256"].algorithm == "ES256"


def test_certificates_in_a_key_set_are_not_looked_at(jwk: Published) -> None:
    entry = jwk("es256", x5u="file:///etc/passwd", x5c=["?"], x5t=1)
    assert set(read_key_set({"keys": [entry]})) == {"es256"}


def test_a_published_secret_verifies_nothing(
    *,
    verifier: TokenVerifier,
    documents: dict[str, dict[str, object]],
    jwk: Published,
    mint: Callable[..., str],
) -> None:
    uri = "https://id.example.com/oauth/jwks"
    documents[uri] = {"keys": [{"kty": "oct", "k": "AA", "kid": "es256"}, jwk("es384")]}
    with pytest.raises(InvalidToken):
        verifier.verify(mint())
