"""Dynamic OP: redirect URIs as they were registered, requests that stand elsewhere, new keys."""

from dataclasses import replace

import pytest

from tests.conformance.elsewhere import Elsewhere
from tests.conformance.party import RelyingParty
from tests.conformance.registering import CALLBACK, Registry, registry
from tests.spec.assertions import KeyPair
from tests.spec.tools import encode, part
from tests.support.browser import ISSUER, authorization
from tests.support.world import World

WITH_QUERY = f"{CALLBACK}?foo=bar"
REQUEST = "https://rp.example/request.jwt"
NONCE = "the nonce of the object"


@pytest.fixture(name="registry")
def _registry(world: World) -> Registry:
    return registry(world)


def signed_request(rp: RelyingParty, key: KeyPair) -> str:
    """Return a request object as the plan makes one: no type, no life, the key's name if any."""
    body = {**authorization(rp.client, **rp.request(nonce=NONCE)), "iss": rp.client.id}
    header = {"alg": key.alg, "kid": key.public["kid"]}
    return key.sign(header, {**body, "aud": ISSUER})


def is_page(rp: RelyingParty, **parameters: str | None) -> bool:
    """Tell whether nobody is sent anywhere."""
    answer = rp.ask(**parameters)
    return answer.status_code == 400 and "Location" not in answer.headers


@pytest.mark.every_database
@pytest.mark.module("oidcc-redirect-uri-query-OK")
@pytest.mark.module("oidcc-redirect-uri-query-mismatch")
@pytest.mark.module("oidcc-redirect-uri-query-added")
def test_a_query_belongs_to_the_redirect_uri(registry: Registry) -> None:
    rp, _ = registry.register(redirect_uris=[WITH_QUERY])
    answer = rp.browser.complete(rp.client, rp.person, **rp.request())
    assert answer.headers["Location"].startswith(f"{WITH_QUERY}&")
    assert is_page(rp, redirect_uri=f"{CALLBACK}?foo=baz")
    assert is_page(rp, redirect_uri=CALLBACK)
    plain, _ = registry.register()
    assert is_page(plain, redirect_uri=WITH_QUERY)


@pytest.mark.module("oidcc-ensure-redirect-uri-in-authorization-request")
def test_a_request_without_a_redirect_uri_gets_a_page(registry: Registry) -> None:
    rp, _ = registry.register()
    assert is_page(rp, redirect_uri=None)


@pytest.mark.module("oidcc-request-uri-signed-rs256")
@pytest.mark.rfc("OpenID Connect Core section 6.2")
@pytest.mark.rfc("RFC 9101 section 5.2.1")
def test_a_signed_request_is_read_where_it_stands(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, key = Elsewhere(), KeyPair("RS256")
    there.stand_in(monkeypatch)
    rp, told = registry.register(
        jwks={"keys": [key.public]},
        request_object_signing_alg="RS256",
        request_uris=[REQUEST],
    )
    assert told["request_uris"] == [REQUEST]
    there.put(REQUEST, signed_request(rp, key).encode())
    said = rp.answer(request_uri=REQUEST, state="another", nonce="another")
    rp.last_nonce = NONCE
    assert rp.finish(said).claims["nonce"] == NONCE
    assert there.asked == [REQUEST]


@pytest.mark.module("oidcc-ensure-request-object-with-redirect-uri")
@pytest.mark.rfc("OpenID Connect Core section 6.1")
def test_the_redirect_uri_of_a_signed_request_counts(registry: Registry) -> None:
    key = KeyPair("RS256")
    rp, _ = registry.register(jwks={"keys": [key.public]}, request_object_signing_alg="RS256")
    said = rp.answer(
        request=signed_request(rp, key), redirect_uri="https://rp.example/nowhere", nonce=NONCE
    )
    assert rp.finish(said).claims["sub"] == rp.person.id


@pytest.mark.module("oidcc-request-uri-unsigned")
def test_an_unsigned_request_is_refused_where_it_stands(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = Elsewhere()
    there.stand_in(monkeypatch)
    rp, _ = registry.register(request_uris=[REQUEST])
    body = {**authorization(rp.client, **rp.request()), "iss": rp.client.id, "aud": ISSUER}
    there.put(REQUEST, f"{encode({'alg': 'none'})}.{encode(body)}.".encode())
    said = rp.received(rp.ask(request_uri=REQUEST))
    assert there.asked == [REQUEST]
    assert said["error"] == "request_not_supported"
    assert "none" not in rp.metadata["request_object_signing_alg_values_supported"]


@pytest.mark.module("oidcc-server-rotate-keys")
@pytest.mark.rfc("OpenID Connect Core section 10.1")
def test_the_server_rotates_its_keys(registry: Registry) -> None:
    rp, _ = registry.register()
    before = part(rp.sign_in().tokens["id_token"], 0)["kid"]
    services, actor = rp.world.services, replace(rp.world.operator, principal="")
    settings = services.settings
    services.database.write(lambda tx: services.keys.rotate(tx, None, actor, algorithms=["RS256"]))
    services.watch.changed()
    published = {key["kid"] for key in rp.browser.get("/oauth/jwks").json["keys"]}
    rp.world.clock.move(seconds=settings.key_publish.total_seconds() + 1)
    rp.world.services.watch.changed()
    after = part(rp.sign_in(prompt="login").tokens["id_token"], 0)["kid"]
    assert after != before
    assert {before, after} <= published, "it was published before it signed"
    assert before in {key["kid"] for key in rp.browser.get("/oauth/jwks").json["keys"]}
