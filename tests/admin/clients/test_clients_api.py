"""/tenants/{tenant_id}/clients: registered, found, changed and ended, and nobody gets above."""

from dataclasses import fields

import pytest

from authserver.admin.api.clients.given import NewClient, OptionsGiven
from authserver.clients.options import Options
from authserver.clients.policy import KINDS
from authserver.clients.registration import Registration
from authserver.tenants.policy import TenantPolicy, Tier
from tests.admin.callers import Caller, person, program
from tests.support.browser import Party
from tests.support.trail import events
from tests.support.world import ClientFixture, World

WEB = {"name": "Portal", "kind": "web", "redirect_uris": ["https://rp.example/callback"]}


@pytest.fixture(name="admin")
def _admin(world: World) -> Caller:
    return person(world, "admin", kind="customer")


def clients_of(caller: Caller) -> str:
    return f"/tenants/{caller.tenant.id}/clients"


def create(caller: Caller, **asked: object) -> str:
    answer = caller.call("POST", clients_of(caller), {**WEB, **asked})
    assert answer.status_code == 201, answer.text
    return f"{clients_of(caller)}/{answer.json['id']}"


def test_a_client_is_registered_read_changed_switched_and_ended(
    world: World, admin: Caller
) -> None:
    created = admin.call("POST", clients_of(admin), WEB)
    assert (created.status_code, created.json["client_secret"][:3]) == (201, "cs_")
    one = created.headers["Location"].removeprefix("/api/v1")
    shown = admin.call("GET", one)
    assert "client_secret" not in shown.json
    assert shown.json["scopes"] == ["openid", "profile", "email"]
    patch = {"name": "Shop", "rate": "60/minute", "options": {"require_auth_time": True}}
    changed = admin.call("PATCH", one, patch, If_Match=shown.headers["ETag"])
    assert (changed.json["name"], changed.json["rate"]) == ("Shop", "60/minute")
    assert changed.json["options"]["require_auth_time"] is True
    back = admin.call("PATCH", one, {"tos_uri": None, "options": {"require_auth_time": None}})
    assert (back.json["tos_uri"], back.json["options"]["require_auth_time"]) == (None, False)
    assert admin.call("POST", f"{one}/disable").json["disabled_at"] is not None
    assert admin.call("POST", f"{one}/enable").json["disabled_at"] is None
    assert admin.call("DELETE", one).status_code == 204
    assert admin.call("GET", one).status_code == 404
    kinds = [event.type for event in events(world, admin.tenant.id)]
    assert kinds[-6:] == [
        "client.created", "client.changed", "client.changed", "client.disabled", "client.enabled",
        "client.deleted",
    ]  # fmt: skip


@pytest.mark.any_database
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_registered_with_its_defaults(admin: Caller, kind: str) -> None:
    uris = {"web": "https://a.example/cb", "spa": "https://a.example/", "native": "com.example.a:/"}
    asked = {"name": kind, "kind": kind}
    if kind in uris:
        asked["redirect_uris"] = [uris[kind]]
    shown = admin.call("POST", clients_of(admin), asked).json
    rule = KINDS[kind]
    assert shown["auth_method"] == rule.default_auth_method
    assert shown["grant_types"] == list(rule.grant_types)
    assert tuple(shown["scopes"]) == rule.usual_scopes
    assert (shown["client_secret"] is not None) == rule.default_auth_method.has_secret


def test_everything_that_a_registration_has_can_be_said_by_api() -> None:
    assert set(OptionsGiven.model_fields) == {one.name for one in fields(Options)}
    by_whom = {"tenant_id", "self_registered", "vouched_for", "quota_day", "quota_month"}
    assert set(NewClient.model_fields) == {one.name for one in fields(Registration)} - by_whom


