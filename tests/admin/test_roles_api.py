"""Roles by API: a tenant's own ones, what they allow, and until when somebody has them."""

from datetime import timedelta

import pytest

from authserver.core.problems import Refused
from authserver.roles.catalogue import BUILTIN, Permission
from authserver.roles.policy import OF_THE_PLATFORM, UnknownRole
from tests.admin.callers import Caller, person
from tests.api_keys.making import of_person
from tests.spec.tools import part
from tests.support.trail import events
from tests.support.world import UserFixture, World

NIGHT = {
    "name": "night-shift",
    "description": "Unlocks people at night.",
    "permissions": ["users:read", "users:unlock"],
}


@pytest.fixture(name="admin")
def _admin(world: World) -> Caller:
    return person(world, "admin", kind="customer")


def roles(caller: Caller) -> str:
    return f"/tenants/{caller.tenant.id}/roles"


def held(caller: Caller, user: UserFixture, role: str = "") -> str:
    path = f"/tenants/{caller.tenant.id}/users/{user.id}/roles"
    return f"{path}/{role}" if role else path


def in_tenant(world: World, caller: Caller, *given: str) -> Caller:
    return person(world, *given, tenant=caller.tenant)


def test_a_role_is_made_read_changed_given_and_deleted(world: World, admin: Caller) -> None:
    made = admin.call("POST", roles(admin), NIGHT)
    assert made.status_code == 201, made.text
    name = f"{admin.tenant.slug}/night-shift"
    assert (made.json["name"], made.json["kind"]) == (name, "custom")
    one = made.headers["Location"].removeprefix("/api/v1")
    assert admin.call("GET", one).json == made.json
    patch = {"permissions": ["users:read"]}
    changed = admin.call("PATCH", one, patch, If_Match=made.headers["ETag"])
    assert changed.json["permissions"] == ["users:read"]
    assert admin.call("PATCH", one, patch, If_Match=made.headers["ETag"]).status_code == 412

    friend = world.user(admin.tenant)
    given = admin.call("PUT", held(admin, friend, "night-shift"), {})
    assert [each["role"] for each in given.json["items"]] == [name]
    holders = admin.call("GET", f"{one}/people").json["items"]
    assert [(each["user_id"], each["email"]) for each in holders] == [(friend.id, friend.email)]

    assert admin.call("DELETE", one).status_code == 204
    assert admin.call("GET", one).status_code == 404
    assert admin.call("GET", held(admin, friend)).json["items"] == []
    kinds = [event.type for event in events(world, admin.tenant.id)]
    assert [kind for kind in kinds if kind.startswith("role.")] == [
        "role.created",
        "role.changed",
        "role.deleted",
    ]


def test_the_matrix_has_the_tenants_roles_behind_the_built_in_ones(
    world: World, admin: Caller
) -> None:
    admin.call("POST", roles(admin), NIGHT)
    matrix = admin.call("GET", roles(admin)).json
    names = [role["short_name"] for role in matrix["items"]]
    assert names == [name for name in BUILTIN if name != "PLATFORM_ADMIN"] + ["night-shift"]
    assert matrix["permissions"] == [permission.value for permission in Permission]
    assignable = {role["short_name"] for role in matrix["items"] if role["assignable"]}
    assert "night-shift" in assignable
    assert "CLOUD_OPS" not in assignable  # sees the health of the platform
    platform = person(world, "PLATFORM_ADMIN")
    assert len(platform.call("GET", "/roles").json["items"]) == len(BUILTIN)
    assert admin.call("GET", "/roles").status_code == 403


def test_a_role_of_ones_own_works_from_the_next_call_on_and_is_in_tokens_by_its_long_name(
    world: World, admin: Caller
) -> None:
    admin.call("POST", roles(admin), {**NIGHT, "permissions": ["roles:read"]})
    night = in_tenant(world, admin, "night-shift")
    assert part(night.token, 1)["roles"] == [f"{admin.tenant.slug}/night-shift"]
    assert night.call("GET", roles(night)).status_code == 200
    admin.call("PATCH", f"{roles(admin)}/night-shift", {"permissions": []})
    assert night.call("GET", roles(night)).status_code == 403


