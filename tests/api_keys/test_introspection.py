"""API keys as services see them (RFC 7662)."""

import pytest

from tests.api_keys.making import of_person, of_service
from tests.support.browser import Party
from tests.support.world import ClientFixture, TenantFixture, World

INACTIVE = {"active": False}


def service(world: World, tenant: TenantFixture, *scopes: str) -> ClientFixture:
    return world.client(tenant, "service", scopes=list(scopes or ("x:read",)))


def test_a_service_of_the_tenant_learns_whose_key_it_is_and_what_it_may(world: World) -> None:
    tenant = world.tenant()
    world.client(tenant, "web")  # orders:read and orders:write are there to be had
    user = world.user(tenant, "admin", "customer_viewer")
    key = of_person(world, user, "orders:read", "users:read", roles=("customer_viewer",))
    assert key.seen_by(service(world, tenant)) == {
        "active": True,
        "token_type": "api_key",
        "iss": "https://auth.example",
        "sub": user.id,
        "scope": "orders:read users:read",
        "roles": ["customer_viewer"],
        "jti": key.id,
        "iat": int(world.clock.now().timestamp()),
        "tenant_id": tenant.id,
        "tenant": tenant.slug,
        "tenant_type": "customer",
    }


def test_a_services_key_is_the_services_and_never_more_than_its_scopes_now(world: World) -> None:
    tenant = world.tenant()
    owner = service(world, tenant, "orders:read", "orders:write")
    key = of_service(world, owner, "orders:read", "orders:write")
    said = key.seen_by(service(world, tenant))
    assert (said["sub"], said["client_id"]) == (owner.id, owner.id)
    assert "roles" not in said
    services = world.services

    def narrow(tx: object) -> None:
        row = services.clients.get(tx, tenant.id, owner.id, lock=True)
        row.scopes = ["orders:read"]

    services.database.write(narrow)
    assert key.seen_by(service(world, tenant))["scope"] == "orders:read"


def test_who_else_asks_hears_inactive(world: World) -> None:
    tenant = world.tenant()
    key = of_person(world, world.user(tenant, "admin"), "users:read")
    assert key.seen_by(service(world, world.tenant())) == INACTIVE
    assert key.seen_by(world.client(tenant, "partner")) == INACTIVE
    assert key.seen_by(world.client(tenant, "web")) == INACTIVE
    assert key.seen_by(service(world, world.tenant("internal")))["active"]


def test_a_key_that_is_bound_to_addresses_needs_the_one_it_came_from(world: World) -> None:
    tenant = world.tenant()
    user, asks = world.user(tenant, "admin"), service(world, tenant)
    key = of_person(world, user, "users:read", networks=("192.0.2.0/24",))
    assert key.seen_by(asks, client_address="192.0.2.3")["active"]
    for elsewhere in (None, "192.0.3.3", "somewhere", "192.0.2.3, 192.0.2.4"):
        assert key.seen_by(asks, client_address=elsewhere) == INACTIVE


def test_an_application_that_goes_takes_its_scopes_from_peoples_keys(world: World) -> None:
    tenant = world.tenant()
    app = world.client(tenant, "web")
    key = of_person(world, world.user(tenant, "admin"), "orders:read", "users:read")
    asks, services = service(world, tenant), world.services
    assert key.seen_by(asks)["scope"] == "orders:read users:read"
    services.database.write(
        lambda tx: services.clients.set_enabled(
            tx, tenant.id, app.id, enabled=False, actor=world.operator
        )
    )
    services.watch.changed()
    assert key.seen_by(asks)["scope"] == "users:read"


def test_a_revoked_key_is_inactive_at_once(world: World) -> None:
    tenant = world.tenant()
    key, asks = of_person(world, world.user(tenant, "admin"), "users:read"), service(world, tenant)
    assert key.seen_by(asks)["active"]
    key.revoke()
    assert key.seen_by(asks) == INACTIVE


@pytest.mark.any_database
def test_a_person_is_called_what_the_service_calls_them(world: World) -> None:
    tenant = world.tenant()
    user = world.user(tenant, "admin")
    key = of_person(world, user, "users:read")
    asks = service(world, tenant)
    assert Party(world, asks).introspect(key.text).json["sub"] == user.id
