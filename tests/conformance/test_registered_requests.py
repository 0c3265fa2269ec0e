"""Dynamic OP: redirect URIs as they were registered, requests that stand elsewhere, new keys."""

from dataclasses import replace

import pytest

from tests.conformance.elsewhere import Elsewhere
from tests.conformance.party import RelyingParty
from tests.conformance.registering import CALLBACK, Registry, registry
from tests.spec.assertions import KeyPair
from tests.spec.tools import part
from tests.support.browser import ISSUER, authorization
from tests.support.world import World

WITH_QUERY = f"{CALLBACK}?foo=bar"
REQUEST = "https://rp.example/request.jwt"


@pytest.fixture(name="registry")
def _registry(world: World) -> Registry:
    return registry(world)


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
    wanted = authorization(rp.client, **rp.request())
    now = int(rp.world.clock.now().timestamp())
    body = {**wanted, "iss": rp.client.id, "aud": ISSUER, "iat": now, "exp": now + 60}
    header = {"alg": "RS256", "kid": key.public["kid"], "typ": "oauth-authz-req+jwt"}
    there.put(REQUEST, key.sign(header, body).encode())
    said = rp.answer(request_uri=REQUEST, state="another", nonce="another")
    rp.last_nonce = wanted["nonce"]
    assert rp.finish(said).claims["nonce"] == wanted["nonce"]
    assert there.asked == [REQUEST]


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
