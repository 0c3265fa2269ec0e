"""/api/v1/tenants/{tenant_id}/users: what administrators do with people, by API."""

import pytest

from authserver.roles.catalogue import BUILTIN, Permission
from authserver.wiring.administration import make_administration
from tests.admin.callers import Caller, person, program
from tests.admin.people import names, of, somebody, users
from tests.support.trail import events
from tests.support.world import World


@pytest.fixture(name="admin", scope="module")
def _admin(installation: World) -> Caller:
    installation.clock.reset()
    return person(installation, "admin", kind="customer")


def test_a_person_is_created_without_a_password_and_mailed_a_link(admin: Caller) -> None:
    body = {"email": "grace@new.example", "name": "Grace Hopper", "roles": ["customer_viewer"]}
    made = admin.call("POST", users(admin), body)
    assert made.status_code == 201, made.text
    assert (made.json["roles"], made.json["has_password"]) == (["customer_viewer"], False)
    assert admin.call("GET", made.headers["Location"].removeprefix("/api/v1")).json == made.json
    kinds = [event.type for event in events(admin.world, admin.tenant.id)]
    assert kinds[-3:] == ["user.created", "user.roles_changed", "verification.sent"]
    again = admin.call("POST", users(admin), {**body, "email": "GRACE@new.example"})
    assert (again.status_code, again.json["type"]) == (409, "urn:authserver:problem:conflict")


@pytest.mark.attack("ATK-118")
@pytest.mark.parametrize("role", ["PLATFORM_ADMIN", "NOC_OPERATOR"])
def test_nobody_creates_a_person_with_more_than_the_own_rights(admin: Caller, role: str) -> None:
    body = {"email": f"{role.lower()}@new.example", "name": "Mallory", "roles": [role]}
    assert admin.call("POST", users(admin), body).status_code == 403
    body["roles"] = ["аdmin"]  # a Cyrillic letter
    assert admin.call("POST", users(admin), body).status_code == 400
    assert admin.call("GET", users(admin, f"?q={body['email']}")).json["items"] == []


@pytest.mark.attack("ATK-118")
def test_a_program_gives_no_role_above_its_scopes(world: World) -> None:
    machine = program(world, "users:write", "users:read", "roles:assign", kind="customer")
    body = {"email": "a@new.example", "name": "A"}
    assert machine.call("POST", users(machine), body).status_code == 201
    made = {**body, "email": "b@new.example", "roles": ["admin"]}
    assert machine.call("POST", users(machine), made).status_code == 403


@pytest.mark.attack("ATK-118")
@pytest.mark.parametrize("field", ["id", "tenant_id", "password_hash", "security_epoch", "version"])
def test_no_field_is_taken_that_is_not_declared(admin: Caller, field: str) -> None:
    body = {"email": "mass@new.example", "name": "M", field: "1"}
    assert admin.call("POST", users(admin), body).status_code == 422
    user = somebody(admin)
    assert admin.call("PATCH", of(admin, user), {field: "1"}).status_code == 422
    assert admin.call("GET", users(admin, f"?{field}=1")).status_code == 422
    assert admin.call("GET", users(admin, f"?sort={field}")).status_code == 422


def test_an_address_counts_as_proved_only_in_a_domain_of_the_tenants_own(admin: Caller) -> None:
    body = {"email": "v@gmail.com", "name": "V", "verified": True}
    refused = admin.call("POST", users(admin), body)
    assert refused.status_code == 403
    assert names(admin, "q=v@gmail") == []


def test_people_are_found_by_how_name_last_name_and_address_begin(world: World) -> None:
    admin = person(world, "admin", kind="customer")
    for name, email in (
        ("Łucja Öztürk", "lucy@find.example"),
        ("Émile Zola", "zola@find.example"),
        ("100% Sure", "x%y@find.example"),
    ):
        somebody(admin, name=name, email=email)
    world.user(world.tenant(), name="Émile Zola")
    found = {text: names(admin, f"q={text}") for text in ("emile", "ZOL", "ozt", "lucy%40f", "é")}
    assert found["emile"] == found["ZOL"] == ["Émile Zola"]
    assert found["ozt"] == found["lucy%40f"] == ["Łucja Öztürk"]
    assert found["é"] == ["Émile Zola"]
    assert names(admin, "q=%25") == []
    assert names(admin, "q=100%25") == ["100% Sure"]
    assert names(admin, "q=x%25y") == ["100% Sure"]


def test_lists_are_filtered_and_sorted_and_pages_follow_each_other(world: World) -> None:
    admin = person(world, "admin", kind="customer")
    made = [somebody(admin, "customer_viewer", name=f"P {n}") for n in "dbca"]
    world.disable(made[0])
    assert names(admin, "role=customer_viewer&sort=name") == ["P a", "P b", "P c", "P d"]
    assert names(admin, "role=customer_viewer&sort=-name") == ["P d", "P c", "P b", "P a"]
    assert names(admin, "role=customer_viewer&sort=created")[-1] == "P d"
    assert names(admin, "role=customer_viewer&sort=-created")[0] == "P d"
    assert names(admin, "state=disabled") == ["P d"]
    assert "P d" not in names(admin, "state=enabled")
    assert names(admin, "guest=true") == []
    assert admin.call("GET", users(admin, "?role=nobody")).status_code == 400
    for sort in ("name", "-email", "-created"):
        seen, cursor = [], ""
        while cursor is not None:
            page = admin.call(
                "GET", users(admin, f"?limit=2&sort={sort}" + (cursor and f"&cursor={cursor}"))
            ).json
            seen += [one["id"] for one in page["items"]]
            cursor = page["next_cursor"]
        assert len(seen) == len(set(seen)) == 5, sort


