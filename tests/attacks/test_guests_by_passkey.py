"""A passkey at home opens a guest account where the password there would, and nowhere else."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from authserver.accounts.models import User
from tests.attacks.factors import has_session
from tests.support.authenticator import where
from tests.support.browser import Browser, answered
from tests.support.chooser import CHOOSER, House, choose, offered, press, signed_in
from tests.support.passkeys import ALONE, SECOND, Holder, SoftKey, options, send
from tests.support.trail import events
from tests.support.world import ClientFixture, UserFixture, World


@pytest.fixture
def house(world: World) -> House:
    return House.build(world)


@pytest.fixture
def holder(house: House) -> Holder:
    """Somebody at home in the operator's tenant, with a passkey there."""
    return Holder(house.world, house.client)


@pytest.fixture
def guest(house: House, holder: Holder) -> UserFixture:
    """The same person in a customer's tenant."""
    return house.world.guest(holder.user, house.outer)


@pytest.fixture
def narrow(house: House) -> ClientFixture:
    """A client that serves the customer's people alone."""
    return house.world.client(house.outer, first_party=True)


def attempt(browser: Browser, key: SoftKey, page: TestResponse) -> TestResponse:
    path = browser.prefix + ALONE
    return send(browser, page, path, key.get(options(browser, page, path)))


def at(browser: Browser, client: ClientFixture, **more: Any) -> TestResponse:
    """Return the sign-in page of a client."""
    return browser.follow(browser.authorize(client, **more))


def refused(house: House, key: SoftKey, client: ClientFixture, **more: Any) -> str:
    """Let somebody try; return the reason that the trail has for the one refusal."""
    browser = Browser(house.world)
    answer = attempt(browser, key, at(browser, client, **more))
    assert answer.status_code == 401, answer.headers.get("Location")
    assert "This passkey was not accepted." in answer.text
    assert not has_session(browser)
    assert browser.http.get_cookie("__Host-as-partial", "auth.example") is None
    event = events(house.world, client.tenant.id, "sign_in.failed")[-1]
    assert event.document["subject"] is None
    return str(event.document["facts"]["reason"])


@pytest.mark.every_database
def test_a_passkey_at_home_opens_the_guest_account(
    house: House, holder: Holder, guest: UserFixture, narrow: ClientFixture
) -> None:
    house.client, browser = narrow, Browser(house.world)
    claims = house.claims(browser.follow(attempt(browser, holder.key, at(browser, narrow))))
    assert claims["sub"] == guest.id
    assert claims["acr"].endswith("mfa")
    assert house.sub(browser.authorize(narrow, prompt="none")) == guest.id


def test_the_organization_that_is_asked_for_decides(
    house: House, holder: Holder, guest: UserFixture
) -> None:
    for account in (guest, holder.user):
        browser = Browser(house.world)
        page = at(browser, house.client, organization=account.tenant.slug)
        answer = browser.follow(attempt(browser, holder.key, page))
        assert house.sub(answer) == account.id


def test_a_demand_of_the_guests_tenant_is_met_by_a_passkey(
    house: House, holder: Holder, guest: UserFixture, narrow: ClientFixture
) -> None:
    house.require_mfa(house.outer)
    house.client, browser = narrow, Browser(house.world)
    answer = browser.follow(attempt(browser, holder.key, at(browser, narrow)))
    assert house.sub(answer) == guest.id


def test_a_passkey_after_the_password_opens_the_guest_account(
    house: House, holder: Holder, guest: UserFixture, narrow: ClientFixture
) -> None:
    house.require_mfa(house.outer)
    house.client, browser = narrow, Browser(house.world)
    answer = browser.sign_in(at(browser, narrow), guest, password=holder.user.password)
    page = browser.follow(browser.follow(browser.follow(answer)))
    made = holder.key.get(options(browser, page, SECOND))
    assert house.sub(browser.follow(send(browser, page, SECOND, made))) == guest.id


def test_of_several_guest_accounts_the_person_chooses(
    house: House, holder: Holder, guest: UserFixture
) -> None:
    more = house.world.guest(holder.user, house.other)
    house.client = house.world.client(
        house.inner, serves=[house.outer.slug, house.other.slug], first_party=True
    )
    browser = Browser(house.world)
    answer = browser.follow(attempt(browser, holder.key, at(browser, house.client)))
    assert where(answer) == CHOOSER
    page = browser.follow(answer)
    assert sorted(offered(page)) == sorted([guest.id, more.id])
    assert house.sub(choose(browser, page, more)) == more.id


