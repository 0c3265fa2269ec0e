"""API keys at the administration API: what one opens, and what ends it, at the next request."""

from datetime import timedelta

import pytest

from authserver.api_keys.service import NewKey
from authserver.api_keys.uses import address_place
from authserver.core.database import prepared
from authserver.core.problems import Conflict, NotFound, Refused
from authserver.roles.catalogue import Permission
from tests.api_keys.making import Key, of_person, of_service
from tests.support.trail import events
from tests.support.world import World

OPEN, CLOSED, LESS = 200, 401, 403


def of_admin(world: World, *scopes: str, **more: object) -> Key:
    user = world.user(world.tenant(), "admin")
    return of_person(world, user, *(scopes or ("tenants:read",)), **more)


def test_a_persons_key_does_what_it_was_given_and_no_more(world: World) -> None:
    key = of_admin(world, "tenants:read")
    assert key.own_tenant() == OPEN
    assert key.call(f"/tenants/{world.tenant().id}").status_code == 404
    assert of_admin(world, "users:read").own_tenant() == LESS


def test_the_trail_says_by_which_key_something_was_done(world: World) -> None:
    user = world.user(world.tenant("internal"), "PLATFORM_ADMIN")
    key = of_person(world, user, "tenants:write")
    other = world.tenant()
    assert key.call(f"/tenants/{other.id}/suspend", method="POST").status_code == OPEN
    (event,) = events(world, other.id, "tenant.suspended")
    assert event.document["actor"]["kind"] == "user"
    assert event.document["actor"]["via"] == f"api_key:{key.id}"


def test_a_role_that_is_taken_takes_its_permissions_from_the_key(world: World) -> None:
    tenant = world.tenant()
    world.user(tenant, "admin")
    user = world.user(tenant, "admin")
    key = of_person(world, user, "tenants:read")
    assert key.own_tenant() == OPEN
    world.services.database.write(
        lambda tx: world.services.roles.set_roles(
            tx, tenant.id, user.id, roles=["customer_viewer"], actor=world.operator
        )
    )
    assert key.own_tenant() == LESS


@pytest.mark.attack("ATK-003")
@pytest.mark.attack("ATK-059")
@pytest.mark.parametrize(
    "act", ["revoke", "disable", "suspend", "password", "expire", "first proof"]
)
def test_what_ends_it_holds_for_the_next_request(world: World, act: str) -> None:
    tenant = world.tenant()
    world.user(tenant, "admin")
    services, user = world.services, world.user(tenant, "admin", verified=act != "first proof")
    key = of_person(world, user, "tenants:read", life=timedelta(days=1))
    assert key.own_tenant() == OPEN
    if act == "revoke":
        key.revoke()
    elif act == "disable":
        world.disable(user)
    elif act == "suspend":
        services.database.write(
            lambda tx: services.tenants.suspend(tx, tenant.slug, world.operator)
        )
    elif act == "password":
        services.database.write(
            lambda tx: services.accounts.set_password(
                tx, tenant.id, user_id=user.id, password_hash="x", actor=world.operator
            )
        )
    elif act == "first proof":
        services.database.write(
            lambda tx: services.accounts.prove_address(
                tx, tenant.id, user_id=user.id, actor=world.operator
            )
        )
    else:
        world.clock.move(days=1)
    # Nothing told the caches: another process made the change.
    assert key.own_tenant() == CLOSED


def test_a_key_of_a_guest_ends_with_the_account_at_home(world: World) -> None:
    home, tenant = world.user(world.tenant()), world.tenant()
    guest = world.guest(home, tenant, "admin")
    key = of_person(world, guest, "tenants:read")
    assert key.own_tenant() == OPEN
    world.disable(home)
    assert key.own_tenant() == CLOSED


def test_a_services_key_stays_through_a_pause_like_its_secrets(world: World) -> None:
    tenant, services = world.tenant(), world.services
    client = world.client(tenant, "service", scopes=["tenants:read"])
    key = of_service(world, client, "tenants:read")

    def enable(*, enabled: bool) -> None:
        services.database.write(
            lambda tx: services.clients.set_enabled(
                tx, tenant.id, client.id, enabled=enabled, actor=world.operator
            )
        )

    assert key.own_tenant() == OPEN
    enable(enabled=False)
    assert key.own_tenant() == CLOSED
    enable(enabled=True)
    assert key.own_tenant() == OPEN


def test_a_key_that_is_bound_to_addresses_opens_nothing_from_others(world: World) -> None:
    key = of_admin(world, networks=("192.0.2.0/24", "2001:db8::/32"))
    assert key.own_tenant(address="192.0.2.99") == OPEN
    assert key.own_tenant(address="::ffff:192.0.2.99") == OPEN
    assert key.own_tenant(address="2001:db8::1") == OPEN
    assert key.own_tenant(address="192.0.3.1") == CLOSED