@pytest.mark.any_database
@pytest.mark.attack("ATK-117")
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("Admin", 400),
        ("adm1n", 400),
        ("platform.admin", 400),
        ("\u0430dmin", 400),
        ("night\u202eshift", 400),
        ("acme/admin", 400),
        ("", 400),
        ("n" * 41, 422),
        ("night.shift", 409),
        ("n1ght-shift", 409),
    ],
)
def test_no_role_reads_like_another(admin: Caller, name: str, status: int) -> None:
    admin.call("POST", roles(admin), NIGHT)
    answer = admin.call("POST", roles(admin), {**NIGHT, "name": name})
    assert answer.status_code == status, answer.text
    assert "\u202e" not in answer.text


@pytest.mark.attack("ATK-118")
@pytest.mark.parametrize("permission", sorted(OF_THE_PLATFORM))
def test_what_is_the_platforms_is_in_no_role_of_a_customer(
    world: World, admin: Caller, permission: str
) -> None:
    own = admin.call("POST", roles(admin), {**NIGHT, "permissions": [permission]})
    platform = person(world, "PLATFORM_ADMIN")
    asked = {"reason": "A customer asks for a role", "minutes": 15}
    platform.call("POST", f"/tenants/{admin.tenant.id}/access", asked)
    theirs = platform.call("POST", roles(admin), {**NIGHT, "permissions": [permission]})
    assert (own.status_code, theirs.status_code) == (400, 400)


@pytest.mark.attack("ATK-118")
def test_nobody_makes_changes_gives_or_takes_more_than_they_hold(
    world: World, admin: Caller
) -> None:
    everything = {**NIGHT, "name": "keeper", "permissions": ["roles:write", "roles:assign"]}
    assert admin.call("POST", roles(admin), everything).status_code == 201
    admin.call("POST", roles(admin), NIGHT)
    keeper = in_tenant(world, admin, "keeper")
    other = world.user(admin.tenant, "night-shift")
    more = {**NIGHT, "name": "more"}
    own = {"permissions": ["roles:write"]}
    assert keeper.call("POST", roles(admin), more).status_code == 403
    # A role above is neither widened nor narrowed, and one's own not at all.
    assert keeper.call("PATCH", f"{roles(admin)}/night-shift", own).status_code == 403
    assert keeper.call("DELETE", f"{roles(admin)}/night-shift").status_code == 403
    assert keeper.call("PATCH", f"{roles(admin)}/keeper", own).status_code == 403
    assert keeper.call("DELETE", f"{roles(admin)}/keeper").status_code == 403
    third = world.user(admin.tenant)
    assert keeper.call("PUT", held(admin, third, "night-shift"), {}).status_code == 403
    assert keeper.call("DELETE", held(admin, other, "night-shift")).status_code == 403
    assert keeper.call("PUT", held(admin, other, "keeper"), {}).status_code == 200
    assert keeper.stage is not None
    mine = held(admin, keeper.stage.person, "keeper")
    assert keeper.call("DELETE", mine).status_code == 403
    assert admin.call("PATCH", f"{roles(admin)}/admin", own).status_code == 403


def test_a_role_for_a_while_ends_in_tokens_at_refresh_and_at_the_api(
    world: World, admin: Caller
) -> None:
    helper = in_tenant(world, admin, "customer_viewer")
    assert helper.stage is not None
    until = world.clock.now() + timedelta(minutes=10)
    path = held(admin, helper.stage.person, "SUPPORT_AGENT")
    given = admin.call("PUT", path, {"until": until.isoformat()})
    assert given.status_code == 200, given.text
    assert [each["until"] is None for each in given.json["items"]] == [False, True]
    # What a token says of it lives no longer than it: APIs that ask nobody see it end.
    tokens = helper.stage.tokens(scope="openid roles:read")
    claims = part(tokens["access_token"], 1)
    assert claims["roles"] == ["SUPPORT_AGENT", "customer_viewer"]
    assert claims["exp"] == int(until.timestamp())
    assert tokens["expires_in"] <= 600
    assert helper.call("GET", roles(admin)).status_code == 200
    world.clock.move(minutes=10)
    assert helper.call("GET", roles(admin)).status_code == 403
    again = helper.stage.party.refresh(tokens["refresh_token"]).json
    assert part(again["access_token"], 1)["roles"] == ["customer_viewer"]
    assert admin.call("GET", path.rpartition("/")[0]).status_code == 200


