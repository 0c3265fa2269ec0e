"""/connections and /tenants/{tenant_id}/connections: providers by API, and nobody gets above."""

import pytest

from authserver.federation.values import Kind
from tests.admin.callers import Caller, person, program
from tests.support import upstream
from tests.support.federation import connect
from tests.support.providers import openid, stand_in
from tests.support.trail import events
from tests.support.world import World

CORP = {
    "name": "corp",
    "kind": "oidc",
    "label": "Corp",
    "server": "https://login.corp.example",
    "client_id": "ours",
    "client_secret": "canary-7c1",
}


@pytest.fixture(name="admin")
def _admin(world: World) -> Caller:
    return person(world, "admin", kind="customer")


def place(caller: Caller) -> str:
    return f"/tenants/{caller.tenant.id}/connections"


def test_a_connection_is_made_changed_switched_and_removed(world: World, admin: Caller) -> None:
    made = admin.call("POST", place(admin), {**CORP, "claims": {"name": "display"}})
    assert made.status_code == 201, made.text
    one = made.headers["Location"].removeprefix("/api/v1")
    assert one == f"{place(admin)}/corp"
    shown = admin.call("GET", one)
    assert shown.json["redirect_uris"][0].startswith("https://auth.example/login/federation/idp_")
    etag = shown.headers["ETag"]
    patch = {"label": "Corp SSO", "claims": {"groups": "roles", "name": None}}
    changed = admin.call("PATCH", one, patch, If_Match=etag)
    assert (changed.json["label"], changed.json["claims"]) == ("Corp SSO", {"groups": "roles"})
    assert admin.call("PATCH", one, {"label": "X"}, If_Match=etag).status_code == 412
    assert admin.call("POST", f"{one}/secret", {"client_secret": "canary-7c2"}).status_code == 200
    assert admin.call("POST", f"{one}/disable").json["enabled"] is False
    assert admin.call("POST", f"{one}/unlink").json == {"unlinked": 0, "more": False}
    assert admin.call("DELETE", one).status_code == 204
    assert admin.call("GET", one).status_code == 404
    told = events(world, admin.tenant.id)
    assert [event.type for event in told][-5:] == [
        "connection.created", "connection.changed", "connection.secret_changed",
        "connection.disabled", "connection.removed",
    ]  # fmt: skip
    everything = "".join(event.body.decode() for event in told) + made.text + shown.text
    assert "canary" not in everything


def test_a_connection_in_use_is_not_removed(admin: Caller) -> None:
    admin.call("POST", place(admin), CORP)
    assert admin.call("DELETE", f"{place(admin)}/corp").status_code == 409
    assert admin.call("POST", place(admin), CORP).status_code == 409


@pytest.mark.attack("ATK-119")
def test_nobody_lets_a_provider_give_what_they_do_not_hold(world: World, admin: Caller) -> None:
    weak = program(world, "connections:read", "connections:write", kind="customer")
    role = {"creates_people": True, "default_roles": ["CUSTOMER_viewer"]}
    assert weak.call("POST", place(weak), {**CORP, **role}).status_code == 403
    assert weak.call("POST", place(weak), CORP).status_code == 201
    one = f"{place(weak)}/corp"
    assert weak.call("PATCH", one, role).status_code == 403
    groups = {"group_roles": {"staff": "customer_viewer"}}
    assert weak.call("PATCH", one, groups).status_code == 403
    assert weak.call("GET", one).json["default_roles"] == []  # a refusal commits, but nothing of it
    assert admin.call("POST", place(admin), {**CORP, **role}).status_code == 201
    strong = connect(world, weak.tenant, name="strong", default_roles=("customer_viewer",))
    for tail, body in (
        ("", {"allowed": []}), ("/secret", {"client_secret": "x"}), ("/enable", None)
    ):  # fmt: skip
        method = "PATCH" if tail == "" else "POST"
        path = f"{place(weak)}/{strong.name}{tail}"
        assert weak.call(method, path, body).status_code == 403, tail


