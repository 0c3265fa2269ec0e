"""What is switched off is off at once, on every path: the matrix of rule TOP-10."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from authserver.clients.secrets import Plan
from tests.attacks.people import Scene
from tests.support.browser import answered, hidden
from tests.support.world import World

pytestmark = pytest.mark.every_database

Cause = Callable[[Scene], None]


def _write(scene: Scene, job: Callable[..., object]) -> None:
    scene.world.services.database.write(job)
    scene.world.services.watch.changed()


def _actor(scene: Scene) -> object:
    return replace(scene.world.operator, principal=scene.tenant.id)


def user_disabled(scene: Scene, *, enabled: bool = False) -> None:
    accounts, who = scene.world.services.accounts, scene.person.id
    _write(
        scene,
        lambda tx: accounts.set_enabled(
            tx, scene.tenant.id, user_id=who, enabled=enabled, actor=_actor(scene)
        ),
    )


def user_disabled_and_enabled_again(scene: Scene) -> None:
    user_disabled(scene)
    user_disabled(scene, enabled=True)


def password_changed(scene: Scene) -> None:
    services = scene.world.services
    made = services.hasher.hash("Another-Horse-8")
    _write(
        scene,
        lambda tx: services.accounts.set_password(
            tx, scene.tenant.id, user_id=scene.person.id, password_hash=made, actor=_actor(scene)
        ),
    )


def client_disabled(scene: Scene, *, enabled: bool = False) -> None:
    clients = scene.world.services.clients
    _write(
        scene,
        lambda tx: clients.set_enabled(
            tx, scene.tenant.id, scene.client.id, enabled=enabled, actor=_actor(scene)
        ),
    )


def client_disabled_and_enabled_again(scene: Scene) -> None:
    client_disabled(scene)
    client_disabled(scene, enabled=True)


def secret_replaced_at_once(scene: Scene) -> None:
    services = scene.world.services

    def job(tx: object) -> str:
        return services.clients.rotate_secret(
            tx, scene.tenant.id, scene.client.id, plan=Plan(), actor=_actor(scene)
        )[1]

    scene.client.secret = services.database.write(job)
    services.watch.changed()


def tenant_suspended(scene: Scene) -> None:
    tenants = scene.world.services.tenants
    _write(scene, lambda tx: tenants.suspend(tx, scene.tenant.slug, _actor(scene)))


def tenant_suspended_and_resumed(scene: Scene) -> None:
    tenant_suspended(scene)
    tenants = scene.world.services.tenants
    _write(scene, lambda tx: tenants.resume(tx, scene.tenant.slug, _actor(scene)))


def sessions_ended(scene: Scene) -> None:
    endings, who = scene.world.services.endings, scene.person.id
    _write(scene, lambda tx: endings.of_person(tx, scene.tenant.id, who, actor=_actor(scene)))


def everybodys_sessions_ended(scene: Scene) -> None:
    tenants = scene.world.services.tenants
    _write(scene, lambda tx: tenants.end_sessions(tx, scene.tenant.slug, _actor(scene)))


def signed_out(scene: Scene) -> None:
    scene.browser.submit(scene.browser.get("/login/logout"))


CAUSES = (
    user_disabled,
    user_disabled_and_enabled_again,
    password_changed,
    client_disabled,
    client_disabled_and_enabled_again,
    secret_replaced_at_once,
    tenant_suspended,
    tenant_suspended_and_resumed,
    sessions_ended,
    everybodys_sessions_ended,
    signed_out,
)
# The session is the person's: what happens to one client does not end it.
OF_THE_CLIENT = {client_disabled, client_disabled_and_enabled_again, secret_replaced_at_once}

every_cause = pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.__name__)


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


@pytest.mark.attack("ATK-059")
@every_cause
def test_a_refresh_token_dies(scene: Scene, cause: Cause) -> None:
    token = scene.tokens()["refresh_token"]
    cause(scene)
    assert scene.party().refresh(token).status_code in {400, 401}


@pytest.mark.attack("ATK-059")
@every_cause
def test_a_refresh_token_dies_inside_its_grace_time(scene: Scene, cause: Cause) -> None:
    token = scene.tokens()["refresh_token"]
    assert scene.party().refresh(token).status_code == 200
    cause(scene)
    assert scene.party().refresh(token).status_code in {400, 401}


@pytest.mark.attack("ATK-059")
@every_cause
def test_an_access_token_dies_where_it_can_be_asked(scene: Scene, cause: Cause) -> None:
    token = scene.tokens()["access_token"]
    assert scene.party().introspect(token).json["active"]
    cause(scene)
    assert scene.party().userinfo(token).status_code == 401
    asked = scene.party().introspect(token)
    assert asked.status_code == 401 or asked.json == {"active": False}


@pytest.mark.attack("ATK-059")
@pytest.mark.attack("ATK-078")
@every_cause
def test_a_code_dies_between_its_issue_and_its_redemption(scene: Scene, cause: Cause) -> None:
    code = scene.code()
    cause(scene)
    redeemed = scene.party().redeem(code)
    if redeemed.status_code == 200:  # the client itself is fine, and so is the person
        assert cause in OF_THE_CLIENT - {client_disabled}
    else:
        assert redeemed.status_code in {400, 401}


@pytest.mark.attack("ATK-059")
@pytest.mark.attack("ATK-060")
@every_cause
def test_a_session_dies_with_its_person_and_its_tenant(scene: Scene, cause: Cause) -> None:
    scene.code()
    cause(scene)
    home = scene.browser.get("/").text
    assert (scene.person.email in home) == (cause in OF_THE_CLIENT)
    other = scene.world.client(scene.tenant)
    asked = scene.browser.authorize(other)
    if cause in OF_THE_CLIENT:
        assert "/login/consent" in asked.headers["Location"]
    else:
        assert asked.status_code == 400 or "/login/password" in asked.headers["Location"]


@pytest.mark.attack("ATK-059")
@pytest.mark.attack("ATK-078")
@every_cause
def test_a_flow_on_its_way_gives_no_code(scene: Scene, cause: Cause) -> None:
    scene.code()
    scene.world.clock.move(seconds=1)
    page = scene.browser.follow(scene.browser.authorize(scene.client, prompt="consent"))
    handle = hidden(page)["flow"]
    if cause is signed_out:
        flow = scene.browser.http.get_cookie("__Host-as-flow", domain="auth.example")
        signed_out(scene)
        scene.browser.http.set_cookie(
            "__Host-as-flow", flow.value, domain="auth.example", secure=True
        )
    else:
        cause(scene)
    done = scene.browser.submit(page, decision="allow")
    done = scene.browser.follow(done) if done.status_code == 303 else done
    location = done.headers.get("Location", "")
    if cause in OF_THE_CLIENT - {client_disabled}:
        assert answered(done)["code"]
    else:
        assert "code=" not in location
        assert done.status_code == 400 or f"/login/password?flow={handle}" in location


@pytest.mark.attack("ATK-059")
@pytest.mark.parametrize(
    "cause",
    [c for c in CAUSES if c in OF_THE_CLIENT or "tenant" in c.__name__],
    ids=lambda cause: cause.__name__,
)
def test_a_machines_token_dies(world: World, cause: Cause) -> None:
    scene = Scene(world, "service")
    auditor = world.client(scene.tenant, "service", audiences=["https://auth.example"])
    token = scene.party().machine().json["access_token"]
    assert scene.party().introspect(token).json["active"]
    cause(scene)
    assert not scene.party(auditor).introspect(token).json.get("active", False)
    asked = scene.party().introspect(token)
    assert asked.status_code == 401 or asked.json == {"active": False}


@pytest.mark.attack("ATK-059")
@pytest.mark.parametrize(
    "cause", [user_disabled, tenant_suspended, client_disabled], ids=lambda cause: cause.__name__
)
def test_the_password_opens_nothing_that_is_switched_off(scene: Scene, cause: Cause) -> None:
    page = scene.browser.follow(scene.browser.authorize(scene.client))
    cause(scene)
    refused = scene.browser.sign_in(page, scene.person)
    assert refused.status_code >= 400
    assert scene.browser.http.get_cookie("__Host-as-session", domain="auth.example") is None


@pytest.mark.attack("ATK-059")
def test_a_role_that_was_taken_is_not_in_the_next_token(world: World) -> None:
    scene = Scene(world)
    roles = world.services.roles
    world.user(scene.tenant, "admin")
    _set = lambda names: _write(  # noqa: E731  used twice, here only
        scene,
        lambda tx: roles.set_roles(
            tx, scene.tenant.id, scene.person.id, roles=names, actor=_actor(scene)
        ),
    )
    _set(["admin"])
    tokens = scene.tokens()
    assert scene.party().userinfo(tokens["access_token"]).json["roles"] == ["admin"]
    _set(["customer_viewer"])
    assert scene.party().userinfo(tokens["access_token"]).json["roles"] == ["customer_viewer"]
    renewed = scene.party().refresh(tokens["refresh_token"]).json
    said = scene.party().introspect(renewed["access_token"]).json
    assert said["roles"] == ["customer_viewer"]


@pytest.mark.attack("ATK-058")
def test_revoking_an_access_token_ends_the_refresh_token_too(scene: Scene) -> None:
    tokens = scene.tokens()
    scene.party().revoke(tokens["access_token"])
    assert scene.party().refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"


@pytest.mark.attack("ATK-058")
@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "nonsense"])
def test_a_wrong_hint_does_not_save_a_token_from_revocation(scene: Scene, hint: str) -> None:
    tokens = scene.tokens()
    for kind in ("access_token", "refresh_token"):
        fresh = scene.tokens()
        assert scene.party().revoke(fresh[kind], token_type_hint=hint).status_code == 200
        assert scene.party().userinfo(fresh["access_token"]).status_code == 401
    assert scene.party().userinfo(tokens["access_token"]).status_code == 200


@pytest.mark.attack("ATK-058")
def test_an_expired_token_stays_expired_whatever_cleans_up(scene: Scene) -> None:
    tokens = scene.tokens()
    scene.world.clock.move(days=7, seconds=1)
    assert scene.party().refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"
    assert scene.party().introspect(tokens["refresh_token"]).json == {"active": False}


@pytest.mark.attack("ATK-059")
def test_a_secret_in_its_overlap_works_and_afterwards_does_not(scene: Scene) -> None:
    services, old = scene.world.services, scene.client.secret
    of, plan, by = (scene.tenant.id, scene.client.id), Plan(timedelta(hours=1)), _actor(scene)
    _write(scene, lambda tx: services.clients.rotate_secret(tx, *of, plan=plan, actor=by))
    assert scene.party().redeem(scene.code()).status_code == 200
    scene.world.clock.move(hours=1, seconds=1)
    assert scene.client.secret == old
    assert scene.party().machine().json["error"] == "invalid_client"
