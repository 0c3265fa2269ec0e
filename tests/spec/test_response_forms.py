"""ID tokens and UserInfo in the form that a client registered: OpenID Connect Core 5.3.2, 16.14."""

import threading
from typing import Any

import orjson
import pytest
from joserfc import jws
from joserfc.jwk import KeySet
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK, JWKSet

from authserver.clients.options import Options
from authserver.clients.policy import CONTENT_ENCRYPTIONS, ENCRYPTION_ALGORITHMS
from tests.spec.tools import error_of, get, part, stage, tenant_stage
from tests.support.browser import ISSUER
from tests.support.world import World

EC = JWK.generate(kty="EC", crv="P-256", kid="ec", use="enc")
EC384 = JWK.generate(kty="EC", crv="P-384", kid="ec384", use="enc")
RSA = JWK.generate(kty="RSA", size=2048, kid="rsa", use="enc")
SIGNING = JWK.generate(kty="EC", crv="P-256", kid="sig", use="sig")


def public(*keys: JWK) -> dict[str, Any]:
    return {"keys": [key.export_public(as_dict=True) for key in keys]}


def opened(token: str, *keys: JWK) -> tuple[dict[str, Any], str]:
    """Decrypt as the client does; return the header and what was inside."""
    sealed = JWE(algs=[*ENCRYPTION_ALGORITHMS, *CONTENT_ENCRYPTIONS])
    held = JWKSet()
    for key in keys:
        held.add(key)
    sealed.deserialize(token, held)
    return orjson.loads(sealed.objects["protected"]), sealed.payload.decode()


def verified(world: World, token: str, alg: str, prefix: str = "") -> dict[str, Any]:
    keys = KeySet.import_key_set(get(world, f"{prefix}/oauth/jwks").json)
    return orjson.loads(jws.deserialize_compact(token, keys, algorithms=[alg]).payload)


@pytest.mark.rfc("OpenID Connect Core section 5.3.2")
@pytest.mark.parametrize("alg", ["RS256", "ES256", "ES384", "PS256"])
def test_userinfo_is_signed_where_that_is_registered(world: World, alg: str) -> None:
    on = stage(world, options=Options(userinfo_signed_response_alg=alg))
    answer = on.party.userinfo(on.tokens(scope="openid email")["access_token"])
    assert answer.content_type == "application/jwt"
    assert answer.headers["Cache-Control"] == "no-store"
    claims = verified(world, answer.text, alg)
    assert (claims["iss"], claims["aud"]) == (ISSUER, on.client.id)
    assert (claims["sub"], claims["email"]) == (on.person.id, on.person.email)


@pytest.mark.every_database
@pytest.mark.rfc("OpenID Connect Core section 5.3.2")
def test_a_tenants_issuer_signs_userinfo_with_its_own_key(world: World) -> None:
    on = tenant_stage(world, options=Options(userinfo_signed_response_alg="ES384"))
    answer = on.party.userinfo(on.tokens()["access_token"])
    claims = verified(world, answer.text, "ES384", on.prefix)
    assert claims["iss"] == f"{ISSUER}{on.prefix}"


@pytest.mark.rfc("RFC 8725 section 3.11")
def test_a_signed_userinfo_is_no_access_token(world: World) -> None:
    """And no ID token either: it has no `exp`."""
    on = stage(world, options=Options(userinfo_signed_response_alg="ES256"))
    signed = on.party.userinfo(on.tokens()["access_token"]).text
    assert on.party.userinfo(signed).status_code == 401
    assert on.party.introspect(signed).json == {"active": False}
    assert not {"exp", "iat", "nonce", "at_hash"} & set(part(signed, 1))


@pytest.mark.rfc("OpenID Connect Core section 10.2")
@pytest.mark.rfc("OpenID Connect Core section 16.14")
@pytest.mark.parametrize(
    ("alg", "enc", "key"),
    [
        ("RSA-OAEP", None, RSA),
        ("RSA-OAEP-256", "A256GCM", RSA),
        ("ECDH-ES", "A128GCM", EC),
        ("ECDH-ES+A128KW", "A256CBC-HS512", EC384),
        ("ECDH-ES+A256KW", None, EC),
    ],
)
def test_an_id_token_is_signed_and_then_encrypted(
    world: World, alg: str, enc: str | None, key: JWK
) -> None:
    options = Options(id_token_encrypted_response_alg=alg, id_token_encrypted_response_enc=enc)
    on = stage(world, jwks=public(SIGNING, key), options=options)
    tokens = on.tokens()
    header, signed = opened(tokens["id_token"], key)
    assert header == {
        "alg": alg,
        "enc": enc or "A128CBC-HS256",
        "cty": "JWT",
        "kid": key["kid"],
        **({"epk": header["epk"]} if alg.startswith("ECDH") else {}),
    }
    claims = verified(world, signed, "RS256")
    assert (claims["sub"], claims["aud"]) == (on.person.id, on.client.id)
    assert part(tokens["access_token"], 1)["sub"] == on.person.id  # which is not for the client


