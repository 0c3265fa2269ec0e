"""APIs of a tenant: what clients may register for, what people read of it, and what ends."""

import pytest

from tests.admin.callers import AUDIENCE, Caller, person
from tests.spec.tools import stage
from tests.support.browser import Browser, Party
from tests.support.trail import events
from tests.support.world import World

ORDERS = {
    "audience": "https://orders.example/",
    "name": "Orders",
    "scopes": [
        {"name": "orders:read", "description": "See your orders"},
        {"name": "orders:write", "description": ""},
    ],
}


@pytest.fixture(name="admin")
def _admin(world: World) -> Caller:
    return person(world, "admin", kind="customer")


def place(caller: Caller, kind: str = "resource-servers") -> str:
    return f"/tenants/{caller.tenant.id}/{kind}"


def register(caller: Caller, **asked: object) -> str:
    answer = caller.call("POST", place(caller), {**ORDERS, **asked})
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"].removeprefix("/api/v1")


def service(caller: Caller, **asked: object) -> tuple[int, object]:
    body = {"name": "Robot", "kind": "service", **asked}
    answer = caller.call("POST", place(caller, "clients"), body)
    return answer.status_code, answer.json.get("id", answer.json.get("detail"))


def test_an_api_is_registered_read_changed_and_taken_away(world: World, admin: Caller) -> None:
    one = register(admin)
    shown = admin.call("GET", one)
    assert shown.json["scopes"] == ORDERS["scopes"]
    etag = shown.headers["ETag"]
    assert admin.call("PATCH", one, {"name": "Shop"}, If_Match=etag).json["name"] == "Shop"
    assert admin.call("PATCH", one, {"name": "X"}, If_Match=etag).status_code == 412
    assert admin.call("POST", place(admin), ORDERS).status_code == 409
    listed = admin.call("GET", place(admin)).json["items"]
    assert [item["name"] for item in listed] == ["Shop"]
    assert admin.call("DELETE", one).status_code == 204
    assert admin.call("GET", one).status_code == 404
    kinds = [event.type for event in events(world, admin.tenant.id)][-3:]
    assert kinds == [f"resource_server.{verb}" for verb in ("created", "changed", "deleted")]


def test_clients_register_for_what_there_is_once_the_tenant_has_said_it(admin: Caller) -> None:
    audience = ORDERS["audience"]
    assert service(admin, audiences=["https://any.example/"], scopes=["any"])[0] == 201
    register(admin)
    assert service(admin, audiences=[audience], scopes=["orders:read"])[0] == 201
    assert service(admin, audiences=["https://any.example/"])[0] == 400
    assert service(admin, audiences=[audience], scopes=["orders:delete"])[0] == 400
    assert service(admin, scopes=["orders:read"])[0] == 400  # of no audience of its own
    assert service(admin, audiences=[AUDIENCE], scopes=["users:read"])[0] == 201  # our own API


def test_what_a_client_had_before_stays_until_it_is_changed(admin: Caller) -> None:
    _, old = service(admin, audiences=["https://any.example/"], scopes=["any"])
    register(admin)
    one = f"{place(admin, 'clients')}/{old}"
    assert admin.call("PATCH", one, {"name": "Other"}).status_code == 200
    assert admin.call("PATCH", one, {"scopes": ["any", "more"]}).status_code == 400


def test_only_named_clients_ask_for_an_api_that_names_them(admin: Caller) -> None:
    _, client = service(admin)
    _, other = service(admin)
    register(admin, client_ids=[client])
    wanted = {"audiences": [ORDERS["audience"]], "scopes": ["orders:read"]}
    patched = [
        admin.call("PATCH", f"{place(admin, 'clients')}/{one}", wanted).status_code
        for one in (client, other)
    ]
    assert patched == [200, 400]


@pytest.mark.attack("ATK-111")
def test_an_api_names_no_client_of_another_tenant(world: World, admin: Caller) -> None:
    foreign = world.client(world.tenant()).id
    refused = admin.call("POST", place(admin), {**ORDERS, "client_ids": [foreign]})
    absent = admin.call(
        "POST", place(admin), {**ORDERS, "client_ids": ["cli_01jd0000000000000000000000"]}
    )
    assert (refused.status_code, absent.status_code) == (400, 400)
    assert refused.json["detail"].replace(foreign, "") == absent.json["detail"].replace(
        "cli_01jd0000000000000000000000", ""
    )


