"""Attacks by, and through, clients that register themselves."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import orjson
import pytest
from PIL import Image

from authserver.tenants.policy import ClientRegistration
from tests.spec.tools import error_of
from tests.support.browser import ISSUER
from tests.support.parallel import together
from tests.support.registering import (
    Registrar,
    initial_token,
    policy,
    published,
    registrar,
    somewhere,
)
from tests.support.world import World

INVALID_TOKEN = (401, "invalid_token")
# What must never be asked, however it is written.
INSIDE = (
    "https://127.0.0.1/x", "https://[::1]/x", "https://169.254.169.254/latest/meta-data",
    "https://10.0.0.1/x", "https://[::ffff:127.0.0.1]/x", "https://2130706433/x",
    "https://localhost/x", "https://[64:ff9b::7f00:1]/x", "http://rp.example/x",
    "https://rp.example:8443/x", "file:///etc/passwd", "https://user@rp.example/x",
)  # fmt: skip


@pytest.fixture(name="at")
def _at(world: World) -> Registrar:
    return registrar(world)


@pytest.mark.attack("ATK-119")
def test_nobody_registers_without_a_token_that_is_good(at: Registrar) -> None:
    world = at.world
    revoked_id, revoked = initial_token(world, at.tenant)
    actor = world.operator.__class__("operator", at.tenant.id, "req_test")
    world.services.database.write(
        lambda tx: world.services.self_service.tokens.revoke(
            tx, at.tenant.id, revoked_id, actor=actor
        )
    )
    _, short = initial_token(world, at.tenant, life=timedelta(seconds=60))
    _, single = initial_token(world, at.tenant, clients=1)
    registered = at.register(single).json
    world.clock.move(seconds=60)
    refused = {
        "none": at.send("POST", "/oauth/register", None, {}),
        "made up": at.register("iat_" + "A" * 43),
        "revoked": at.register(revoked),
        "over": at.register(short),
        "used up": at.register(single),
        "a client's own": at.register(registered["registration_access_token"]),
        "a secret": at.register(registered["client_secret"]),
    }
    assert {name: error_of(answer) for name, answer in refused.items()} == dict.fromkeys(
        refused, INVALID_TOKEN
    )
    assert all("Bearer" in answer.headers["WWW-Authenticate"] for answer in refused.values())
    told = {answer.text for name, answer in refused.items() if name != "none"}
    assert len(told) == 1, "why is for the log"


@pytest.mark.attack("ATK-119")
def test_a_tenant_that_is_closed_lets_nobody_in(at: Registrar) -> None:
    document = at.registered()
    policy(at.world, at.tenant, client_registration=ClientRegistration.CLOSED)
    assert error_of(at.register()) == INVALID_TOKEN
    assert at.own("GET", document).status_code == 200, "who is here looks after it"


@pytest.mark.attack("ATK-114")
def test_a_token_is_worth_nothing_at_another_tenants_issuer(world: World) -> None:
    ours, theirs = registrar(world, own_issuer=True), registrar(world, own_issuer=True)
    assert error_of(ours.register(theirs.token)) == INVALID_TOKEN
    document = theirs.registered()
    path = f"/oauth/register/{document['client_id']}"
    token = document["registration_access_token"]
    for method in ("GET", "PUT", "DELETE"):
        assert error_of(ours.send(method, path, token, {})) == INVALID_TOKEN
    mine = ours.registered()
    for method in ("GET", "PUT", "DELETE"):
        answer = ours.send(method, path, mine["registration_access_token"], {})
        assert error_of(answer) == INVALID_TOKEN
    assert theirs.own("GET", document).status_code == 200


@pytest.mark.every_database
@pytest.mark.attack("ATK-119")
def test_many_at_once_are_no_more_than_the_quota(at: Registrar) -> None:
    _, token = initial_token(at.world, at.tenant, clients=2)
    codes = sorted(answer.status_code for answer in together(8, lambda _: at.register(token)))
    assert codes == [201] * 2 + [401] * 6


@pytest.mark.attack("ATK-119")
def test_a_token_is_for_its_kinds_and_scopes(world: World) -> None:
    at = registrar(world, kinds=("web",), scopes=("openid",))
    for members in (
        {"token_endpoint_auth_method": "none"},
        {"application_type": "native", "redirect_uris": ["com.example.app:/cb"]},
        {"grant_types": ["client_credentials"], "redirect_uris": None},
        {"scope": "openid email"},
    ):
        assert error_of(at.register(**members)) == (400, "invalid_client_metadata"), members
    document = at.registered()
    assert document["scope"] == "openid"
    del document["registration_access_token"], document["registration_client_uri"]
    again = {"client_id": document["client_id"], "redirect_uris": document["redirect_uris"]}
    wider = at.register(**again, scope="openid profile")
    assert error_of(wider) == (400, "invalid_client_metadata")


@pytest.mark.attack("ATK-119")
def test_a_client_says_nothing_of_what_operators_decide(at: Registrar) -> None:
    claimed = {
        "client_id": "cli_" + "0" * 26, "client_secret": "chosen", "first_party": True,
        "pkce_required": False, "audiences": ["https://api.example/"], "serves": ["*"],
        "tenant_id": "ten_x", "self_registered": False, "ip_allowlist": [], "kind": "partner",
    }  # fmt: skip
    document = at.registered(**claimed)
    client = at.world.services.caches.clients.get(document["client_id"])
    assert client is not None
    assert document["client_id"] != "cli_" + "0" * 26
    assert document["client_secret"] != "chosen"
    assert client.tenant.id == at.tenant.id
    assert client.self_registered
    assert not client.first_party
    assert (client.audiences, client.serves, client.kind) == ((), (), "web")


@pytest.mark.attack("ATK-126")
@pytest.mark.parametrize("url", INSIDE)
def test_what_a_client_names_is_never_asked_inside(at: Registrar, url: str) -> None:
    """The real line to the outside: nothing is listening for it, and nothing is to be told."""
    answer = at.register(subject_type="pairwise", sector_identifier_uri=url)
    assert error_of(answer) == (400, "invalid_client_metadata")
    assert "leads to" not in answer.text, "what the network says is for the log"
    keys = at.register(token_endpoint_auth_method="private_key_jwt", jwks_uri=url)
    if keys.status_code == 201:
        services = at.world.services
        client = services.caches.clients.get(keys.json["client_id"])
        assert client is not None
        assert services.client_keys.of(client, "kid") == {"keys": []}


@pytest.mark.attack("ATK-130")
def test_a_logo_is_a_picture_of_our_own_or_none(at: Registrar) -> None:
    picture = BytesIO()
    Image.new("RGB", (300, 100), "#3355ff").save(picture, "PNG")
    evil = picture.getvalue() + b"<script>alert(1)</script>"
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    with published(at.world) as out:
        good = at.registered(logo_uri=out.put(somewhere("/logo.png"), evil))
        bad = at.registered(logo_uri=out.put(somewhere("/logo.svg"), svg))
        gone = at.registered(logo_uri=somewhere("/gone.png"))
    clients = at.world.services.caches.clients
    assert [clients.get(one["client_id"]).logo_id for one in (bad, gone)] == [None, None]
    logo_id = clients.get(good["client_id"]).logo_id
    answer = at.world.app.test_client().get(f"/login/logo/{logo_id}", base_url=ISSUER)
    assert answer.mimetype == "image/webp"
    assert b"script" not in answer.data
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    shown = Image.open(BytesIO(answer.data))
    assert shown.size == (256, 256)
    assert shown.convert("RGBA").getpixel((128, 2))[3] == 0, "all of it is shown, with a margin"


def test_a_logo_goes_with_its_uri_and_with_its_client(at: Registrar) -> None:
    picture = BytesIO()
    Image.new("RGB", (64, 64), "#aa0000").save(picture, "PNG")
    with published(at.world) as out:
        url = out.put(somewhere("/logo.png"), picture.getvalue())
        document = at.registered(logo_uri=url)
        at.world.services.watch.changed()
        first = at.world.services.caches.clients.get(document["client_id"]).logo_id
        body = {"client_id": document["client_id"], "redirect_uris": document["redirect_uris"]}
        same = at.own("PUT", document, {**body, "logo_uri": url}).json
        assert len(out.asked) == 1, "it is fetched once"
        at.own("PUT", same, body)
    after = at.world.services.caches.clients.get(document["client_id"])
    assert after.logo_id is None
    answer = at.world.app.test_client().get(f"/login/logo/{first}", base_url=ISSUER)
    assert answer.status_code == 404


@pytest.mark.attack("ATK-119")
@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b'"x"', b"{", b'{"a": NaN}', b'{"client_name": "a", "client_name": 1}',
        b'{"client_name": "a\\u0000b"}', b'{"client_name": "\\ud800"}', b"\xff{}",
        b'{"x": ' + b"[" * 5000 + b"]" * 5000 + b"}", b'{"a": {"b": {"a": [[[[[[[[1]]]]]]]]}}}',
    ],
    ids=range(12),
)  # fmt: skip
def test_a_body_that_is_no_plain_object_is_refused(at: Registrar, body: bytes) -> None:
    assert error_of(at.send("POST", "/oauth/register", at.token, body)) == (
        400,
        "invalid_client_metadata",
    )


def test_other_methods_types_and_queries_are_refused(at: Registrar) -> None:
    http = at.world.app.test_client()
    bearer = {"Authorization": f"Bearer {at.token}"}
    assert http.get("/oauth/register", base_url=ISSUER, headers=bearer).status_code == 405
    for more in (
        {"data": {"client_name": "x"}},
        {"data": b"{}", "content_type": "application/json", "query_string": {"a": "b"}},
    ):
        answer = http.post("/oauth/register", base_url=ISSUER, headers=bearer, **more)
        assert error_of(answer) == (400, "invalid_client_metadata")
    large = {"client_name": "x" * 70_000}
    assert at.register(**large).status_code == 413


@pytest.mark.attack("ATK-119")
def test_an_address_registers_so_often_a_minute(at: Registrar) -> None:
    def asked(address: str) -> Any:
        return at.world.app.test_client().post(
            "/oauth/register",
            base_url=ISSUER,
            data=orjson.dumps({}),
            content_type="application/json",
            headers={"Authorization": "Bearer guess"},
            environ_base={"REMOTE_ADDR": address},
        )

    codes = [asked("198.51.100.77").status_code for _ in range(125)]
    assert codes[:100] == [401] * 100
    assert codes[-1] == 429
    assert asked("198.51.100.78").status_code == 401
