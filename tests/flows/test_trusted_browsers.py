"""A browser that its owner trusts: there a password is enough for a while, and says no more."""

from contextlib import nullcontext

import pytest
from werkzeug.test import TestResponse

from authserver.audit.events import EventType
from authserver.core.crypto import DecryptionError, Place
from authserver.core.problems import Problem
from authserver.mfa.models import TrustedBrowser
from authserver.tenants.policy import UnfitPolicy
from tests.support.account import FIREFOX, IPHONE, url
from tests.support.authenticator import where
from tests.support.browser import Browser, Party, answered
from tests.support.factors import MFA, Keeper, set_policy
from tests.support.trail import events
from tests.support.world import World

COOKIE = "__Host-as-trust"
DAYS = 7


@pytest.fixture
def keeper(world: World) -> Keeper:
    tenant = world.tenant()
    set_policy(world, tenant, trusted_device_days=DAYS)
    one = Keeper(world, tenant)
    one.add()
    return one


def at_the_code(keeper: Keeper, browser: Browser, page: str = "overview") -> TestResponse:
    """Sign in with the password; return the page that comes next."""
    return browser.follow(browser.sign_in(browser.get(url(page)), keeper.user))


def trusted(keeper: Keeper, user_agent: str = FIREFOX) -> Browser:
    """Return a browser that the person trusts, signed out."""
    browser = Browser(keeper.world)
    browser.http.environ_base.update(HTTP_USER_AGENT=user_agent)
    assert keeper.sign_in(browser, trust="yes").status_code == 200
    sign_out(browser)
    return browser


def sign_out(browser: Browser) -> None:
    browser.submit(browser.get("/login/logout"))


def asks(keeper: Keeper, browser: Browser) -> bool:
    """Tell whether a sign-in in the browser takes a code."""
    return at_the_code(keeper, browser).request.path == "/login/mfa"


def test_the_page_for_the_code_offers_it_only_where_the_tenant_allows_it(
    world: World, keeper: Keeper
) -> None:
    page = at_the_code(keeper, Browser(world))
    assert "Trust this device for 7 days" in page.text
    assert 'name="trust" type="checkbox" value="yes"' in page.text
    assert "checked" not in page.text
    backup = Browser(world)
    at_the_code(keeper, backup)
    other = backup.get("/login/mfa", query_string={"to": "overview", "method": "backup_code"})
    assert "Trust this device" not in other.text
    strict = Keeper(world)
    strict.add()
    assert "Trust this device" not in at_the_code(strict, Browser(world)).text


def test_a_trusted_browser_signs_in_with_the_password(world: World, keeper: Keeper) -> None:
    browser = trusted(keeper)
    assert not asks(keeper, browser)
    assert keeper.is_in(browser)
    assert asks(keeper, Browser(world)), "any other browser does not"
    (given,) = events(world, keeper.tenant.id, EventType.TRUST_GIVEN)
    (used,) = events(world, keeper.tenant.id, EventType.TRUST_USED)
    assert given.document["facts"] == {"days": DAYS}
    assert given.document["resource"] == used.document["resource"]


def test_without_the_tick_nothing_is_trusted(world: World, keeper: Keeper) -> None:
    browser = Browser(world)
    keeper.sign_in(browser)
    assert browser.http.get_cookie(COOKIE, "auth.example") is None
    sign_out(browser)
    assert asks(keeper, browser)


def test_the_password_is_always_asked_for(keeper: Keeper) -> None:
    browser = trusted(keeper)
    assert where(browser.get("/account")) == "/login/password"
    refused = browser.sign_in(browser.get("/account"), keeper.user, password="Wrong-Horse-7")
    assert refused.status_code == 401
    assert not keeper.is_in(browser)


def test_what_a_client_is_told_is_true(world: World, keeper: Keeper) -> None:
    client, browser = world.client(keeper.tenant), trusted(keeper)
    party = Party(world, client)
    code = browser.code(client, keeper.user)
    claims = party.introspect(party.redeem(code).json["access_token"]).json
    assert claims["acr"] == "urn:authserver:acr:password"
    assert claims["amr"] == ["pwd"]


def test_trust_ends_after_the_promised_days(world: World, keeper: Keeper) -> None:
    browser = trusted(keeper)
    world.clock.move(days=DAYS, seconds=-60)
    assert not asks(keeper, browser)
    sign_out(browser)
    world.clock.move(seconds=61)
    assert asks(keeper, browser), "its use has not prolonged it"


@pytest.mark.parametrize("days", [0, 3, 30])
def test_another_number_of_days_shortens_and_never_prolongs(
    world: World, keeper: Keeper, days: int
) -> None:
    browser = trusted(keeper)
    set_policy(world, keeper.tenant, trusted_device_days=days)
    world.clock.move(days=2)
    assert asks(keeper, browser) == (days == 0)
    world.clock.move(days=2)
    assert asks(keeper, browser) == (days in {0, 3})
    world.clock.move(days=4)
    assert asks(keeper, browser)


def test_what_was_trusted_before_the_option_was_off_stays_void(
    world: World, keeper: Keeper
) -> None:
    browser = trusted(keeper)
    for days in (0, DAYS):
        world.clock.move(seconds=1)
        set_policy(world, keeper.tenant, trusted_device_days=days)
    assert asks(keeper, browser)
    assert "No device is trusted" in keeper.elsewhere().get(url("security")).text