@pytest.mark.rfc("OpenID Connect Core section 5.3.2")
@pytest.mark.parametrize("signed", [True, False])
def test_userinfo_is_encrypted_signed_or_not(world: World, *, signed: bool) -> None:
    options = Options(
        userinfo_signed_response_alg="ES256" if signed else None,
        userinfo_encrypted_response_alg="ECDH-ES",
    )
    on = stage(world, jwks=public(EC), options=options)
    answer = on.party.userinfo(on.tokens()["access_token"])
    assert answer.content_type == "application/jwt"
    header, inside = opened(answer.text, EC)
    assert header.get("cty") == ("JWT" if signed else None)
    claims = verified(world, inside, "ES256") if signed else orjson.loads(inside)
    assert (claims["sub"], claims["aud"]) == (on.person.id, on.client.id)


@pytest.mark.attack("ATK-103")
@pytest.mark.parametrize("keys", [[SIGNING], [EC]])
def test_without_a_fitting_key_nothing_is_said_in_the_clear(world: World, keys: list[JWK]) -> None:
    options = Options(
        id_token_encrypted_response_alg="RSA-OAEP-256",
        userinfo_encrypted_response_alg="RSA-OAEP-256",
    )
    on = stage(world, jwks=public(*keys), options=options)
    code = on.code()
    answer = on.party.redeem(code)
    assert error_of(answer)[0] == 400
    assert on.person.id not in answer.text
    without = on.tokens(scope="orders:read")
    assert on.party.userinfo(without["access_token"]).status_code == 403


@pytest.mark.rfc("OpenID Connect Core section 10.2.1")
def test_keys_that_a_client_publishes_are_read_while_nobody_waits(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One thread stores for all that come together: it never waits for a client's server."""
    published, leading = "https://rp.example/jwks.json", []

    class Read:
        def json(self) -> dict[str, Any]:
            return public(EC)

    class Internet:
        def fetch(self, url: str, *, key: str) -> Read:
            assert (url, key) == (published, on.client.id)
            leading.append(turn.locked())
            return Read()

    options = Options(id_token_encrypted_response_alg="ECDH-ES", jwks_uri=published)
    on = stage(world, options=options)
    monkeypatch.setattr(world.services.client_keys, "_fetcher", Internet())
    turn = threading.Lock()
    run = world.services.database.run

    def held(work: Any) -> Any:
        with turn:
            return run(work)

    monkeypatch.setattr(world.services.database, "run", held)
    header, _ = opened(on.tokens()["id_token"], EC)
    assert (header["kid"], leading) == ("ec", [False])


@pytest.mark.attack("ATK-104")
def test_an_encrypted_token_is_nothing_that_this_server_reads(world: World) -> None:
    on = stage(world, jwks=public(EC), options=Options(id_token_encrypted_response_alg="ECDH-ES"))
    tokens = on.tokens()
    assert on.party.userinfo(tokens["id_token"]).status_code == 401
    assert on.party.introspect(tokens["id_token"]).json == {"active": False}


@pytest.mark.rfc("OpenID Connect Discovery section 3")
def test_the_metadata_name_what_there_is(world: World) -> None:
    for prefix in ("", tenant_stage(world).prefix):
        told = get(world, f"{prefix}/.well-known/openid-configuration").json
        for what in ("id_token", "userinfo"):
            assert told[f"{what}_encryption_alg_values_supported"] == list(ENCRYPTION_ALGORITHMS)
            assert told[f"{what}_encryption_enc_values_supported"] == list(CONTENT_ENCRYPTIONS)
        assert told["userinfo_signing_alg_values_supported"]
        assert told["subject_types_supported"] == ["public", "pairwise"]
        assert told["claim_types_supported"] == ["normal"]
        assert told["claims_parameter_supported"] is True
