"""Guest accounts are made in the console by whoever works in both tenants, and by nobody else."""

import pytest

from tests.admin.console import Console, enter
from tests.support.trail import events
from tests.support.world import TenantFixture, World

_OPEN = {"reason": "Ticket 4711: they asked", "minutes": "15"}


@pytest.fixture(name="platform")
def _platform(world: World) -> Console:
    return enter(world, "PLATFORM_ADMIN")


@pytest.fixture(name="theirs")
def _theirs(world: World, platform: Console) -> TenantFixture:
    """Return a customer's tenant that the person has opened."""
    tenant = world.tenant()
    assert platform.send(f"/tenants/{tenant.id}/open", **_OPEN).status_code == 303
    return tenant


def test_somebody_of_one_tenant_becomes_a_guest_of_another(
    world: World, platform: Console, theirs: TenantFixture
) -> None:
    person = world.user(theirs, name="Grace Hopper")
    here = f"/tenants/{platform.tenant.id}"
    assert f"{here}/guests/new" in platform.get(f"{here}/users").text
    asked = {"home_tenant_id": theirs.id, "home_user_id": person.email.upper()}
    made = platform.send(f"{here}/guests/new", **asked, **{"roles.customer_viewer": "on"})
    assert made.status_code == 303, made.text
    page = platform.browser.follow(made).text
    assert "The guest account was made." in page
    assert "Signs in with an account in another organization" in page
    assert "customer_viewer" in page
    assert "Guest" in platform.get(f"{here}/users?guest=true").text
    kinds = [event.type for event in events(world, platform.tenant.id)]
    assert "user.created" in kinds
    twice = platform.send(f"{here}/guests/new", **asked)
    assert twice.status_code == 409


def test_an_address_that_nobody_has_there_is_said_beside_the_field(
    platform: Console, theirs: TenantFixture
) -> None:
    path = f"/tenants/{platform.tenant.id}/guests/new"
    page = platform.send(path, home_tenant_id=theirs.id, home_user_id="nobody@home.example")
    assert page.status_code == 404
    assert 'id="home_user_id-error"' in page.text
    assert "Nobody there has this address." in page.text


@pytest.mark.attack("ATK-090")
def test_a_tenant_that_is_not_open_has_nobody_to_find(world: World, platform: Console) -> None:
    stranger = world.user(world.tenant())
    path = f"/tenants/{platform.tenant.id}/guests/new"
    for tenant_id in (stranger.tenant.id, f"ten_{'0' * 26}"):
        page = platform.send(path, home_tenant_id=tenant_id, home_user_id=stranger.email)
        assert page.status_code == 404
        assert 'id="home_tenant_id-error"' in page.text
        assert "There is no such tenant." in page.text


def test_an_administrator_of_one_tenant_is_told_how_guests_come(world: World) -> None:
    admin = enter(world, "admin", kind="customer", path="")
    here = f"/tenants/{admin.tenant.id}"
    assert "/guests/new" not in admin.get(f"{here}/users").text
    assert "invite the person by mail" in admin.get(f"{here}/guests/new").text