def test_a_profile_is_changed_field_by_field_and_null_takes_away(admin: Caller) -> None:
    user = somebody(admin)
    etag = admin.call("GET", of(admin, user)).headers["ETag"]
    body = {
        "name": "Ada King",
        "locale": "de",
        "details": {"phone_number": "+49 30 123456", "given_name": "Ada"},
        "phone_number_verified": True,
    }
    changed = admin.call("PATCH", of(admin, user), body, If_Match=etag)
    assert changed.status_code == 200, changed.text
    assert changed.json["details"] == {"phone_number": "+4930123456", "given_name": "Ada"}
    assert changed.json["phone_number_verified"] is True
    assert names(admin, "q=king")[-1:] == ["Ada King"]
    late = admin.call("PATCH", of(admin, user), {"name": "Other"}, If_Match=etag)
    assert late.status_code == 412
    less = admin.call("PATCH", of(admin, user), {"locale": None, "details": {"given_name": None}})
    assert (less.json["locale"], less.json["details"]) == (None, {"phone_number": "+4930123456"})
    unfit = admin.call("PATCH", of(admin, user), {"details": {"phone_number": "12"}})
    assert (unfit.status_code, unfit.json["type"]) == (400, "urn:authserver:problem:unfit_profile")
    hidden = admin.call("PATCH", of(admin, user), {"name": "a\u202eb\u0000"})
    assert hidden.status_code == 400


def test_roles_are_set_at_most_ones_own_and_move_the_version(admin: Caller) -> None:
    user, path = somebody(admin), "/roles"
    etag = admin.call("GET", of(admin, user)).headers["ETag"]
    given = admin.call("PUT", of(admin, user, path), {"roles": ["SUPPORT_AGENT"]}, If_Match=etag)
    assert given.status_code == 200, given.text
    assert given.json["roles"] == ["SUPPORT_AGENT"]
    stale = admin.call("PUT", of(admin, user, path), {"roles": []}, If_Match=etag)
    assert stale.status_code == 412
    above = admin.call("PUT", of(admin, user, path), {"roles": ["NOC_MANAGER"]})
    assert above.status_code == 403
    assert admin.stage is not None
    own = of(admin, admin.stage.person, path)
    assert admin.call("PUT", own, {"roles": ["admin", "customer_viewer"]}).status_code == 403


def test_the_last_administrator_stays(world: World) -> None:
    machine = program(world, *(p.value for p in Permission), kind="customer")
    admin = somebody(machine, "admin")
    assert machine.call("POST", of(machine, admin, "/disable")).status_code == 403
    assert machine.call("PUT", of(machine, admin, "/roles"), {"roles": []}).status_code == 403


def test_guests_come_from_tenants_that_the_caller_may_work_in(world: World) -> None:
    platform = person(world, "PLATFORM_ADMIN")
    home, other = somebody(platform), world.tenant()
    reason = {"reason": "A customer asked for help, 4711"}
    body = {"home_tenant_id": platform.tenant.id, "home_user_id": home.id}
    path = f"/tenants/{other.id}/guests"
    assert platform.call("POST", path, body).status_code == 404
    assert platform.call("POST", f"/tenants/{other.id}/access", reason).status_code == 201
    made = platform.call("POST", path, body)
    assert (made.status_code, made.json["guest"]) == (201, True)
    stranger = world.user(world.tenant())
    theirs = {"home_tenant_id": stranger.tenant.id, "home_user_id": stranger.id}
    assert platform.call("POST", path, theirs).status_code == 404


@pytest.mark.attack("ATK-111")
def test_another_tenants_person_reads_like_none_at_every_operation(world: World) -> None:
    admin = person(world, "admin", kind="customer")
    stranger = world.user(world.tenant())
    operations = make_administration(world.services).operations
    wanted = [one for one in operations if "{user_id}" in one.path and one.tag == "users"]
    assert wanted
    for operation in wanted:
        body = {"PUT": {"roles": []}, "PATCH": {"name": "X"}}.get(operation.method)
        body = {"reason": "x"} if operation.path.endswith("reset-factors") else body
        answers = []
        for user_id in (stranger.id, "usr_01jd0000000000000000000000"):
            path = operation.path.format(
                tenant_id=admin.tenant.id,
                user_id=user_id,
                session_id="ses_01jd0000000000000000000000",
                identity_id="fid_01jd0000000000000000000000",
            )
            answer = admin.call(operation.method, path, body)
            answers.append((answer.status_code, answer.json["detail"]))
        assert answers[0] == answers[1], operation.path
        assert answers[0][0] == 404, operation.path


def test_roles_open_what_their_permissions_say(world: World) -> None:
    for role, definition in BUILTIN.items():
        caller = person(world, role)
        expected = 200 if Permission.USERS_READ in definition.permissions else 403
        assert caller.call("GET", users(caller)).status_code == expected, role