def _role(caller: Caller, name: str, *permissions: str) -> None:
    role = {"name": name, "description": "Reads", "permissions": list(permissions)}
    answer = caller.call("POST", f"/tenants/{caller.tenant.id}/roles", role)
    assert answer.status_code == 201, answer.text


def test_a_connection_gives_the_tenants_own_roles_by_their_full_names(admin: Caller) -> None:
    _role(admin, "reader", "users:read")
    given = {"creates_people": True, "default_roles": ["Reader"], "group_roles": {"x": "reader"}}
    made = admin.call("POST", place(admin), {**CORP, **given})
    assert made.status_code == 201, made.text
    full = f"{admin.tenant.slug}/reader"
    assert (made.json["default_roles"], made.json["group_roles"]) == ([full], {"x": full})
    one = f"{place(admin)}/corp"
    assert admin.call("PATCH", one, {"label": "Corp 2"}).json["default_roles"] == [full]
    for wrong in ("nobody", f"{admin.tenant.slug}/nobody", "elsewhere/reader"):
        assert admin.call("PATCH", one, {"default_roles": [wrong]}).status_code in {400, 422}, wrong
    assert admin.call("DELETE", f"/tenants/{admin.tenant.id}/roles/reader").status_code == 204
    shown = admin.call("PATCH", one, {"label": "Corp 3"})
    assert (shown.status_code, shown.json["default_roles"], shown.json["group_roles"]) == (
        200, [], {},
    )  # fmt: skip


@pytest.mark.attack("ATK-118")
def test_no_connection_gives_an_own_role_that_changes_things_or_is_above_the_caller(
    world: World, admin: Caller
) -> None:
    _role(admin, "keeper", "users:write")
    wanted = {**CORP, "creates_people": True, "default_roles": ["keeper"]}
    assert admin.call("POST", place(admin), wanted).status_code == 403
    _role(admin, "reader", "users:read", "usage:read")
    tenant = admin.tenant
    weak = person(
        world,
        "admin",
        tenant=tenant,
        scopes=["connections:read", "connections:write", "users:read"],
    )
    wanted = {**CORP, "group_roles": {"x": "reader"}}
    assert weak.call("POST", place(admin), wanted).status_code == 403
    assert admin.call("POST", place(admin), wanted).status_code == 201
    one = f"{place(admin)}/corp"
    assert weak.call("POST", f"{one}/secret", {"client_secret": "x"}).status_code == 403


def test_a_tenants_connections_are_its_own_and_the_platforms_the_platforms(
    world: World, admin: Caller
) -> None:
    shared, foreign = connect(world), connect(world, world.tenant())
    for name in (shared.name, foreign.name, "nobody"):
        answer = admin.call("GET", f"{place(admin)}/{name}")
        assert (answer.status_code, answer.json["detail"].replace(name, "")) == (
            404,
            "There is no connection ''.",
        )
    assert admin.call("GET", "/connections").status_code == 403
    platform = person(world, "PLATFORM_ADMIN")
    assert platform.call("GET", f"/connections/{shared.name}").status_code == 200
    assert platform.call("GET", f"/connections/{foreign.name}").status_code == 404


def test_a_trial_tells_whether_the_provider_knows_us(world: World) -> None:
    platform = person(world, "PLATFORM_ADMIN")
    with openid(world.clock) as provider, stand_in(world.services.connectors):
        made = upstream.connect(world, Kind.OIDC, provider, server=provider.url)
        one = f"/connections/{made.name}"
        assert platform.call("POST", f"{one}/test").json["verdict"] == "works"
        provider.client_secret = "another"
        assert platform.call("POST", f"{one}/test").json["verdict"] == "secret_refused"


def test_a_trial_of_what_is_inside_says_that_nothing_is_there_and_not_why(
    world: World, admin: Caller
) -> None:
    made = connect(world, admin.tenant, server="https://169.254.169.254")
    answer = admin.call("POST", f"{place(admin)}/{made.name}/test")
    assert answer.json == {"verdict": "unreachable", "authorization_endpoint": None}
