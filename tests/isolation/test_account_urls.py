"""Every account page with the object of another tenant: there is none."""

from collections.abc import Callable

import pytest

from authserver.accounts.service import find_by_email
from tests.api_keys.making import of_person
from tests.isolation.test_every_url import NONSENSE, Side, side
from tests.isolation.urls import COVERED
from tests.support import linked
from tests.support.authenticator import App, secret_on
from tests.support.browser import hidden
from tests.support.world import TenantFixture, UserFixture, World


@pytest.fixture
def sides(world: World, houses: tuple[TenantFixture, TenantFixture]) -> tuple[Side, Side]:
    theirs, ours = houses
    return side(world, theirs), side(world, ours)


def account_form(side: Side) -> dict[str, str]:
    """Return the hidden fields of a form that was shown for the side's person."""
    return hidden(side.browser.get(f"{side.prefix}/account/profile"))


def device_of(side: Side) -> str:
    page = side.browser.get(f"{side.prefix}/account/security").text
    return page.partition("/account/security?about=")[2].partition('"')[0]


def app_of(side: Side) -> str:
    """Give the side's person an app, if there is none yet, and return its id."""
    browser, prefix = side.browser, f"{side.prefix}/account"
    page = browser.get(f"{prefix}/factors/add")
    if "remove?about=" not in (shown := browser.get(f"{prefix}/security").text):
        browser.submit(page, code=App(browser.world, secret_on(page)).code())
        shown = browser.get(f"{prefix}/security").text
    return shown.partition("/account/factors/remove?about=")[2].partition('"')[0]


def identity_of(side: Side) -> str:
    """Link the side's person to a provider of their tenant, if nobody did, and return its id."""
    world, tenant = side.browser.world, side.client.tenant
    shown = side.browser.get(f"{side.prefix}/account/sign-ins").text
    if "sign-ins?about=" not in shown:
        with world.services.database.read() as view:
            found = find_by_email(view, tenant.id, side.email)
        assert found is not None
        user = UserFixture(found.id, side.email, tenant)
        return linked.link(world, user, linked.connect(world, tenant))
    return shown.partition("sign-ins?about=")[2].partition('"')[0]


def api_key_of(side: Side) -> str:
    """Return a key of the side's person."""
    world, tenant = side.browser.world, side.client.tenant
    with world.services.database.read() as view:
        found = find_by_email(view, tenant.id, side.email)
    assert found is not None
    return of_person(world, UserFixture(found.id, side.email, tenant), "orders:read").id


# What each account page takes an id for: the field, and whose object it names.
OBJECTS: dict[str, tuple[str, Callable[[Side], str]]] = {
    "/account/sessions": ("about", lambda side: account_form(side)["account"]),
    "/account/applications": ("about", lambda side: side.client.id),
    "/account/security": ("about", device_of),
    "/account/factors/rename": ("about", app_of),
    "/account/factors/remove": ("about", app_of),
    "/account/factors/trust": ("about", app_of),
    "/account/sign-ins": ("about", identity_of),
    "/account/api-keys": ("about", api_key_of),
    "/account/tenants": ("switch", lambda side: account_form(side)["account"]),
}


def still_there(side: Side) -> tuple[object, ...]:
    """Return what somebody else could have taken away. A first app of one's own ends tokens."""
    active = side.party.introspect(side.tokens["access_token"]).json["active"]
    page = side.browser.get(f"{side.prefix}/account/security").text
    assert active or "remove?about=" in page
    return active, page.count("?about="), device_of(side)


@pytest.mark.attack("ATK-111")
@pytest.mark.parametrize("path", OBJECTS)
def test_an_object_of_another_tenant_is_not_there_on_any_account_page(
    sides: tuple[Side, Side], path: str
) -> None:
    theirs, ours = sides
    field, find = OBJECTS[path]
    tried = (find(theirs), NONSENSE)
    before = still_there(theirs)
    for named in tried:
        form = {**account_form(ours), field: named}
        answers = [ours.browser.post(ours.prefix + path, data=form)]
        if field == "about":
            answers.append(ours.browser.get(ours.prefix + path, query_string={field: named}))
        assert {answer.status_code for answer in answers} == {404}, named
    assert still_there(theirs) == before


@pytest.mark.attack("ATK-071")
def test_a_session_at_another_issuer_opens_no_account_page(sides: tuple[Side, Side]) -> None:
    theirs, ours = sides
    for path in COVERED:
        if path.startswith("/account") and "<" not in path:
            for prefix in (ours.prefix, ""):
                answer = theirs.browser.get(prefix + path)
                assert answer.status_code == 303, path
                assert answer.headers["Location"].startswith(f"{prefix}/login/password?to=")