def test_a_typo_is_told_without_a_look_up(world: World) -> None:
    key, asked = of_admin(world), list[str]()
    last = "a" if key.text[-1] != "a" else "b"
    typed = Key(world, key.id, key.text[:-1] + last, key.tenant)
    prepared.watchers.append(asked.append)
    try:
        refused = typed.call(f"/tenants/{key.tenant.id}")
    finally:
        prepared.watchers.remove(asked.append)
    assert refused.status_code == CLOSED
    assert not [sql for sql in asked if "api_keys" in sql]


def test_unknown_revoked_and_mistyped_keys_are_refused_alike(world: World) -> None:
    revoked, other = of_admin(world), of_admin(world)
    revoked.revoke()
    unknown = Key(world, "", other.text[:20] + "0" * 30 + other.text[50:], other.tenant)
    answers = [one.call(f"/tenants/{other.tenant.id}") for one in (revoked, unknown)]
    assert {one.status_code for one in answers} == {CLOSED}
    bodies = [{**one.json, "correlation_id": ""} for one in answers]
    assert bodies[0] == bodies[1]


def test_a_key_is_good_at_no_other_tenants_issuer(world: World) -> None:
    key = of_admin(world)
    other = world.tenant(own_issuer=True)
    answer = world.app.test_client().get(
        f"/t/{other.slug}/api/v1/tenants/{key.tenant.id}",
        base_url="https://auth.example",
        headers={"Authorization": f"Bearer {key.text}"},
    )
    assert answer.status_code == CLOSED


@pytest.mark.any_database
def test_nobody_gives_a_key_more_than_they_have(world: World) -> None:
    tenant = world.tenant()
    viewer = world.user(tenant, "customer_viewer")
    with pytest.raises(Refused):
        of_person(world, viewer, "users:write")
    with pytest.raises(Refused):
        of_person(world, viewer, "orders:read")  # no application of the tenant gets it
    with pytest.raises(Refused):
        of_person(world, viewer, "users:read", roles=("admin",))
    service = world.client(tenant, "service", scopes=["tenants:read", "orders:read"])
    with pytest.raises(Refused):
        of_service(world, service, "orders:write")
    with pytest.raises(Refused):
        of_service(world, service, "tenants:read", giver=frozenset({Permission.USERS_READ}))
    assert of_service(world, service, "orders:read", giver=frozenset()).text


@pytest.mark.any_database
def test_no_key_for_a_partner_nor_for_somebody_of_another_tenant(world: World) -> None:
    partner = world.client(world.tenant("partner"), "partner")
    with pytest.raises(Exception, match="clients of kind service"):
        of_service(world, partner, "orders:read")
    user, tenant = world.user(world.tenant(), "admin"), world.tenant()
    user.tenant = tenant
    with pytest.raises(NotFound):
        of_person(world, user, "users:read")


def test_a_form_that_is_sent_twice_makes_one_key(world: World) -> None:
    user = world.user(world.tenant(), "admin")
    of_person(world, user, "users:read", request_id="apf_1")
    with pytest.raises(Conflict):
        of_person(world, user, "users:read", request_id="apf_1")
    with world.services.database.read() as view:
        keys = world.services.api_keys.service.of_person(view, user.tenant.id, user.id)
    assert len(keys) == 1


@pytest.mark.any_database
@pytest.mark.parametrize(
    "unfit",
    [
        {"name": ""},
        {"name": "a\u202eb"},
        {"name": "x" * 61},
        {"life": timedelta(days=4000)},
        {"life": timedelta(seconds=-1)},
        {"networks": ("10.0.0.1/8",)},
        {"networks": ("localhost",)},
        {"scopes": ()},
    ],
)
def test_what_a_key_cannot_be(world: World, unfit: dict[str, object]) -> None:
    user = world.user(world.tenant(), "admin")
    new = NewKey(**{"name": "a", "scopes": ("users:read",), **unfit})
    with pytest.raises(Exception, match=r"."):
        of_person(world, user, *new.scopes, **{k: v for k, v in unfit.items() if k != "scopes"})


def test_the_last_use_is_written_within_half_a_minute(world: World) -> None:
    key, parts = of_admin(world), world.services.api_keys
    assert key.own_tenant(address="192.0.2.44") == OPEN

    def last() -> tuple[object, str]:
        with world.services.database.read() as view:
            row = parts.service.get(view, key.tenant.id, key.id)
            place = address_place(row.id)
            opened = world.services.keyring.decrypt_text(row.last_used_address, place)
            return row.last_used_at, opened

    assert last()[0] is None
    used = world.clock.now()
    assert parts.uses.write() >= 1
    assert last() == (used, "192.0.2.44")
    parts.uses.start()
    try:
        world.clock.move(minutes=1)
        key.own_tenant(address="192.0.2.45")
    finally:
        parts.uses.stop()
    assert last() == (world.clock.now(), "192.0.2.45")
