import pytest
from jwcrypto.jwk import JWK

from authserver.clients.jwks import check_jwks
from authserver.clients.policy import UnfitRegistration


def key(**how: object) -> dict[str, object]:
    return dict(JWK.generate(**how).export_public(as_dict=True))


EC = key(kty="EC", crv="P-256", kid="ec")


@pytest.mark.parametrize(
    "good",
    [
        EC,
        key(kty="EC", crv="P-384"),
        key(kty="OKP", crv="Ed25519"),
        key(kty="RSA", size=2048),
        EC | {"use": "sig", "alg": "ES256"},
        EC | {"use": "enc", "alg": "ECDH-ES"},
    ],
)
def test_public_keys_are_accepted(good: dict[str, object]) -> None:
    assert check_jwks({"keys": [good], "else": 1}) == {"keys": [good]}


@pytest.mark.rfc("FAPI 2.0 Security Profile section 5.4.2")
@pytest.mark.parametrize(
    "bad",
    [
        dict(JWK.generate(kty="EC", crv="P-256").export_private(as_dict=True)),
        dict(JWK.generate(kty="RSA", size=2048).export_private(as_dict=True)),
        {"kty": "oct", "k": "c2VjcmV0"},
        key(kty="RSA", size=1024),
        key(kty="EC", crv="P-521"),
        key(kty="OKP", crv="X25519"),
        EC | {"use": "else"},
        EC | {"use": "enc", "alg": "ES256"},
        EC | {"alg": "ECDH-ES"},
        EC | {"alg": "HS256"},
        EC | {"alg": "none"},
        EC | {"kty": "OKP"},
        EC | {"x": ""},
        EC | {"x": 1},
        {},
        "key",
    ],
)
def test_any_other_key_is_refused(bad: object) -> None:
    with pytest.raises(UnfitRegistration):
        check_jwks({"keys": [bad]})


@pytest.mark.parametrize(
    "document", [None, [], {}, {"keys": []}, {"keys": EC}, {"keys": [EC] * 11}]
)
def test_a_key_set_is_a_short_list_of_keys(document: object) -> None:
    with pytest.raises(UnfitRegistration):
        check_jwks(document)


def test_keys_of_a_set_are_told_apart_by_kid() -> None:
    assert check_jwks({"keys": [EC, key(kty="EC", crv="P-256", kid="other")]})
    for second in (EC, {**EC, "kid": None}):
        with pytest.raises(UnfitRegistration, match="kid"):
            check_jwks({"keys": [EC, second]})
