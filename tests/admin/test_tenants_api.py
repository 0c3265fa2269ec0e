"""/api/v1/tenants: what the platform does with tenants, by API."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from authserver.roles.catalogue import BUILTIN, Permission
from tests.admin.callers import Caller, person, program
from tests.support.trail import events
from tests.support.world import World


@pytest.fixture(name="platform")
def _platform(world: World) -> Caller:
    return person(world, "PLATFORM_ADMIN")


def slug(world: World) -> str:
    return world.tenant().slug + "-x"


def test_a_tenant_is_created_read_changed_suspended_and_resumed(
    world: World, platform: Caller
) -> None:
    created = platform.call(
        "POST", "/tenants", {"slug": slug(world), "name": "Acme", "type": "customer"}
    )
    assert created.status_code == 201
    one = created.headers["Location"].removeprefix("/api/v1")
    assert platform.call("GET", one).json == created.json
    changed = platform.call("PATCH", one, {"mfa_required": True, "locale": "de"})
    assert (changed.json["mfa_required"], changed.json["locale"]) == (True, "de")
    assert platform.call("PATCH", one, {"locale": None}).json["locale"] is None
    assert platform.call("POST", f"{one}/suspend").json["suspended_at"] is not None
    assert platform.call("POST", f"{one}/resume").json["suspended_at"] is None


def test_a_change_of_what_somebody_else_changed_meanwhile_is_refused(
    world: World, platform: Caller
) -> None:
    one = f"/tenants/{world.tenant().id}"
    etag = platform.call("GET", one).headers["ETag"]
    first = platform.call("PATCH", one, {"mfa_required": True}, If_Match=etag)
    second = platform.call("PATCH", one, {"tier": "free"}, If_Match=etag)
    assert (first.status_code, second.status_code) == (200, 412)
    assert platform.call("GET", one).json["tier"] == "standard"


def test_a_create_that_comes_twice_under_one_key_happens_once(
    world: World, platform: Caller
) -> None:
    body = {"slug": slug(world), "name": "Acme", "type": "customer"}
    first = platform.call("POST", "/tenants", body, Idempotency_Key="k1")
    again = platform.call("POST", "/tenants", body, Idempotency_Key="k1")
    other = platform.call("POST", "/tenants", {**body, "name": "B"}, Idempotency_Key="k1")
    assert (first.status_code, again.status_code, again.json) == (201, 201, first.json)
    assert (other.status_code, other.json["type"]) == (
        422,
        "urn:authserver:problem:idempotency_key_reused",
    )


def test_a_create_that_comes_at_once_under_one_key_happens_once(
    world: World, platform: Caller
) -> None:
    body = {"slug": slug(world), "name": "Acme", "type": "customer"}

    def create(_: int) -> object:
        answer = platform.call("POST", "/tenants", body, Idempotency_Key="k2")
        return answer.status_code, answer.json["id"]

    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(create, range(16)))
    assert len(answers) == 1


def test_a_refused_create_leaves_its_key_unused(world: World, platform: Caller) -> None:
    taken = world.tenant().slug
    body = {"slug": taken, "name": "Acme", "type": "customer"}
    assert platform.call("POST", "/tenants", body, Idempotency_Key="k").status_code == 409
    better = {**body, "slug": slug(world)}
    assert platform.call("POST", "/tenants", better, Idempotency_Key="k").status_code == 201


def test_pages_follow_each_other_to_the_end_without_gaps(world: World, platform: Caller) -> None:
    made = [world.tenant("partner").id for _ in range(5)]
    seen, cursor = [], ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = platform.call("GET", f"/tenants?limit=2&type=partner{more}").json
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert [one for one in seen if one in made] == made
    assert len(seen) == len(set(seen))


@pytest.mark.attack("ATK-136")
def test_a_cursor_is_good_for_its_list_its_filter_and_its_caller(
    world: World, platform: Caller
) -> None:
    for _ in range(3):
        world.tenant("partner")
    cursor = platform.call("GET", "/tenants?limit=1&type=partner").json["next_cursor"]
    other = "A" if cursor[0] != "A" else "B"
    wrong = [
        platform.call("GET", f"/tenants?limit=1&cursor={cursor}"),
        platform.call("GET", f"/tenants?limit=1&type=partner&cursor={other}{cursor[1:]}"),
        person(world, "PLATFORM_ADMIN").call("GET", f"/tenants?type=partner&cursor={cursor}"),
    ]
    assert [answer.status_code for answer in wrong] == [400, 400, 400]
    assert wrong[0].json["type"] == "urn:authserver:problem:bad_cursor"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/tenants?limit=101", None, 422),
        ("GET", "/tenants?limit=1&limit=2", None, 400),
        ("GET", "/tenants?sort=name", None, 422),
        ("GET", "/tenants?cursor=%00", None, 400),
        ("POST", "/tenants", {"slug": "a"}, 422),
        ("POST", "/tenants", {"slug": "ab", "name": "x", "type": "customer", "id": "ten_1"}, 422),
        ("POST", "/tenants", {"slug": "ab", "name": 7, "type": "customer"}, 422),
        ("POST", "/tenants", [], 400),
        ("PUT", "/tenants", {}, 405),
        ("GET", "/tenants/usr_01jd0000000000000000000000", None, 404),
        ("GET", "/nothing", None, 404),
    ],
)
def test_what_is_not_as_declared_is_refused_in_plain_words(
    platform: Caller, method: str, path: str, body: object, status: int
) -> None:
    answer = platform.call(method, path, body)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json["correlation_id"]


def test_a_refused_field_is_named_and_what_was_sent_is_not_repeated(platform: Caller) -> None:
    answer = platform.call("POST", "/tenants", {"slug": "ab", "name": 7, "secret": "canary-1"})
    fields = {one["field"] for one in answer.json["errors"]}
    assert fields == {"name", "type", "secret"}
    assert "canary-1" not in answer.text


def test_somebody_of_a_customer_reads_the_own_tenant_alone(world: World) -> None:
    admin = person(world, "admin", kind="customer")
    other = world.tenant()
    own = admin.call("GET", f"/tenants/{admin.tenant.id}")
    absent = admin.call("GET", "/tenants/ten_01jd0000000000000000000000")
    foreign = admin.call("GET", f"/tenants/{other.id}")
    assert own.json["slug"] == admin.tenant.slug
    assert (absent.status_code, foreign.status_code) == (404, 404)
    assert absent.json["detail"] == foreign.json["detail"]
    assert admin.call("GET", "/tenants").status_code == 403


def test_every_builtin_role_may_what_its_permissions_say(world: World) -> None:
    for role, definition in BUILTIN.items():
        caller = person(world, role)
        expected = 200 if Permission.TENANTS_READ in definition.permissions else 403
        assert caller.call("GET", "/tenants").status_code == expected, role


def test_a_token_gives_no_permission_that_its_scopes_do_not_name(world: World) -> None:
    caller = person(world, "PLATFORM_ADMIN", scopes=["users:read"])
    answer = caller.call("GET", "/tenants")
    assert answer.status_code == 403
    assert "tenants:read" in answer.json["detail"]


def test_a_program_has_the_permissions_of_its_scopes(world: World) -> None:
    assert program(world, "tenants:read").call("GET", "/tenants").status_code == 200
    assert program(world, "users:read").call("GET", "/tenants").status_code == 403
    assert (
        program(world, "tenants:read", kind="customer").call("GET", "/tenants").status_code == 403
    )


def test_nobody_comes_in_without_a_token_for_this_api(world: World, platform: Caller) -> None:
    assert platform.stage is not None
    elsewhere = platform.stage.tokens(scope="openid tenants:read")["access_token"]
    none = Caller(world, platform.tenant, "").call("GET", "/tenants")
    other = Caller(world, platform.tenant, elsewhere).call("GET", "/tenants")
    assert (none.status_code, other.status_code) == (401, 401)
    assert "error" not in none.headers["WWW-Authenticate"]
    assert 'error="invalid_token"' in other.headers["WWW-Authenticate"]


def test_a_role_that_was_taken_away_opens_nothing_with_the_next_call(
    world: World, platform: Caller
) -> None:
    assert platform.stage is not None
    on = platform.stage
    world.user(on.tenant, "PLATFORM_ADMIN")  # the last one would stay
    assert platform.call("GET", "/tenants").status_code == 200
    world.services.database.write(
        lambda tx: world.services.roles.set_roles(
            tx, on.tenant.id, on.person.id, roles=["customer_viewer"], actor=world.operator
        )
    )
    assert platform.call("GET", "/tenants").status_code == 403


def test_work_in_another_tenant_is_opened_with_a_reason_and_is_in_its_trail(
    world: World, platform: Caller
) -> None:
    other = world.tenant()
    asked = {"reason": "A customer cannot sign in, ticket 4711", "minutes": 15}
    opened = platform.call("POST", f"/tenants/{other.id}/access", asked)
    assert opened.status_code == 201
    assert platform.call("DELETE", f"/tenants/{other.id}/access").status_code == 204
    kinds = [event.type for event in events(world, other.id)]
    assert kinds[-2:] == ["tenant_access.opened", "tenant_access.closed"]
    too_long = {**asked, "minutes": 61}
    assert platform.call("POST", f"/tenants/{other.id}/access", too_long).status_code == 422
