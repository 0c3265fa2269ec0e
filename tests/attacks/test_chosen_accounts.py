"""The account chooser and guest accounts: nobody gets a code, or a token, for another account."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from authserver.tenants.service import TenantPolicy
from tests.support.authenticator import where
from tests.support.browser import Browser, Party, answered, hidden
from tests.support.chooser import CHOOSER, House, choose, endable, offered, press, signed_in
from tests.support.world import UserFixture, World

FLOW = "__Host-as-flow"


@pytest.fixture
def house(world: World) -> House:
    return House.build(world)


@pytest.fixture
def ada(house: House) -> UserFixture:
    return house.world.user(house.inner)


@pytest.fixture
def bob(house: House) -> UserFixture:
    return house.world.user(house.outer)


@pytest.fixture
def browser(house: House, ada: UserFixture, bob: UserFixture) -> Browser:
    return signed_in(house.world, ada, bob)


def is_in(browser: Browser, person: UserFixture) -> bool:
    """Tell whether somebody is still signed in in a browser."""
    return person.email in browser.get("/").text


@pytest.mark.attack("ATK-064")
def test_an_account_of_another_browser_cannot_be_chosen(house: House, browser: Browser) -> None:
    victim = house.world.user(house.other)
    signed_in(house.world, victim)
    page = browser.follow(browser.authorize(house.client))
    answer = press(browser, page, account=victim.id)
    assert answer.status_code == 409
    assert victim.email not in answer.text
    nonsense = press(browser, page, account="usr_nobody")
    assert nonsense.status_code == 409
    assert where(browser.get(f"/oauth/authorize?flow={hidden(page)['flow']}")) == CHOOSER


@pytest.mark.attack("ATK-064")
def test_a_session_of_another_browser_cannot_be_ended(house: House, browser: Browser) -> None:
    victim = house.world.user(house.other)
    theirs = signed_in(house.world, victim)
    (session,) = endable(theirs.follow(theirs.authorize(house.client, prompt="select_account")))
    page = browser.follow(browser.authorize(house.client))
    assert press(browser, page, sign_out=session).status_code == 409
    assert is_in(theirs, victim)


@pytest.mark.attack("ATK-064")
def test_an_account_that_the_client_does_not_serve_cannot_be_chosen(
    house: House, browser: Browser, ada: UserFixture, bob: UserFixture
) -> None:
    narrow = house.world.client(house.outer, first_party=True)
    page = browser.follow(browser.authorize(narrow, prompt="select_account"))
    assert press(browser, page, account=ada.id).status_code == 409
    assert offered(page) == [bob.id]
    other = browser.authorize(house.client, organization=house.outer.slug, prompt="select_account")
    assert press(browser, browser.follow(other), account=ada.id).status_code == 409


def test_what_was_chosen_and_then_signed_out_is_replaced_by_nobody(
    house: House, browser: Browser, ada: UserFixture, bob: UserFixture
) -> None:
    house.client = house.world.client(house.inner, serves=["*"])
    page = browser.follow(choose(browser, browser.authorize(house.client), ada))
    assert page.request.path == "/login/consent"
    again = browser.follow(browser.authorize(house.client, prompt="select_account"))
    press(browser, again, sign_out=endable(again)[offered(again).index(ada.id)])
    answer = browser.follow(browser.submit(page, decision="allow"))
    assert where(answer) == CHOOSER, "Bob is the only one left, and was not chosen"
    assert offered(browser.follow(answer)) == [bob.id]


@pytest.mark.attack("ATK-059")
def test_what_was_chosen_and_then_disabled_gives_no_code(
    house: House, browser: Browser, ada: UserFixture, bob: UserFixture
) -> None:
    page = browser.follow(browser.authorize(house.client))
    going = press(browser, page, account=ada.id)
    house.world.disable(ada)
    answer = browser.follow(going)
    assert where(answer) == CHOOSER
    assert offered(browser.follow(answer)) == [bob.id]


@pytest.mark.attack("ATK-059")
def test_what_is_disabled_while_the_chooser_is_open_cannot_be_chosen(
    house: House, browser: Browser, ada: UserFixture
) -> None:
    page = browser.follow(browser.authorize(house.client))
    house.world.disable(ada)
    assert press(browser, page, account=ada.id).status_code == 409


@pytest.mark.attack("ATK-064")
def test_a_choice_that_another_browser_remembers_means_nothing_here(
    house: House, browser: Browser, ada: UserFixture, bob: UserFixture
) -> None:
    choose(browser, browser.authorize(house.client), ada)
    other = signed_in(house.world, ada, bob)
    other.authorize(house.client)
    kept = {}
    for one in (browser, other):
        with one.http.session_transaction(base_url="https://auth.example") as flow:
            kept[one] = dict(flow)
    with other.http.session_transaction(base_url="https://auth.example") as flow:
        flow["used"] = kept[browser]["used"]
    assert kept[browser]["browser"] != kept[other]["browser"]
    assert where(other.authorize(house.client)) == CHOOSER


@pytest.mark.attack("ATK-064")
def test_the_cookie_that_remembers_names_nobody(
    house: House, browser: Browser, ada: UserFixture
) -> None:
    choose(browser, browser.authorize(house.client), ada)
    with browser.http.session_transaction(base_url="https://auth.example") as flow:
        said = str(dict(flow))
    for secret in (ada.email, ada.id, house.client.id, house.inner.slug):
        assert secret not in said
    cookie = browser.http.get_cookie(FLOW, "auth.example")
    browser.http.set_cookie(FLOW, f"{cookie.value}x", domain="auth.example", secure=True)
    assert where(browser.authorize(house.client)) == CHOOSER, "a changed cookie is none"


def test_a_remembered_account_that_is_gone_is_replaced_by_nobody(
    house: House, browser: Browser, ada: UserFixture
) -> None:
    eve = house.world.user(house.other)
    browser.sign_in(browser.get("/login/password?to=overview"), eve)
    choose(browser, browser.authorize(house.client), ada)
    house.world.disable(ada)
    assert where(browser.authorize(house.client)) == CHOOSER
    silent = browser.authorize(house.client, prompt="none")
    assert answered(silent)["error"] == "account_selection_required"


@pytest.mark.attack("ATK-064")
def test_the_choosers_form_needs_its_token_and_its_browser(
    house: House, browser: Browser, ada: UserFixture
) -> None:
    page = browser.follow(browser.authorize(house.client))
    flow = hidden(page)["flow"]
    bare = browser.post(CHOOSER, data={"flow": flow, "account": ada.id})
    assert bare.status_code == 400
    other = signed_in(house.world, ada)
    assert other.get(f"{CHOOSER}?flow={flow}").status_code == 400
    cross = browser.post(
        CHOOSER,
        data={**hidden(page), "account": ada.id},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert cross.status_code == 403
    assert where(browser.get(f"/oauth/authorize?flow={flow}")) == CHOOSER


def test_a_sign_in_for_a_chosen_account_is_nobody_elses(
    house: House, browser: Browser, ada: UserFixture, bob: UserFixture
) -> None:
    house.world.clock.move(seconds=5)
    answer = browser.authorize(house.client, prompt="login select_account")
    page = browser.follow(choose(browser, answer, ada))
    fields = {"email": bob.email, "organization": house.outer.slug, "password": "Wrong-Horse-7"}
    assert browser.submit(page, **fields).status_code == 401
    back = browser.submit(page, **{**fields, "password": ada.password})
    assert house.sub(browser.follow(back)) == ada.id


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
        lambda tx: services.factors.reset(tx, home.tenant.id, home.id, by=actor)
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
    actor = replace(house.world.operator, principal=guest.tenant.id)
    services.database.write(
        lambda tx: services.accounts.set_password(
            tx,
            guest.tenant.id,
            user_id=guest.id,
            password_hash=services.hasher.hash("Guests-Horse-8"),
            actor=actor,
        )
    )
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
