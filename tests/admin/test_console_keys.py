"""The console's screens of API keys, signing keys, deliveries and health."""

import re

import pytest

from tests.admin.console import Console, enter
from tests.admin.test_running_api import given_up
from tests.api_keys.making import Key, of_person
from tests.support.trail import events
from tests.support.world import World

pytestmark = pytest.mark.any_database
_KEY = re.compile(r"cf_prod_[0-9A-Za-z]{49}")


@pytest.fixture(name="admin")
def _admin(world: World) -> Console:
    return enter(world, "admin", kind="customer", path="")


@pytest.fixture(name="platform")
def _platform(world: World) -> Console:
    return enter(world, "PLATFORM_ADMIN")


def keys_of(console: Console) -> str:
    return f"/tenants/{console.tenant.id}/api-keys"


def test_a_key_for_a_service_is_made_shown_once_and_revoked(world: World, admin: Console) -> None:
    client = world.client(admin.tenant, "service", scopes=["tenants:read"], name="Importer")
    form = admin.get(f"{keys_of(admin)}/new?client_id={client.id}")
    assert client.id in form.text
    asked = {"client_id": client.id, "name": "Nightly", "scopes": "tenants:read", "days": "30"}
    page = admin.fill(form, **asked, ip_allowlist="")
    (text,) = set(_KEY.findall(page.text))
    key = Key(world, "", text, admin.tenant)
    assert key.own_tenant() == 200
    again = admin.fill(form, **asked, ip_allowlist="")
    assert (again.status_code, _KEY.findall(again.text)) == (303, [])
    listed = admin.get(keys_of(admin))
    assert listed.text.count("Nightly") == 1
    assert "Importer" in listed.text
    assert not _KEY.search(listed.text)
    one = again.headers["Location"].partition("/console")[2]
    assert admin.send(f"{one}/revoke").status_code == 303
    assert key.own_tenant() == 401
    assert "Revoked" in admin.get(one).text


def test_the_services_are_there_to_choose_from(world: World, admin: Console) -> None:
    world.client(admin.tenant, "service", name="Same name")
    world.client(admin.tenant, "service", name="Same name")
    world.client(admin.tenant, "partner", name="A partner's program")
    page = admin.get(f"{keys_of(admin)}/new").text
    choices = page.partition('<select class="input" id="client_id"')[2].partition("</select>")[0]
    assert len(set(re.findall(r"Same name \(cli_\w+\)", choices))) == 2
    assert "A partner" not in choices


def test_what_cannot_be_is_said_in_the_form(world: World, admin: Console) -> None:
    client = world.client(admin.tenant, "service", scopes=["tenants:read"])
    wrong = {"client_id": client.id, "name": "", "scopes": "", "days": "", "ip_allowlist": ""}
    page = admin.send(f"{keys_of(admin)}/new", **wrong)
    assert page.status_code == 422
    more = {**wrong, "name": "A", "scopes": "orders:write"}
    assert admin.send(f"{keys_of(admin)}/new", **more).status_code == 403


def test_a_key_of_somebody_who_was_switched_off_says_why_it_is_over(
    world: World, admin: Console
) -> None:
    user = world.user(admin.tenant, "customer_viewer")
    key = of_person(world, user, "users:read", name="<b>Odd</b>")
    world.disable(user)
    page = admin.get(f"{keys_of(admin)}/{key.id}").text
    assert "&lt;b&gt;Odd&lt;/b&gt;" in page
    assert "It opens nothing any more" in page


def test_keys_of_the_platform_are_seen_and_rotated(world: World, platform: Console) -> None:
    page = platform.get("/keys")
    assert "/oauth/jwks" in page.text
    assert "key-signing" in page.text
    assert platform.send("/keys/rotate").status_code == 303
    assert "Next" in platform.get("/keys").text
    world.clock.move(minutes=10)
    assert platform.get("/keys/rotate").status_code == 303  # sudo


def test_a_tenant_without_an_issuer_is_told_who_signs_for_it(admin: Console) -> None:
    page = admin.get(f"/tenants/{admin.tenant.id}/keys")
    assert page.status_code == 200
    assert "the platform signs for it" in page.text


def test_mails_that_were_given_up_are_tried_again_one_or_all(world: World, admin: Console) -> None:
    first, second = (given_up(world, admin.tenant.id) for _ in range(2))
    mails = f"/tenants/{admin.tenant.id}/mails"
    listed = admin.get(f"{mails}?state=failed").text
    assert "550 no such mailbox" in listed
    assert first in listed
    assert admin.fill(admin.get(f"{mails}/retry?id={first}"), ids=first).status_code == 303
    remaining = admin.get(f"{mails}?state=failed").text
    assert (first in remaining, second in remaining) == (False, True)
    assert admin.send(f"{mails}/retry").status_code == 303
    assert len(events(world, admin.tenant.id, "mail.retried")) == 2


def test_health_is_shown_in_words(platform: Console) -> None:
    page = platform.get("/health").text
    for words in ("Database", "Schema", "Signing keys", "Redis", "Not used"):
        assert words in page


def test_what_is_of_the_platform_is_not_in_a_tenants_console(admin: Console) -> None:
    for path in ("/health", "/keys", "/mails", "/logouts"):
        assert admin.get(path).status_code == 403
    page = admin.get(keys_of(admin)).text
    assert 'href="/console/health"' not in page
    assert f'href="/console/tenants/{admin.tenant.id}/mails"' in page