def test_at_the_issuer_of_a_tenant_only_the_guest_has_a_session(
    house: House, holder: Holder
) -> None:
    """The key belongs to the host: both issuers are of it."""
    tenant = house.world.tenant(own_issuer=True)
    guest = house.world.guest(holder.user, tenant)
    browser = Browser(house.world, f"/t/{tenant.slug}")
    page = browser.get(f"{browser.prefix}/login/password?to=overview")
    assert attempt(browser, holder.key, page).location.endswith(f"{browser.prefix}/account")
    shown = browser.get(f"{browser.prefix}/account").text
    assert guest.email in shown
    started = events(house.world, holder.user.tenant.id, "session.started")
    assert len(started) == 1, "that of the first sign-in, which set the passkey up"


def test_whoever_asks_for_another_account_gets_in_by_a_passkey(
    house: House, holder: Holder, guest: UserFixture
) -> None:
    browser = signed_in(house.world, house.world.user(house.inner))
    page = browser.follow(browser.authorize(house.client, prompt="select_account"))
    page = browser.follow(browser.follow(press(browser, page, another="yes")))
    answer = browser.follow(attempt(browser, holder.key, page))
    assert where(answer) == CHOOSER
    assert house.sub(choose(browser, answer, guest)) == guest.id


@pytest.mark.attack("ATK-090")
@pytest.mark.attack("ATK-111")
def test_without_a_guest_account_there_a_passkey_is_refused(
    house: House, holder: Holder, narrow: ClientFixture
) -> None:
    house.world.guest(holder.user, house.other)
    house.world.guest(house.world.user(house.inner), house.outer)
    assert refused(house, holder.key, narrow) == "elsewhere"
    assert events(house.world, holder.user.tenant.id, "sign_in.failed") == []


def guest_disabled(house: House, guest: UserFixture) -> None:
    house.world.disable(guest)


def guest_tenant_suspended(house: House, guest: UserFixture) -> None:
    services = house.world.services
    services.database.write(
        lambda tx: services.tenants.suspend(tx, guest.tenant.slug, house.world.operator)
    )
    services.watch.changed()


def no_guest_any_more(house: House, guest: UserFixture) -> None:
    left = update(User).where(User.id == guest.id).values(home_user_id=None)
    house.world.services.database.write(lambda tx: tx.tenant(guest.tenant.id).execute(left))


@pytest.mark.attack("ATK-059")
@pytest.mark.parametrize(
    "cause",
    [guest_disabled, guest_tenant_suspended, no_guest_any_more],
    ids=lambda cause: cause.__name__,
)
def test_a_guest_account_that_cannot_be_used_opens_to_no_passkey(
    house: House,
    holder: Holder,
    guest: UserFixture,
    cause: Callable[[House, UserFixture], None],
) -> None:
    client = house.world.client(
        house.inner, serves=[house.outer.slug, house.other.slug], first_party=True
    )
    cause(house, guest)
    assert refused(house, holder.key, client) == "elsewhere"
    by_name = {"organization": house.outer.slug}
    assert refused(house, holder.key, house.client, **by_name) == "elsewhere"


@pytest.mark.attack("ATK-059")
def test_an_account_that_became_a_guest_is_not_opened_by_a_passkey_of_its_own(
    house: House, holder: Holder
) -> None:
    home = house.world.user(house.other)
    became = update(User).where(User.id == holder.user.id).values(home_user_id=home.id)
    house.world.services.database.write(lambda tx: tx.tenant(house.inner.id).execute(became))
    browser = Browser(house.world)
    answer = attempt(browser, holder.key, at(browser, house.client))
    assert answer.status_code == 401
    assert not has_session(browser)


@pytest.mark.attack("ATK-090")
def test_a_guest_account_in_one_organization_opens_no_other(
    house: House, holder: Holder, guest: UserFixture
) -> None:
    assert guest.tenant.slug != house.other.slug
    asked = {"organization": house.other.slug}
    assert refused(house, holder.key, house.client, **asked) == "elsewhere"


def test_a_guest_who_is_asked_once_more_answers_with_the_passkey_at_home(
    house: House, holder: Holder, guest: UserFixture, narrow: ClientFixture
) -> None:
    house.client, browser = narrow, Browser(house.world)
    first = house.claims(browser.follow(attempt(browser, holder.key, at(browser, narrow))))
    house.world.clock.move(minutes=10)
    page = at(browser, narrow, prompt="login")
    answer = browser.follow(attempt(browser, holder.key, page))
    claims = house.claims(answer)
    assert claims["sub"] == guest.id
    assert claims["auth_time"] > first["auth_time"]
    assert "code" in answered(browser.authorize(narrow, prompt="none"))
