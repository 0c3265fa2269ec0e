"""Guest accounts: the person signs in at home, the tokens are the guest's."""

from typing import Any

import pytest

from authserver.accounts.passwords.hasher import PasswordHasher
from authserver.audit.events import EventType
from tests.spec.tools import statements
from tests.support.authenticator import Owner, set_up, where
from tests.support.browser import Browser, Party, answered
from tests.support.chooser import CHOOSER, House, choose, offered, signed_in
from tests.support.trail import events
from tests.support.world import ClientFixture, UserFixture, World

PASSWORD_PAGE = "/login/password"


@pytest.fixture
def house(world: World) -> House:
    return House.build(world)


@pytest.fixture
def ada(house: House) -> UserFixture:
    """At home in the operator's tenant."""
    return house.world.user(house.inner, "SUPPORT_AGENT")


@pytest.fixture
def guest(house: House, ada: UserFixture) -> UserFixture:
    """Ada in the customer's tenant."""
    return house.world.guest(ada, house.outer, "customer_viewer")


@pytest.fixture
def narrow(house: House) -> ClientFixture:
    """A client that serves the customer's people alone."""
    return house.world.client(house.outer, first_party=True)


def test_after_the_sign_in_at_home_the_person_chooses(
    house: House, ada: UserFixture, guest: UserFixture
) -> None:
    browser = Browser(house.world)
    answer = browser.follow(browser.sign_in(browser.authorize(house.client), ada))
    assert where(answer) == CHOOSER
    page = browser.follow(answer)
    assert offered(page) == [ada.id, guest.id]
    assert "Guest" in page.text
    claims = house.claims(choose(browser, page, guest))
    assert (claims["sub"], claims["tenant"]) == (guest.id, house.outer.slug)
    assert claims["roles"] == ["customer_viewer"]
    assert house.sub(browser.authorize(house.client)) == guest.id, "remembered"


def test_the_organization_decides_for_the_guest_and_for_home(
    house: House, ada: UserFixture, guest: UserFixture
) -> None:
    for account in (guest, ada):
        browser = Browser(house.world)
        answer = browser.authorize(house.client, organization=account.tenant.slug)
        answer = browser.follow(browser.sign_in(answer, ada))
        assert house.sub(answer) == account.id


def test_the_organization_that_is_typed_decides_as_well(
    house: House, ada: UserFixture, guest: UserFixture
) -> None:
    for account in (guest, ada):
        browser = Browser(house.world)
        answer = browser.authorize(house.client)
        back = browser.sign_in(answer, ada, organization=account.tenant.slug)
        assert house.sub(browser.follow(back)) == account.id


def test_a_client_of_one_tenant_lets_its_guests_in_by_their_password_at_home(
    house: House, guest: UserFixture, narrow: ClientFixture
) -> None:
    house.client = narrow
    browser = Browser(house.world)
    assert house.sub(browser.complete(narrow, guest)) == guest.id
    assert house.sub(browser.authorize(narrow, prompt="none")) == guest.id


def test_who_is_signed_in_at_home_is_let_in_without_a_page(
    house: House, ada: UserFixture, guest: UserFixture, narrow: ClientFixture
) -> None:
    house.client = narrow
    browser = signed_in(house.world, ada)
    assert house.sub(browser.authorize(narrow)) == guest.id, "there is only this one"


def test_the_guests_session_says_when_and_how_home_signed_in(
    house: House, narrow: ClientFixture
) -> None:
    owner = Owner(house.world, house.client, house.inner)
    guest = house.world.guest(owner.user, house.outer)
    browser = Browser(house.world)
    owner.sign_in(browser, organization=house.inner.slug)
    house.world.clock.move(minutes=20)
    now = house.world.clock.now().timestamp()
    house.client = narrow
    claims = house.claims(browser.authorize(narrow))
    assert claims["sub"] == guest.id
    assert claims["acr"].endswith("mfa")
    assert "otp" in claims["amr"]
    assert now - claims["auth_time"] == pytest.approx(20 * 60 + 30, abs=2)
    (started,) = events(house.world, guest.tenant.id, EventType.SESSION_STARTED.value)
    assert started.document["facts"]["guest"] is True


def test_a_tenant_that_demands_a_second_factor_demands_it_of_guests(
    house: House, ada: UserFixture, guest: UserFixture
) -> None:
    house.require_mfa(house.outer)
    browser = signed_in(house.world, ada)
    answer = choose(browser, browser.authorize(house.client), guest)
    assert where(answer) == PASSWORD_PAGE
    page = browser.follow(answer)
    assert guest.email in page.text
    assert 'id="email"' not in page.text
    page = browser.follow(browser.follow(browser.submit(page, password=ada.password)))
    assert page.request.path == "/login/mfa/setup"
    claims = house.claims(browser.follow(set_up(browser, page)))
    assert claims["sub"] == guest.id
    assert claims["acr"].endswith("mfa")


