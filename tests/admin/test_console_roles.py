"""Roles in the console: made, changed, given for a while, deleted; and what is not shown."""

import pytest

from tests.admin.console import Console, enter
from tests.support.account import enter as enter_account
from tests.support.browser import Browser
from tests.support.world import World


@pytest.fixture(name="admin")
def _admin(world: World) -> Console:
    return enter(world, "admin", kind="customer", path="")


def roles(console: Console) -> str:
    return f"/tenants/{console.tenant.id}/roles"


def make(admin: Console) -> str:
    fields = {"name": "night-shift", "description": "At night.", "permissions.users:read": "on"}
    sent = admin.send(f"{roles(admin)}/new", **fields)
    assert sent.status_code == 303, sent.text
    return sent.headers["Location"].rpartition("/console")[2]


def test_a_role_is_made_changed_and_deleted_in_the_console(admin: Console) -> None:
    one = make(admin)
    page = admin.get(one)
    assert f"{admin.tenant.slug}/night-shift" in page.text
    assert "night-shift" in admin.get(roles(admin)).text
    changed = admin.send(f"{one}/change", **{"description": "x", "permissions.users:unlock": "on"})
    assert changed.status_code == 303, changed.text
    assert "unlock" in admin.get(one).text
    wrong = admin.send(f"{one}/delete", retyped="night")
    assert wrong.status_code == 422
    assert admin.send(f"{one}/delete", retyped="night-shift").status_code == 303
    assert admin.get(one).status_code == 404


def test_a_role_is_given_for_a_while_and_taken(world: World, admin: Console) -> None:
    one = make(admin)
    friend = world.user(admin.tenant, name="Grace Hopper")
    held = f"/tenants/{admin.tenant.id}/users/{friend.id}/roles/night-shift"
    day = (world.clock.now().date()).replace(year=world.clock.now().year + 1).isoformat()
    assert admin.send(held, until=day).status_code == 303
    people = admin.get(f"{one}/people").text
    assert "Grace Hopper" in people
    assert f"{day}T23:59:59" in people
    assert admin.send(held, until="2020-01-01").status_code == 400
    assert admin.send(f"{held}/take").status_code == 303
    assert "Grace Hopper" not in admin.get(f"{one}/people").text


def test_a_first_role_is_given_until_a_day_and_its_holder_sees_when_it_ends(
    world: World, admin: Console
) -> None:
    friend = world.user(admin.tenant, name="Lise Meitner")
    one = f"/tenants/{admin.tenant.id}/users/{friend.id}"
    assert f"{one}/give-role" in admin.get(one).text
    page = admin.get(f"{one}/give-role")
    assert "PLATFORM_ADMIN" not in page.text
    day = (world.clock.now().date()).replace(year=world.clock.now().year + 1)
    given = admin.send(f"{one}/give-role", role="SUPPORT_AGENT", until=day.isoformat())
    assert given.status_code == 303, given.text
    assert f"{day}T23:59:59" in admin.get(one).text
    assert 'value="SUPPORT_AGENT"' not in admin.get(f"{one}/give-role").text
    for wrong in ("PLATFORM_ADMIN", "../../roles", ""):
        assert admin.send(f"{one}/give-role", role=wrong).status_code in {400, 403, 404}, wrong
    browser = Browser(world)
    enter_account(browser, friend)
    own = browser.get("/account").text
    assert "SUPPORT_AGENT" in own
    assert "Helps people: sees and unlocks accounts." in own
    assert f"until {day:%b}" in own


def test_built_in_roles_are_locked_and_others_are_not_for_who_only_sees(
    world: World, admin: Console
) -> None:
    built_in = admin.get(f"{roles(admin)}/SUPPORT_AGENT")
    assert "Built in" in built_in.text
    assert "/delete" not in built_in.text
    one = make(admin)
    viewer = Console(world, admin.tenant, world.user(admin.tenant, "SUPPORT_AGENT"))
    viewer.enter()
    page = viewer.get(one)
    assert page.status_code == 200
    assert "/change" not in page.text
    assert viewer.get(f"{one}/change").status_code == 403
    assert viewer.get(f"{roles(admin)}/new").status_code == 403


def test_nobody_gives_in_the_console_what_they_do_not_hold(world: World, admin: Console) -> None:
    page = admin.get(f"{roles(admin)}/new")
    assert 'name="permissions.users:read"' in page.text
    assert 'name="permissions.tenants:write"' not in page.text
    friend = world.user(admin.tenant)
    held = f"/tenants/{admin.tenant.id}/users/{friend.id}/roles/CLOUD_OPS"
    assert admin.send(held, until="").status_code == 403