def test_a_change_of_what_somebody_changed_meanwhile_is_refused(admin: Caller) -> None:
    one = create(admin)
    etag = admin.call("GET", one).headers["ETag"]
    first = admin.call("PATCH", one, {"name": "A"}, If_Match=etag)
    assert first.status_code == 200
    for method, path, body in (
        ("PATCH", one, {"name": "B"}),
        ("POST", f"{one}/disable", None),
        ("DELETE", one, None),
    ):
        assert admin.call(method, path, body, If_Match=etag).status_code == 412
    assert admin.call("GET", one).json["name"] == "A"


def test_clients_are_found_by_how_their_names_begin(world: World, admin: Caller) -> None:
    for name in ("Ärzte", "ärmel", "Zoo", "billing", "Billing 2"):
        create(admin, name=name)

    def names(query: str) -> list[str]:
        found = admin.call("GET", f"{clients_of(admin)}?{query}").json["items"]
        return [one["name"] for one in found]

    assert names("q=%C3%84R") == ["ärmel", "Ärzte"]
    assert names("q=billing&kind=web") == ["billing", "Billing 2"]
    assert names("q=%25") == names("q=_") == names("kind=spa&q=b") == []
    other = world.client(world.tenant(), name="Billing 3")
    assert names(f"q={other.id}") == []
    assert "Billing 3" not in names("q=Bill")


