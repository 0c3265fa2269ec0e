"""/account/api-keys, as a person uses it."""

import re

import pytest

from tests.api_keys.making import Key, of_person
from tests.support.account import agree, enter, url
from tests.support.browser import Browser, hidden
from tests.support.mails import mails
from tests.support.world import UserFixture, World

pytestmark = pytest.mark.any_database
_KEY = re.compile(r"cf_prod_[0-9A-Za-z]{49}")
NEW = {"about": "new"}
SCOPES = {"scope:tenants:read": "yes", "scope:orders:read": "yes"}


@pytest.fixture(name="user")
def _user(world: World) -> UserFixture:
    tenant = world.tenant()
    world.client(tenant, "web")
    return world.user(tenant, "admin")


def made(browser: Browser, **more: object) -> object:
    form = browser.get(url("api_keys"), query_string=NEW)
    asked = {"name": "Nightly", "days": "90", **SCOPES, **more}
    return browser.submit(form, **{name: value for name, value in asked.items() if value})


def test_a_person_makes_a_key_sees_it_once_and_revokes_it(world: World, user: UserFixture) -> None:
    browser = Browser(world)
    enter(browser, user, "api_keys")
    page = made(browser, **{"role:admin": "yes"}, networks="192.0.2.0/24, 2001:db8::1")
    (text,) = set(_KEY.findall(page.text))
    assert page.headers["Cache-Control"] == "no-store"
    key = Key(world, "", text, user.tenant)
    assert key.own_tenant(address="192.0.2.9") == 200
    listed = browser.get(url("api_keys")).text
    assert text not in listed
    assert text[-4:] in listed
    assert "192.0.2.0/24" in listed
    assert mails(world, user.id, "api_key_created")
    about = listed.partition("api-keys?about=apk_")[2].partition('"')[0]
    assert agree(browser, "api_keys", f"apk_{about}").status_code == 303
    assert key.own_tenant(address="192.0.2.9") == 401
    assert "Nightly" not in browser.get(url("api_keys")).text.partition("rows")[2]


def test_a_form_that_is_sent_again_makes_nothing_and_says_so(
    world: World, user: UserFixture
) -> None:
    browser = Browser(world)
    enter(browser, user, "api_keys")
    form = browser.get(url("api_keys"), query_string=NEW)
    asked = {"name": "Twice", "days": "30", "scope:tenants:read": "yes"}
    first = browser.submit(form, **asked)
    again = browser.submit(form, **asked)
    assert (first.status_code, again.status_code) == (200, 409)
    assert not _KEY.search(again.text)
    assert browser.get(url("api_keys")).text.count("Twice") == 2  # the name, and the link's label


def test_an_old_sign_in_shows_no_form_and_makes_no_key(world: World, user: UserFixture) -> None:
    browser = Browser(world)
    enter(browser, user, "api_keys")
    form = browser.get(url("api_keys"), query_string=NEW)
    world.clock.move(minutes=6)
    asked = {"name": "Late", "days": "30", "scope:tenants:read": "yes"}
    assert browser.get(url("api_keys"), query_string=NEW).status_code == 303
    assert browser.submit(form, **asked).status_code == 303
    with world.services.database.read() as view:
        service = world.services.api_keys.service
        assert not service.of_person(view, user.tenant.id, user.id)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", {"name": "  "}),
        ("scopes", dict.fromkeys(SCOPES)),
        ("scopes", {"scope:tenants:write": "yes"}),
        ("scopes", {"scope:openid": "yes"}),
        ("networks", {"networks": "everywhere"}),
        ("days", {"days": "100000"}),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(
    world: World, user: UserFixture, field: str, typed: dict[str, object]
) -> None:
    browser = Browser(world)
    enter(browser, user, "api_keys")
    page = made(browser, **{"name": "Kept", **typed})
    assert page.status_code == 400
    assert f'id="{field}-error"' in page.text
    assert "name" in typed or 'value="Kept"' in page.text


def test_somebody_elses_key_is_not_there(world: World, user: UserFixture) -> None:
    theirs = of_person(world, world.user(user.tenant, "admin"), "tenants:read")
    browser = Browser(world)
    form = hidden(enter(browser, user, "profile"))
    assert browser.get(url("api_keys"), query_string={"about": theirs.id}).status_code == 404
    answer = browser.post(url("api_keys"), data={**form, "about": theirs.id})
    assert answer.status_code == 404
    assert theirs.own_tenant() == 200


def test_a_key_that_ended_with_the_sign_ins_says_so(world: World, user: UserFixture) -> None:
    of_person(world, user, "tenants:read", name="Old")
    services = world.services
    services.database.write(
        lambda tx: services.accounts.end_everything(tx, user.tenant.id, user_id=user.id)
    )
    page = enter(Browser(world), user, "api_keys").text
    assert "Ended" in page
    assert "together with your sign-ins" in page
