"""Tenants, clients, roles, scopes, and names that come back."""

import pytest

from authserver.clients.policy import UnfitRegistration
from authserver.core.problems import Conflict, Problem
from authserver.roles.catalogue import BUILTIN
from tests.attacks.people import Scene
from tests.support.browser import Browser, answered
from tests.support.world import World

pytestmark = pytest.mark.every_database


@pytest.mark.attack("ATK-111")
@pytest.mark.attack("ATK-115")
def test_a_client_sees_and_ends_only_what_is_its_own(world: World) -> None:
    """The service of the same tenant that is not in the audience is a stranger too."""
    scene = Scene(world)
    tokens = scene.tokens()
    stranger = scene.party(world.client(scene.tenant, "service"))
    neighbour = scene.party(world.client(scene.tenant))
    partner = scene.party(world.client(scene.tenant, "partner"))
    for other in (stranger, neighbour, partner):
        for kind in ("access_token", "refresh_token", "id_token"):
            assert other.introspect(tokens[kind]).json == {"active": False}
            assert other.revoke(tokens[kind]).status_code == 200
    assert scene.party().introspect(tokens["access_token"]).json["active"]
    assert scene.party().introspect(tokens["refresh_token"]).json["active"]


@pytest.mark.attack("ATK-115")
def test_a_resource_server_may_read_a_token_and_not_end_it(world: World) -> None:
    audience = "https://orders.example"
    scene = Scene(world, audiences=[audience])
    code = scene.browser.code(scene.client, scene.person, resource=audience)
    token = scene.party().redeem(code).json["access_token"]
    service = scene.party(world.client(scene.tenant, "service", audiences=[audience]))
    assert service.introspect(token).json["active"]
    assert service.revoke(token).status_code == 200
    assert service.introspect(token).json["active"]
    assert service.userinfo(token).status_code == 200


@pytest.mark.attack("ATK-112")
def test_names_come_back_without_anything_of_the_old_bearer(world: World) -> None:
    """Ids are made and never chosen; a slug or an address that is taken cannot be taken again."""
    scene = Scene(world)
    with pytest.raises(Conflict):
        world.tenant(slug=scene.tenant.slug)
    with pytest.raises(Conflict):
        world.user(scene.tenant, email=scene.person.email.upper().replace("EXAMPLE", "example"))
    elsewhere = world.tenant()
    twin = world.user(elsewhere, email=scene.person.email)
    assert twin.id != scene.person.id
    home = Browser(world)
    home.code(world.client(elsewhere), twin)
    scene.code()
    assert len({world.client(scene.tenant).id for _ in range(5)}) == 5
    assert "/login/password" in home.authorize(scene.client).headers["Location"]


@pytest.mark.attack("ATK-114")
@pytest.mark.parametrize("kind", ["web", "spa", "native"])
def test_people_sign_in_only_to_the_clients_of_their_tenant(world: World, kind: str) -> None:
    ours, theirs = Scene(world, kind), Scene(world)
    page = theirs.browser.follow(theirs.browser.authorize(ours.client))
    assert theirs.browser.sign_in(page, theirs.person).status_code >= 400
    page = ours.browser.follow(ours.browser.authorize(ours.client, organization=theirs.tenant.slug))
    assert ours.browser.sign_in(page, theirs.person).status_code >= 400
    theirs.code()
    assert "/login/password" in theirs.browser.authorize(ours.client).headers["Location"]


@pytest.mark.attack("ATK-114")
def test_only_an_internal_tenants_client_serves_others(world: World) -> None:
    other = world.tenant()
    with pytest.raises(UnfitRegistration):
        world.client(world.tenant("customer"), serves=["*"])
    with pytest.raises(UnfitRegistration):
        world.client(world.tenant("partner"), serves=["*"])
    everybody = world.client(world.tenant("internal"), serves=["*"])
    assert "code" in answered(Browser(world).complete(everybody, world.user(other)))