def test_an_api_key_knows_roles_of_the_tenants_own_and_their_end(
    world: World, admin: Caller
) -> None:
    admin.call("POST", roles(admin), {**NIGHT, "permissions": ["roles:read"]})
    friend = world.user(admin.tenant)
    until = (world.clock.now() + timedelta(minutes=10)).isoformat()
    admin.call("PUT", held(admin, friend, "night-shift"), {"until": until})
    key = Caller(world, admin.tenant, of_person(world, friend, "roles:read").text)
    assert key.call("GET", roles(admin)).status_code == 200
    world.clock.move(minutes=10)
    assert key.call("GET", roles(admin)).status_code == 403


def test_what_is_held_for_a_while_keeps_its_end_when_other_roles_change(
    world: World, admin: Caller
) -> None:
    friend = world.user(admin.tenant)
    until = (world.clock.now() + timedelta(days=1)).isoformat()
    admin.call("PUT", held(admin, friend, "SALES_REP"), {"until": until})
    listed = admin.call("PUT", held(admin, friend, "customer_viewer"), {}).json["items"]
    assert [(one["role"], one["until"] is None) for one in listed] == [
        ("SALES_REP", False),
        ("customer_viewer", True),
    ]
    event = events(world, admin.tenant.id, "user.roles_changed")[-1].document
    assert event["after"]["until"].keys() == {"SALES_REP"}
    for_good = admin.call("PUT", held(admin, friend, "SALES_REP"), {}).json["items"]
    assert [one["until"] for one in for_good] == [None, None]


@pytest.mark.any_database
@pytest.mark.parametrize("until", ["2020-01-01T00:00:00Z", "2030-01-01T00:00:00", "soon", 7])
def test_an_end_is_a_moment_to_come(world: World, admin: Caller, until: object) -> None:
    friend = world.user(admin.tenant)
    answer = admin.call("PUT", held(admin, friend, "SALES_REP"), {"until": until})
    assert answer.status_code in {400, 422}


def test_who_administers_for_a_while_is_not_the_administrator_that_has_to_stay(
    world: World, admin: Caller
) -> None:
    assert admin.stage is not None
    platform = world.user(admin.tenant, "customer_viewer")
    until = (world.clock.now() + timedelta(days=1)).isoformat()
    assert admin.call("PUT", held(admin, platform, "admin"), {"until": until}).status_code == 200
    second = in_tenant(world, admin, "admin")
    assert second.call("PUT", held(admin, admin.stage.person, "admin"), {"until": until}).json
    # Now the second one is the last who stays.
    assert second.stage is not None
    actor = world.operator
    services = world.services
    with pytest.raises(Refused, match="last administrator"):
        services.database.write(
            lambda tx: services.roles.set_roles(
                tx, admin.tenant.id, second.stage.person.id, roles=[], actor=actor
            )
        )


@pytest.mark.attack("ATK-112")
def test_a_role_of_the_same_name_gives_nothing_to_those_who_had_the_one_before(
    world: World, admin: Caller
) -> None:
    admin.call("POST", roles(admin), {**NIGHT, "permissions": ["roles:read"]})
    night = in_tenant(world, admin, "night-shift")
    admin.call("DELETE", f"{roles(admin)}/night-shift")
    admin.call("POST", roles(admin), {**NIGHT, "permissions": ["roles:read"]})
    assert night.call("GET", roles(admin)).status_code == 403


@pytest.mark.attack("ATK-112")
def test_a_role_of_another_tenant_is_no_role(world: World, admin: Caller) -> None:
    admin.call("POST", roles(admin), NIGHT)
    other = person(world, "admin", kind="customer")
    friend = world.user(other.tenant)
    assert other.call("PUT", held(other, friend, "night-shift"), {}).status_code == 404
    with pytest.raises(UnknownRole):
        world.services.database.write(
            lambda tx: world.services.roles.set_roles(
                tx,
                other.tenant.id,
                friend.id,
                roles=[f"{admin.tenant.slug}/night-shift"],
                actor=world.operator,
            )
        )
