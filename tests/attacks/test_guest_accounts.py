"""Guest accounts: they end with the account at home, and are no way around any rule."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import update

from authserver.accounts.models import User
from authserver.core.problems import Conflict
from authserver.tenants.policy import TenantPolicy
from tests.support.authenticator import where
from tests.support.browser import Browser, Party, answered
from tests.support.chooser import House, choose, endable, press, signed_in
from tests.support.world import UserFixture, World


@pytest.fixture
def house(world: World) -> House:
    return House.build(world)


def is_in(browser: Browser, person: UserFixture) -> bool:
    """Tell whether somebody is still signed in in a browser."""
    return person.email in browser.get("/").text


@dataclass
class Opened:
    """A guest account that was opened from home, a code of it, and its tokens."""

    house: House
    home: UserFixture
    guest: UserFixture
    browser: Browser
    tokens: dict[str, str]
    code: str

    @classmethod
    def build(cls, house: House) -> "Opened":
        home = house.world.user(house.other)
        guest = house.world.guest(home, house.outer)
        browser = signed_in(house.world, home)
        party = Party(house.world, house.client)
        scope = {"scope": "openid offline_access"}
        answer = choose(browser, browser.authorize(house.client, **scope), guest)
        tokens = party.redeem(answered(answer)["code"]).json
        code = answered(browser.authorize(house.client, **scope))["code"]
        return cls(house, home, guest, browser, tokens, code)


Cause = Callable[[Opened], None]


def home_disabled(on: Opened) -> None:
    on.house.world.disable(on.home)


def home_disabled_and_enabled(on: Opened) -> None:
    on.house.world.disable(on.home)
    on.house.world.disable(on.home, enabled=True)


def guest_disabled(on: Opened) -> None:
    on.house.world.disable(on.guest)


def password_changed(on: Opened) -> None:
    services, home = on.house.world.services, on.home
    actor = replace(on.house.world.operator, principal=home.tenant.id)
    services.database.write(
        lambda tx: services.accounts.set_password(
            tx,
            home.tenant.id,
            user_id=home.id,
            password_hash=services.hasher.hash("New-Horse-8"),
            actor=actor,
        )
    )


def factors_reset(on: Opened) -> None:
    services, home = on.house.world.services, on.home
    actor = replace(on.house.world.operator, principal=home.tenant.id)
    services.database.write(
        lambda tx: services.factors.reset(
            tx, home.tenant.id, home.id, by=actor, reason="lost phone"
        )
    )


def _tenant(on: Opened, slug: str, *changes: str) -> None:
    services = on.house.world.services
    for name in changes:
        change = getattr(services.tenants, name)
        services.database.write(lambda tx, do=change: do(tx, slug, on.house.world.operator))
        services.watch.changed()


def home_tenant_suspended(on: Opened) -> None:
    _tenant(on, on.home.tenant.slug, "suspend")


def home_tenant_suspended_and_resumed(on: Opened) -> None:
    _tenant(on, on.home.tenant.slug, "suspend", "resume")


def guest_tenant_suspended(on: Opened) -> None:
    _tenant(on, on.guest.tenant.slug, "suspend")


def home_tenant_demands_more(on: Opened) -> None:
    services, policy = on.house.world.services, TenantPolicy(mfa_required=True)
    services.database.write(
        lambda tx: services.tenants.set_policy(
            tx, on.home.tenant.slug, policy, actor=on.house.world.operator
        )
    )
    services.watch.changed()


CAUSES = (
    home_disabled,
    home_disabled_and_enabled,
    guest_disabled,
    password_changed,
    factors_reset,
    home_tenant_suspended,
    home_tenant_suspended_and_resumed,
    guest_tenant_suspended,
    home_tenant_demands_more,
)


@pytest.mark.attack("ATK-059")
@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.__name__)
def test_a_guest_ends_with_the_account_at_home_on_every_path(house: House, cause: Cause) -> None:
    on = Opened.build(house)
    party = Party(house.world, house.client)
    access, refresh = on.tokens["access_token"], on.tokens["refresh_token"]
    assert party.introspect(access).json["active"]
    cause(on)
    assert party.introspect(access).json == {"active": False}
    assert party.userinfo(access).status_code == 401
    assert party.refresh(refresh).status_code == 400
    assert party.redeem(on.code).status_code == 400
    asked = on.browser.authorize(house.client, organization=house.outer.slug, prompt="none")
    assert answered(asked)["error"] == "login_required"
    assert house.outer.slug not in on.browser.get("/").text


@pytest.mark.every_database
@pytest.mark.attack("ATK-059")
def test_what_ended_stays_ended_when_somebody_signs_in_at_home_again(house: House) -> None:
    on = Opened.build(house)
    home_disabled_and_enabled(on)
    party = Party(house.world, house.client)
    answer = on.browser.authorize(house.client, organization=house.outer.slug)
    answer = on.browser.follow(on.browser.sign_in(answer, on.home))
    assert house.sub(answer) == on.guest.id
    assert party.introspect(on.tokens["access_token"]).json == {"active": False}
    assert party.refresh(on.tokens["refresh_token"]).status_code == 400


def test_signing_out_at_home_ends_the_guest_and_not_the_other_way_round(house: House) -> None:
    on = Opened.build(house)
    page = on.browser.follow(on.browser.authorize(house.client, prompt="select_account"))
    home_session, guest_session = endable(page)
    press(on.browser, page, sign_out=guest_session)
    assert is_in(on.browser, on.home)
    assert house.outer.slug not in on.browser.get("/").text
    choose(on.browser, on.browser.authorize(house.client, prompt="select_account"), on.guest)
    page = on.browser.follow(on.browser.authorize(house.client, prompt="select_account"))
    press(on.browser, page, sign_out=home_session)
    assert not is_in(on.browser, on.guest)


def test_a_guest_account_has_no_password_of_its_own(house: House) -> None:
    on = Opened.build(house)
    narrow = house.world.client(house.outer, first_party=True)
    browser = Browser(house.world)
    services, guest = house.world.services, on.guest
    hashed = services.hasher.hash("Guests-Horse-8")
    actor = replace(house.world.operator, principal=guest.tenant.id)
    with pytest.raises(Conflict):
        services.database.write(
            lambda tx: services.accounts.set_password(
                tx, guest.tenant.id, user_id=guest.id, password_hash=hashed, actor=actor
            )
        )
    # Nor does one that got there otherwise, by an import or a restored copy, open anything.
    slipped_in = update(User).where(User.id == guest.id).values(password_hash=hashed)
    services.database.write(lambda tx: tx.tenant(guest.tenant.id).execute(slipped_in))
    page = browser.follow(browser.authorize(narrow))
    refused = browser.submit(page, email=guest.email, password="Guests-Horse-8")
    assert refused.status_code == 401, "only the one at home opens it"


def test_a_guest_is_no_way_around_the_demand_of_its_tenant(house: House) -> None:
    """Not by what was opened before the rule, nor by a flow that chose it before."""
    on = Opened.build(house)
    house.world.clock.move(seconds=5)
    page = on.browser.follow(on.browser.authorize(house.client, prompt="select_account"))
    going = press(on.browser, page, account=on.guest.id)
    house.require_mfa(house.outer)
    assert where(on.browser.follow(going)) == "/login/password"
    silent = on.browser.authorize(house.client, organization=house.outer.slug, prompt="none")
    assert answered(silent)["error"] == "login_required"