def test_it_is_listed_and_ended_by_its_owner(world: World, keeper: Keeper) -> None:
    browser = trusted(keeper)
    keeper.browser = Browser(world)
    keeper.sign_in(keeper.browser)
    page = keeper.get("security").text
    assert "Trusted devices" in page
    about = page.partition("/account/factors/trust?about=")[2].partition('"')[0]
    question = keeper.get("end_trust", about=about)
    assert "Trust Firefox on Linux no more?" in question.text
    assert 'href="/account/security"' in question.text
    assert where(keeper.browser.submit(question)) == url("security")
    assert asks(keeper, browser)
    assert keeper.browser.submit(question).status_code == 404
    assert keeper.get("end_trust", about=about).status_code == 404
    assert len(events(world, keeper.tenant.id, EventType.TRUST_ENDED)) == 1


def test_the_present_browser_is_marked(keeper: Keeper) -> None:
    browser = trusted(keeper)
    at_the_code(keeper, browser)
    section = browser.get(url("security")).text.partition('id="trust-title"')[2]
    assert "This browser" in section.partition("</section>")[0]


def test_they_are_listed_by_name_with_their_symbols(keeper: Keeper) -> None:
    trusted(keeper, FIREFOX)
    trusted(keeper, IPHONE)
    trusted(keeper, "")
    page = keeper.elsewhere().get(url("security")).text
    section = page.partition('id="trust-title"')[2].partition("</section>")[0]
    rows = section.split('class="row"')[1:]
    for row, name, symbol in zip(
        rows,
        ("Unknown device", "Safari on iOS", "Firefox on Linux"),
        ("monitor", "smartphone", "monitor"),
        strict=True,
    ):
        assert f"<bdi>{name}</bdi>" in row
        assert f"icons.svg#{symbol}" in row
        assert f"End the trust in {name}" in row
        assert "Trusted since" in row


def test_the_device_is_kept_encrypted_under_its_own_row(world: World, keeper: Keeper) -> None:
    trusted(keeper, FIREFOX)
    trusted(keeper, IPHONE)
    with world.services.database.read() as view:
        first, second = view.tenant(keeper.tenant.id).query(TrustedBrowser).all()
        assert first.device is not None
        assert b"Firefox" not in first.device
        for one, place in ((first, first), (first, second)):
            where_it_stands = Place("trusted_browsers", "device", place.id)
            with nullcontext() if one is place else pytest.raises(DecryptionError):
                world.services.keyring.decrypt(one.device, where_it_stands)


def test_two_people_of_a_browser_trust_it_each_for_themselves(world: World, keeper: Keeper) -> None:
    other = Keeper(world, keeper.tenant)
    other.add()
    browser = trusted(keeper)
    assert asks(other, browser)
    other.sign_in(browser, "overview", trust="yes")
    sign_out(browser)
    for one in (keeper, other, keeper):
        assert not asks(one, browser)
        sign_out(browser)


def test_trust_is_given_even_if_new_backup_codes_come_between(world: World, keeper: Keeper) -> None:
    for code in keeper.codes:
        one = Browser(world)
        one.submit(at_the_code(keeper, one), code=code, method="backup_code")
    browser = Browser(world)
    form = at_the_code(keeper, browser)
    shown = browser.follow(browser.submit(form, code=keeper.app.code(), trust="yes"))
    if shown.request.path == "/login/mfa/codes":
        browser.submit(shown, kept="yes")
    world.clock.move(seconds=30)
    sign_out(browser)
    assert not asks(keeper, browser)


def test_a_client_that_asks_for_more_gets_more(world: World, keeper: Keeper) -> None:
    client, browser = world.client(keeper.tenant), trusted(keeper)
    browser.code(client, keeper.user)
    asked = browser.authorize(client, acr_values=MFA)
    form = browser.follow(browser.follow(browser.sign_in(asked, keeper.user)))
    assert form.request.path == "/login/mfa"
    back = browser.submit(form, code=keeper.app.code())
    code = answered(browser.follow(back))["code"]
    party = Party(world, client)
    claims = party.introspect(party.redeem(code).json["access_token"]).json
    assert claims["acr"] == MFA


def test_a_mandatory_factor_and_trust_exclude_each_other(world: World, keeper: Keeper) -> None:
    browser = trusted(keeper)
    set_policy(world, keeper.tenant, mfa_required=True)
    assert asks(keeper, browser)
    assert "Trust this device" not in at_the_code(keeper, browser).text
    with pytest.raises(UnfitPolicy):
        set_policy(world, keeper.tenant, trusted_device_days=DAYS)
    with pytest.raises(UnfitPolicy):
        set_policy(world, keeper.tenant, mfa_required=True, trusted_device_days=DAYS)
    set_policy(world, keeper.tenant, mfa_required=False)
    assert asks(keeper, browser), "loosening the rule brings nothing back"
    set_policy(world, keeper.tenant, trusted_device_days=DAYS)
    assert asks(keeper, browser)
    (first, second, *_) = events(world, keeper.tenant.id, EventType.TENANT_CHANGED)
    assert first.document["after"] == {"trusted_device_days": DAYS}
    assert second.document["after"] == {"mfa_required": True, "trusted_device_days": None}


@pytest.mark.parametrize("days", [-1, 31, 3650])
def test_no_device_is_trusted_for_longer_than_a_month(
    world: World, keeper: Keeper, days: int
) -> None:
    with pytest.raises(Problem):
        set_policy(world, keeper.tenant, trusted_device_days=days)