def test_pages_follow_the_names_without_gaps(admin: Caller) -> None:
    made = sorted(f"page {number}" for number in range(5))
    for name in reversed(made):
        create(admin, name=name)
    seen, cursor = [], ""
    while cursor is not None:
        more = f"&cursor={cursor}" if cursor else ""
        page = admin.call("GET", f"{clients_of(admin)}?limit=2&q=page{more}").json
        seen += [one["name"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert seen == made


@pytest.mark.attack("ATK-119")
def test_nobody_gives_a_client_a_permission_that_they_do_not_hold(world: World) -> None:
    caller = program(world, "clients:read", "clients:write", kind="customer")
    service = {"name": "Robot", "kind": "service", "scopes": ["users:write"]}
    assert caller.call("POST", clients_of(caller), service).status_code == 403
    weak = caller.call("POST", clients_of(caller), {**service, "scopes": ["clients:read"]})
    own = f"{clients_of(caller)}/{weak.json['id']}"
    assert caller.call("PATCH", own, {"scopes": ["users:write"]}).status_code == 403
    tokens = f"/tenants/{caller.tenant.id}/initial-access-tokens"
    asked = {"name": "x", "scopes": ["users:write"]}
    assert caller.call("POST", tokens, asked).status_code == 403


@pytest.mark.attack("ATK-119")
def test_nobody_gets_at_a_client_that_may_more_than_they(world: World) -> None:
    caller = program(world, "clients:read", "clients:write", kind="customer")
    strong = world.client(caller.tenant, "service", scopes=["users:write"])
    one = f"{clients_of(caller)}/{strong.id}"
    key = {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}
    for method, path, body in (
        ("POST", f"{one}/secrets", {}),
        ("PATCH", one, {"auth_method": "private_key_jwt", "jwks": {"keys": [key]}}),
        ("PATCH", one, {"ip_allowlist": None}),
        ("POST", f"{one}/enable", None),
        ("POST", f"{one}/registration-token", None),
    ):
        assert caller.call(method, path, body).status_code == 403, path
    assert Party(world, strong).machine().status_code == 200  # nothing of it happened
    assert caller.call("POST", f"{one}/disable").status_code == 200  # less is always possible


@pytest.mark.attack("ATK-111")
def test_only_the_platform_lets_a_client_reach_the_people_of_other_tenants(
    world: World, admin: Caller
) -> None:
    other = world.tenant()
    refused = admin.call("POST", clients_of(admin), {**WEB, "serves": [other.slug]})
    assert refused.status_code == 403
    shared = world.client(admin.tenant, serves=[other.slug])
    one = f"{clients_of(admin)}/{shared.id}"
    assert admin.call("PATCH", one, {"first_party": True}).status_code == 403
    assert admin.call("PATCH", one, {"rate": "5/minute"}).status_code == 200


def test_another_tenants_client_is_not_there(world: World, admin: Caller) -> None:
    other = world.client(world.tenant())
    foreign = f"{clients_of(admin)}/{other.id}"
    absent = f"{clients_of(admin)}/cli_01jd0000000000000000000000"
    for method, tail, body in (
        ("GET", "", None),
        ("PATCH", "", {"name": "x"}),
        ("DELETE", "", None),
        ("GET", "/secrets", None),
        ("POST", "/secrets", {}),
        ("GET", "/address", None),
        ("GET", "/snippets", None),
        ("POST", "/test", {}),
    ):
        answers = [admin.call(method, f"{path}{tail}", body) for path in (foreign, absent)]
        assert [answer.status_code for answer in answers] == [404, 404], (method, tail)
        assert answers[0].json["detail"] == answers[1].json["detail"]


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("patch", "status"),
    [
        ({"name": None}, 422),
        ({"name": "A\u202eB"}, 400),
        ({"name": "x" * 121}, 422),
        ({"self_registered": False}, 422),
        ({"serves": ["*"]}, 422),
        ({"redirect_uris": ["https://rp.example/*"]}, 400),
        ({"redirect_uris": ["javascript:alert(1)"]}, 400),
        ({"ip_allowlist": ["10.0.0.1/8"]}, 400),
        ({"options": {"access_token_seconds": 1}}, 400),
        ({"options": {"unknown": 1}}, 422),
        ({"kind": "spa"}, 422),
    ],
)
def test_what_cannot_be_is_refused_in_plain_words(
    admin: Caller, patch: dict[str, object], status: int
) -> None:
    answer = admin.call("PATCH", create(admin), patch)
    assert answer.status_code == status, answer.text
    assert answer.json["detail"]


def test_a_clients_own_token_life_holds_and_is_never_longer_than_that_of_its_kind(
    world: World, admin: Caller
) -> None:
    one = create(admin, kind="service", redirect_uris=[], scopes=["a"])
    made = admin.call("POST", f"{one}/secrets", {}).json
    client = ClientFixture(one.rpartition("/")[2], made["client_secret"], admin.tenant)
    usual = Party(world, client).machine().json["expires_in"]
    for seconds, expected in ((90, 90), (86_400, usual), (None, usual)):
        admin.call("PATCH", one, {"options": {"access_token_seconds": seconds}})
        assert Party(world, client).machine().json["expires_in"] == expected


def test_what_is_taken_from_a_machine_ends_its_tokens(world: World, admin: Caller) -> None:
    client = world.client(admin.tenant, "service", scopes=["a", "b"])
    token = Party(world, client).machine().json["access_token"]
    one = f"{clients_of(admin)}/{client.id}"
    admin.call("PATCH", one, {"scopes": ["a", "b", "c"]})
    assert Party(world, client).introspect(token).json["active"] is True
    admin.call("PATCH", one, {"scopes": ["a"]})
    assert Party(world, client).introspect(token).json["active"] is False


def test_no_new_partner_is_without_a_rate_and_only_the_platform_gives_a_higher_one(
    world: World, admin: Caller
) -> None:
    many = clients_of(admin)
    new = {"name": "Feed", "kind": "partner", "scopes": ["orders:read"]}
    usual = admin.call("POST", many, new)
    assert (usual.status_code, usual.json["rate"]) == (201, "600/minute")
    assert admin.call("POST", many, {**new, "rate": "5/minute"}).json["rate"] == "5/minute"
    assert admin.call("POST", many, {**new, "rate": "601/minute"}).status_code == 403
    world.services.database.write(
        lambda tx: world.services.tenants.set_policy(
            tx, admin.tenant.slug, TenantPolicy(tier=Tier.FREE), actor=world.operator
        )
    )
    assert admin.call("POST", many, new).json["rate"] == "300/minute"
    machine = admin.call("POST", many, {**new, "kind": "service"})
    assert machine.json["rate"] is None