def test_the_demand_is_met_at_once_where_the_guest_is_meant_from_the_start(
    house: House, guest: UserFixture, narrow: ClientFixture
) -> None:
    house.require_mfa(house.outer)
    house.client = narrow
    browser = Browser(house.world)
    back = browser.sign_in(browser.authorize(narrow), guest)
    page = browser.follow(browser.follow(back))
    assert page.request.path == "/login/mfa/setup"
    assert house.sub(browser.follow(set_up(browser, page))) == guest.id


def test_a_remembered_guest_whose_tenant_now_demands_more_ends_in_no_circle(
    house: House, ada: UserFixture, guest: UserFixture
) -> None:
    browser = signed_in(house.world, ada)
    choose(browser, browser.authorize(house.client), guest)
    house.require_mfa(house.outer)
    answer = browser.authorize(house.client)
    assert where(answer) == PASSWORD_PAGE
    page = browser.follow(answer)
    assert 'id="email"' not in page.text, "it is this account that needs more"
    page = browser.follow(browser.follow(browser.submit(page, password=ada.password)))
    assert house.sub(browser.follow(set_up(browser, page))) == guest.id


def test_login_and_max_age_ask_at_home_and_renew_the_guest(
    house: House, ada: UserFixture, guest: UserFixture
) -> None:
    browser = signed_in(house.world, ada)
    first = house.claims(choose(browser, browser.authorize(house.client), guest))
    house.world.clock.move(minutes=10)
    for asked in ({"prompt": "login"}, {"max_age": "60"}):
        answer = browser.authorize(house.client, **asked)
        page = browser.follow(answer)
        claims = house.claims(browser.follow(browser.submit(page, password=ada.password)))
        assert claims["sub"] == guest.id
        assert claims["auth_time"] > first["auth_time"]
        assert claims["sid"] == first["sid"], "the session goes on"
        house.world.clock.move(minutes=10)


def test_a_guest_that_cannot_be_used_is_not_offered(
    house: House, ada: UserFixture, guest: UserFixture
) -> None:
    other = house.world.guest(ada, house.other)
    browser = signed_in(house.world, ada)
    house.world.disable(guest)
    services = house.world.services
    services.database.write(
        lambda tx: services.tenants.suspend(tx, house.other.slug, house.world.operator)
    )
    services.watch.changed()
    asked = browser.authorize(house.client, prompt="select_account")
    assert offered(browser.follow(asked)) == [ada.id]
    assert other.id != guest.id


def test_a_refusal_costs_one_hash_and_the_same_statements_whoever_is_meant(
    house: House, guest: UserFixture, narrow: ClientFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, *values: Any) -> Any:
        hashed.append(1)
        return verify(self, *values)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    told = []
    resident = house.world.user(house.outer)
    # The first one fills caches.
    for email in ("x@example.com", "nobody@example.com", guest.email, resident.email):
        browser = Browser(house.world)
        page = browser.follow(browser.authorize(narrow))
        hashed.clear()
        with statements(house.world) as ran:
            answer = browser.submit(page, email=email, password="Wrong-Horse-7")
        assert answer.status_code == 401
        assert len(hashed) == 1
        # The key of a person who was never in the trail is read the first time, and then kept.
        told.append([text for text in ran if "audit_subjects" not in text])
    assert told[1] == told[2] == told[3]


def test_at_the_issuer_of_a_tenant_only_the_guest_has_a_session(house: House) -> None:
    world = house.world
    tenant = world.tenant(own_issuer=True)
    prefix = f"/t/{tenant.slug}"
    ada = world.user(house.inner)
    guest = world.guest(ada, tenant)
    client = world.client(tenant, at_tenant_issuer=True, first_party=True)
    browser, party = Browser(world, prefix), Party(world, client, prefix)
    tokens = party.redeem(browser.code(client, guest)).json
    assert party.introspect(tokens["access_token"]).json["sub"] == guest.id
    assert house.inner.slug not in browser.get(f"{prefix}/account/tenants").text
    world.clock.move(minutes=5)
    again = browser.complete(client, guest, prompt="login")
    assert "code" in answered(again)
    world.disable(ada)
    assert party.introspect(tokens["access_token"]).json == {"active": False}
    assert where(browser.authorize(client)).endswith(PASSWORD_PAGE)


def test_at_the_issuer_of_a_tenant_a_guest_reaches_the_account_pages(house: House) -> None:
    world = house.world
    tenant = world.tenant(own_issuer=True)
    prefix = f"/t/{tenant.slug}"
    guest = world.guest(world.user(house.inner), tenant)
    browser = Browser(world, prefix)
    answer = browser.sign_in(browser.get(f"{prefix}/login/password?to=overview"), guest)
    assert guest.email in browser.follow(answer).text
