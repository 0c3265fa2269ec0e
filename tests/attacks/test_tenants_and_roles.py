"""Tenants, roles, scopes, recycled names, and secrets that must not come back out."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.clients.policy import UnfitRegistration
from authserver.core.crypto import pack
from authserver.core.ids import fingerprint
from authserver.core.problems import Conflict, Problem
from authserver.roles.catalogue import BUILTIN
from tests.attacks.people import Scene
from tests.isolation.rows import everything
from tests.support.browser import ISSUER, Browser, answered
from tests.support.world import ClientFixture, World


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
    for grant in (
        "password",
        "implicit",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "CLIENT_CREDENTIALS",
        "client_credentials ",
    ):
        refused = party.token(grant_type=grant, username="x", password="x")
        assert refused.json["error"] == "unsupported_grant_type"


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


def texts(value: object) -> Iterator[str]:
    """Give every text in a row, bytes as hexadecimal and raw."""
    if isinstance(value, bytes | memoryview):
        yield bytes(value).decode("latin-1")
        yield bytes(value).hex()
    else:
        yield str(value)


@pytest.mark.attack("ATK-121")
def test_no_secret_is_stored_readably(world: World) -> None:
    scene = Scene(world)
    code = scene.code()
    tokens = scene.party().redeem(code).json
    renewed = scene.party().refresh(tokens["refresh_token"]).json
    cookies = [
        scene.browser.http.get_cookie(f"__Host-as-{name}", domain="auth.example").value
        for name in ("session", "device")
    ]
    secrets = [
        code,
        tokens["refresh_token"],
        renewed["refresh_token"],
        renewed["access_token"],
        str(scene.client.secret),
        scene.person.password,
        *cookies,
    ]
    with world.services.database.read() as view:
        rows = everything(view.connection, scene.tenant.id)
        keys = view.connection.exec_driver_sql("SELECT * FROM signing_keys").all()
    stored = "\n".join(
        text
        for row in (*(row for table in rows.values() for row in table), *keys)
        for value in row
        for text in texts(value)
    )
    for secret in secrets:
        assert secret not in stored
        assert secret.partition("_")[2] not in stored or "_" not in secret
        assert secret.encode().hex() not in stored
    assert fingerprint(code, "authorization_code").hex() in stored
    assert '"d"' not in stored


@pytest.mark.attack("ATK-121")
def test_no_refusal_of_the_database_reaches_the_outside(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(world)
    canary = "canary: password_hash of table users"

    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError(canary)

    monkeypatch.setattr(world.services.database, "write", broken)
    answers = [
        scene.party(world.services and scene.client).redeem("ac_x"),
        scene.party(ClientFixture(scene.client.id, "cs_wrong", scene.tenant)).machine(),
        scene.browser.authorize(scene.client),
    ]
    monkeypatch.undo()
    assert [answer.status_code for answer in answers[1:]] == [500, 500]
    for answer in answers:
        assert "canary" not in answer.text
        assert "Traceback" not in answer.text


@pytest.mark.attack("ATK-124")
@given(
    st.lists(st.text(alphabet="ab:/|\0", max_size=4), max_size=4),
    st.lists(st.text(alphabet="ab:/|\0", max_size=4), max_size=4),
)
def test_keys_made_of_parts_never_collide(left: list[str], right: list[str]) -> None:
    assert (pack(*left) == pack(*right)) == (left == right)


@pytest.mark.attack("ATK-124")
def test_a_cache_never_gives_one_tenants_row_to_another(world: World) -> None:
    one, two = Scene(world), Scene(world)
    caches = world.services.caches
    for _ in range(2):
        for scene in (one, two):
            client = caches.clients.get(scene.client.id)
            assert client is not None
            assert client.tenant.id == scene.tenant.id
            assert caches.tenants.get(scene.tenant.slug).id == scene.tenant.id
            assert caches.names.of(scene.tenant.id) == f"Tenant {scene.tenant.slug}"
    assert caches.clients.get(f"{one.client.id}\0{two.client.id}") is None


OPEN_TO_ALL = {
    "GET /",
    "GET /oauth/authorize",
    "POST /oauth/authorize",
    "GET /login/logout",
    "GET /login/signed-out",
    "GET /oauth/jwks",
    "GET /.well-known/openid-configuration",
    "GET /.well-known/oauth-authorization-server",
}


@pytest.mark.attack("ATK-125")
@pytest.mark.attack("ATK-092")
def test_every_url_refuses_who_brings_nothing(world: World) -> None:
    """Every method of every URL, without cookies, credentials or parameters."""
    from tests.isolation.test_every_url import every_path  # noqa: PLC0415  the list is there

    answered_without = set()
    for path in every_path(world):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND"):
            answer = world.app.test_client().open(path, method=method, base_url=ISSUER)
            assert answer.status_code < 500, (method, path)
            if answer.status_code < 400:
                answered_without.add(f"{method} {path}")
    assert answered_without <= OPEN_TO_ALL
    assert Browser(world).post("/oauth/authorize", data={}).status_code == 400


@pytest.mark.attack("ATK-125")
@pytest.mark.parametrize(
    "path",
    ["/debug", "/console", "/metrics", "/admin", "/api", "/oauth/token/", "/oauth/token/x"]
    + [
        "/oauth//token",
        "/oauth/%74oken/..",
        "/.well-known/",
        "/.git/config",
        "/static/",
        "/livez/x",
    ]
    + ["/static/../authserver.db", "/static/%2e%2e/%2e%2e/etc/passwd", "/static//etc/passwd"],
)
def test_there_is_nothing_beside_the_urls_of_the_list(world: World, path: str) -> None:
    answer = Browser(world).get(path)
    assert answer.status_code in {404, 308, 400}
    assert "Traceback" not in answer.text


@pytest.mark.attack("ATK-115")
@pytest.mark.attack("ATK-118")
def test_extra_members_of_a_form_write_nothing(world: World) -> None:
    """Mass assignment: names of columns in the password and the consent form."""
    scene = Scene(world)
    page = scene.browser.follow(scene.browser.authorize(scene.client))
    extra = {"level": "2", "user_id": "usr_x", "tenant_id": "ten_x", "email_verified": "1"}
    extra |= {"security_epoch": "99", "disabled_at": "", "client_id": "cli_x", "scope": "a b"}
    consent = scene.browser.follow(scene.browser.follow(scene.browser.sign_in(page, scene.person)))
    scene.browser.submit(consent, decision="allow", **extra)
    with world.services.database.read() as view:
        held = json.dumps(everything(view.connection, scene.tenant.id), default=str)
    assert "usr_x" not in held
    assert "ten_x" not in held
    assert "cli_x" not in held