@pytest.mark.attack("ATK-017")
@pytest.mark.parametrize("kind", ["web", "spa", "native", "service", "partner"])
def test_a_client_uses_only_the_grants_of_its_kind(world: World, kind: str) -> None:
    scene = Scene(world)
    client = world.client(scene.tenant, kind)
    people = kind in {"web", "spa", "native"}
    party = scene.party(client)
    machine = party.machine()
    if people:
        assert machine.json["error"] in {"unauthorized_client", "invalid_client"}
    else:
        assert machine.status_code == 200
        assert party.redeem("ac_x").json["error"] == "unauthorized_client"
        assert party.refresh("rt_x").json["error"] == "unauthorized_client"
        assert Browser(world).authorize(client).status_code == 400
    for grant in ("password", "implicit", "CLIENT_CREDENTIALS", "client_credentials "):
        refused = party.token(grant_type=grant, username="x", password="x")
        assert refused.json["error"] == "unsupported_grant_type"
    for name in ("device_code", "token-exchange", "jwt-bearer"):
        refused = party.token(grant_type=f"urn:ietf:params:oauth:grant-type:{name}")
        assert refused.json["error"] == "unauthorized_client"


@pytest.mark.attack("ATK-117")
@pytest.mark.attack("ATK-118")
def test_no_request_chooses_roles_tenant_or_any_other_claim(world: World) -> None:
    scene = Scene(world)
    forged = {
        "roles": "PLATFORM_ADMIN",
        "tenant_id": "ten_other",
        "tenant_type": "internal",
        "sub": "usr_other",
        "acr": "urn:x",
        "claims": '{"id_token":{"roles":{"value":"admin"}}}',
        "level": "2",
    }
    code = scene.browser.code(scene.client, scene.person, **forged)
    tokens = scene.party().redeem(code, **forged).json
    renewed = scene.party().refresh(tokens["refresh_token"], **forged).json
    for token in (tokens, renewed):
        said = scene.party().introspect(token["access_token"]).json
        assert (said["roles"], said["tenant_id"], said["sub"]) == (
            [],
            scene.tenant.id,
            scene.person.id,
        )
    service = world.client(scene.tenant, "service")
    token = scene.party(service).machine(**forged).json["access_token"]
    said = scene.party(service).introspect(token).json
    assert said["sub"] == said["client_id"] == service.id
    assert not {"roles", "sid", "acr", "auth_time"} & set(said)


@pytest.mark.attack("ATK-117")
@pytest.mark.parametrize(
    "name", ["ADMIN", "Admin", "\u0430dmin", "platform_admin", "PLATFORM ADMIN", "admin\u200b"]
)
def test_no_spelling_makes_another_role_of_a_name(world: World, name: str) -> None:
    scene = Scene(world)
    world.user(scene.tenant, "admin")
    try:
        person = world.user(scene.tenant, name)
    except Problem:
        return
    code = scene.browser.code(scene.client, person)
    token = scene.party().redeem(code).json["access_token"]
    held = scene.party().userinfo(token).json["roles"]
    assert set(held) <= set(BUILTIN)
    assert "PLATFORM_ADMIN" not in held


@pytest.mark.attack("ATK-118")
@pytest.mark.parametrize("kind", ["customer", "partner"])
def test_no_tenant_but_an_internal_one_has_a_platform_administrator(
    world: World, kind: str
) -> None:
    with pytest.raises(Problem):
        world.user(world.tenant(kind), "PLATFORM_ADMIN")


@pytest.mark.attack("ATK-120")
@pytest.mark.parametrize(
    "scope",
    [
        "orders:delete",
        "orders:read orders:delete",
        "openid",
        "openid profile",
        "offline_access",
        "ORDERS:READ",
        "orders:read\u00a0",
        "orders",
        "*",
        "orders:*",
        "orders:read  orders:write",
        " orders:read",
    ],
)
def test_a_machine_gets_no_scope_outside_its_list(world: World, scope: str) -> None:
    for kind in ("service", "partner"):
        scene = Scene(world, kind)
        assert scene.party().machine(scope=scope).json["error"] == "invalid_scope"
        assert scene.party().machine(scope="orders:read").json["scope"] == "orders:read"


@pytest.mark.attack("ATK-120")
def test_people_scopes_are_not_for_machines_to_register(world: World) -> None:
    for scope in ("openid", "profile", "email", "offline_access", "phone", "address"):
        with pytest.raises(UnfitRegistration):
            world.client(world.tenant(), "service", scopes=[scope])


@pytest.mark.attack("ATK-120")
def test_a_person_is_not_asked_for_a_scope_outside_the_clients_list(world: World) -> None:
    scene = Scene(world, scopes=["openid", "orders:read"])
    for scope in ("openid email", "openid orders:write", "openid offline_access"):
        refused = answered(scene.browser.authorize(scene.client, scope=scope))
        assert refused["error"] == "invalid_scope"
