"""/tenants/{tenant_id}/api-keys and `authserver api-keys`: for administrators and operators."""

import pytest

from tests.admin.callers import Caller, person, with_key
from tests.api_keys.making import Key, of_person, of_service
from tests.support.world import World

UNKNOWN = "apk_01m8ccz6v8fdyt6jgk2xphbjkf"


@pytest.fixture(name="admin")
def _admin(world: World) -> Caller:
    return person(world, "admin", kind="customer")


def every(caller: Caller) -> str:
    return f"/tenants/{caller.tenant.id}/api-keys"


def test_an_administrator_makes_a_key_for_a_service_and_it_works(
    world: World, admin: Caller
) -> None:
    client = world.client(admin.tenant, "service", scopes=["tenants:read", "orders:read"])
    body = {"client_id": client.id, "name": "Import", "scopes": ["tenants:read"]}
    first = admin.call("POST", every(admin), body, Idempotency_Key="one")
    again = admin.call("POST", every(admin), body, Idempotency_Key="one")
    assert (first.status_code, again.json) == (201, first.json)
    key = Key(world, first.json["id"], first.json["key"], admin.tenant)
    assert key.own_tenant() == 200
    one = first.headers["Location"].removeprefix("/api/v1")
    shown = admin.call("GET", one)
    assert "key" not in shown.json
    assert key.text not in shown.text
    assert shown.json["state"] == "live"
    assert admin.call("POST", f"{one}/revoke").json["state"] == "revoked"
    assert key.own_tenant() == 401


def test_nobody_gives_a_service_what_they_do_not_hold(world: World, admin: Caller) -> None:
    client = world.client(admin.tenant, "service", scopes=["tenants:write"])
    body = {"client_id": client.id, "name": "More", "scopes": ["tenants:write"]}
    assert admin.call("POST", every(admin), body).status_code == 403
    assert admin.call("GET", every(admin)).json["items"] == []


def test_the_list_says_what_each_key_is_worth(world: World, admin: Caller) -> None:
    user = world.user(admin.tenant, "customer_viewer")
    of_person(world, user, "users:read", name="Ended")
    world.disable(user)
    revoked = of_service(world, world.client(admin.tenant, "service"), "orders:read")
    revoked.revoke()
    other = world.user(admin.tenant, "customer_viewer")
    live = of_person(world, other, "users:read", name="Live")
    items = admin.call("GET", every(admin)).json["items"]
    assert [one["state"] for one in items] == ["ended", "revoked", "live"]
    mine = admin.call("GET", f"{every(admin)}?user_id={other.id}").json["items"]
    assert [one["id"] for one in mine] == [live.id]
    assert len(admin.call("GET", f"{every(admin)}?open=true").json["items"]) == 2


@pytest.mark.any_database
def test_another_tenants_key_is_not_there(world: World, admin: Caller) -> None:
    theirs = of_person(world, world.user(world.tenant(), "admin"), "users:read")
    for key_id in (theirs.id, UNKNOWN):
        absent = admin.call("GET", f"{every(admin)}/{key_id}")
        refused = admin.call("POST", f"{every(admin)}/{key_id}/revoke")
        assert (absent.status_code, refused.status_code) == (404, 404)
        assert absent.json["detail"] == "There is no such API key."
    assert theirs.call(f"/tenants/{theirs.tenant.id}").status_code in {200, 403}


@pytest.mark.any_database
def test_who_may_only_read_revokes_nothing(world: World) -> None:
    viewer = person(world, "admin_viewer", kind="customer")
    key = of_person(world, world.user(viewer.tenant, "admin"), "users:read")
    assert viewer.call("GET", f"{every(viewer)}/{key.id}").status_code == 200
    assert viewer.call("POST", f"{every(viewer)}/{key.id}/revoke").status_code == 403


@pytest.mark.any_database
@pytest.mark.parametrize(
    "more",
    [{"user_id": "usr_x"}, {"roles": ["admin"]}, {"tenant_id": "x"}, {"name": ""}, {"scopes": []}],
)
def test_fields_that_are_not_there_are_refused(
    world: World, admin: Caller, more: dict[str, object]
) -> None:
    client = world.client(admin.tenant, "service")
    body = {"client_id": client.id, "name": "A", "scopes": ["orders:read"], **more}
    assert admin.call("POST", every(admin), body).status_code == 422


def test_a_key_may_do_what_its_owner_may_of_what_it_was_given(world: World) -> None:
    everything, little = (
        with_key(world, "PLATFORM_ADMIN"),
        with_key(world, "PLATFORM_ADMIN", scopes=["tenants:read"]),
    )
    body = {"slug": world.tenant().slug + "-k", "name": "Acme", "type": "customer"}
    assert everything.call("POST", "/tenants", body).status_code == 201
    assert little.call("GET", "/tenants").status_code == 200
    assert little.call("POST", "/tenants", body).status_code == 403
    assert with_key(world, "admin", kind="customer").call("GET", "/tenants").status_code == 403