def test_what_an_api_offers_no_more_is_taken_from_clients_and_ends_their_tokens(
    world: World, admin: Caller
) -> None:
    one = register(admin)
    client = world.client(
        admin.tenant,
        "service",
        scopes=["orders:read", "orders:write"],
        audiences=[ORDERS["audience"]],
    )
    token = Party(world, client).machine().json["access_token"]
    admin.call("PATCH", one, {"scopes": ORDERS["scopes"][:1]})
    shown = admin.call("GET", f"{place(admin, 'clients')}/{client.id}").json
    assert (shown["scopes"], shown["audiences"]) == (["orders:read"], [ORDERS["audience"]])
    assert Party(world, client).introspect(token).json["active"] is False
    admin.call("DELETE", one)
    shown = admin.call("GET", f"{place(admin, 'clients')}/{client.id}").json
    assert (shown["scopes"], shown["audiences"]) == ([], [])


def test_a_renewed_token_has_no_scope_that_was_taken_from_the_client(world: World) -> None:
    on = stage(world, audiences=["https://orders.example/"])
    tokens = on.tokens(
        scope="openid offline_access orders:read orders:write", resource="https://orders.example/"
    )
    admin = person(world, "admin", tenant=on.tenant)
    one = f"{place(admin, 'clients')}/{on.client.id}"
    left = ["openid", "offline_access", "orders:read"]
    assert admin.call("PATCH", one, {"scopes": left}).status_code == 200
    again = on.party.refresh(tokens["refresh_token"])
    assert set(again.json["scope"].split()) == set(left)
    admin.call("PATCH", one, {"audiences": ["https://other.example/"]})
    refused = on.party.refresh(again.json["refresh_token"])
    assert (refused.status_code, refused.json["error"]) == (400, "invalid_grant")


def test_people_read_what_they_allow_in_the_words_of_the_api(world: World) -> None:
    on = stage(world, audiences=["https://orders.example/"])
    admin = person(world, "admin", tenant=on.tenant)
    described = {"name": "orders:read", "description": "See <b>your</b> orders"}
    register(admin, scopes=[described])
    browser = Browser(world)
    page = browser.sign_in(
        browser.follow(browser.authorize(on.client, scope="openid orders:read")), on.person
    )
    while page.status_code != 200:
        page = browser.follow(page)
    text = page.text
    assert "See &lt;b&gt;your&lt;/b&gt; orders" in text
    assert "<bdi>Orders</bdi>" in text


@pytest.mark.parametrize(
    "change",
    [{"name": "Another name"}, {"redirect_uris": ["https://else.example/callback"]}],
)
def test_people_are_asked_anew_for_another_name_or_another_place(
    world: World, change: dict[str, object]
) -> None:
    on = stage(world)
    admin = person(world, "admin", tenant=on.tenant)
    browser = on.browser()
    browser.code(on.client, on.person)
    silent = {"prompt": "none"}
    assert "code=" in browser.authorize(on.client, **silent).headers["Location"]
    one = f"{place(admin, 'clients')}/{on.client.id}"
    uris = [on.client.redirect_uri, "https://rp.example/other"]
    admin.call("PATCH", one, {"redirect_uris": uris})  # the same host: nothing else
    assert "code=" in browser.authorize(on.client, **silent).headers["Location"]
    more = change.get("redirect_uris", [])
    body = {**change, "redirect_uris": [*uris, *more]}
    assert admin.call("PATCH", one, body).status_code == 200
    world.clock.move(seconds=1)
    refused = browser.authorize(on.client, **silent).headers["Location"]
    assert "error=consent_required" in refused
    assert "code=" in browser.complete(on.client, on.person).headers["Location"]
    assert "code=" in browser.authorize(on.client, **silent).headers["Location"]


@pytest.mark.any_database
@pytest.mark.parametrize(
    "asked",
    [
        {"audience": "http://orders.example/"},
        {"audience": "orders"},
        {"name": "Оrders"},  # begins with a Cyrillic letter
        {"scopes": [{"name": "openid", "description": ""}]},
        {"scopes": [{"name": "a b", "description": ""}]},
        {"scopes": [{"name": "a", "description": "\u202egnihtyna"}]},
    ],
)
def test_what_could_mislead_is_no_api(admin: Caller, asked: dict[str, object]) -> None:
    answer = admin.call("POST", place(admin), {**ORDERS, **asked})
    assert answer.status_code == 400, answer.text
