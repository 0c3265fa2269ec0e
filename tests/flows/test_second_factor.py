"""Sign-ins with a second factor, as people go through them."""

from base64 import urlsafe_b64decode
from dataclasses import replace
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from authserver.mfa.service import SecondFactors
from authserver.tenants.policy import TenantPolicy
from tests.support.authenticator import App, Owner, codes_on, halfway, secret_on, where
from tests.support.browser import Browser, Party, answered
from tests.support.trail import events
from tests.support.world import ClientFixture, TenantFixture, World

MFA, PASSWORD = "urn:authserver:acr:mfa", "urn:authserver:acr:password"


@pytest.fixture
def tenant(world: World) -> TenantFixture:
    return world.tenant()


@pytest.fixture
def client(world: World, tenant: TenantFixture) -> ClientFixture:
    return world.client(tenant)


@pytest.fixture
def owner(world: World, client: ClientFixture) -> Owner:
    return Owner(world, client)


def said_of(world: World, client: ClientFixture, answer: TestResponse) -> dict[str, Any]:
    """Redeem the code of an answer; return the claims of the ID token."""
    token = Party(world, client).redeem(answered(answer)["code"]).json["id_token"]
    body = token.split(".")[1]
    return dict(orjson.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def require(world: World, tenant: TenantFixture, *, required: bool = True) -> None:
    """Make a second factor mandatory in a tenant."""
    policy = TenantPolicy(mfa_required=required)
    world.services.database.write(
        lambda tx: world.services.tenants.set_policy(tx, tenant.slug, policy, actor=world.operator)
    )
    world.services.watch.changed()


def test_first_sign_in_where_a_second_factor_is_required(
    world: World, tenant: TenantFixture, client: ClientFixture
) -> None:
    require(world, tenant)
    person, browser = world.user(tenant), Browser(world)
    page = halfway(browser, client, person)
    assert page.request.path == "/login/mfa/setup"
    app = App(world, secret_on(page))
    refused = browser.submit(page, code=app.wrong())
    assert refused.status_code == 401
    assert secret_on(refused) == app.secret, "the same picture, so that a second try can succeed"
    answer = browser.follow(browser.submit(refused, code=app.code()))
    assert where(answer) == "/login/mfa/codes"
    shown = browser.follow(answer)
    assert len(codes_on(shown)) == 10
    unconfirmed = browser.submit(shown)
    assert unconfirmed.status_code == 400
    assert codes_on(unconfirmed) == codes_on(shown)
    flow = shown.request.args["flow"]
    file = browser.get("/login/mfa/codes", query_string={"flow": flow, "as": "file"})
    assert file.mimetype == "text/plain"
    assert "attachment" in file.headers["Content-Disposition"]
    assert all(code in file.text for code in codes_on(shown))
    answer = browser.follow(browser.submit(shown, kept="yes"))
    assert where(answer) == "/login/consent"
    done = browser.follow(browser.submit(browser.follow(answer), decision="allow"))
    said = said_of(world, client, done)
    assert (said["acr"], said["amr"]) == (MFA, ["pwd", "otp", "mfa"])


def test_who_has_a_factor_is_asked_for_it_everywhere(world: World, owner: Owner) -> None:
    browser = Browser(world)
    answer = owner.sign_in(browser)
    said = said_of(world, owner.client, answer)
    assert (said["acr"], said["amr"]) == (MFA, ["pwd", "otp", "mfa"])
    assert where(browser.authorize(owner.client)) == "client", "signed in: nothing more is asked"


def test_a_backup_code_stands_in_and_tells_by_mail(world: World, owner: Owner) -> None:
    browser = Browser(world)
    page = owner.at_the_code(browser)
    flow = page.request.args["flow"]
    page = browser.get("/login/mfa", query_string={"flow": flow, "method": "backup_code"})
    typed = owner.codes[0].upper().replace("-", " ")
    answer = browser.follow(browser.submit(page, code=typed))
    assert where(answer) in {"/login/consent", "client"}
    (event,) = events(world, owner.user.tenant.id, "backup_code.used")
    assert event.document["facts"] == {"left": 9}


def test_the_last_backup_code_brings_new_ones(world: World, owner: Owner) -> None:
    for number, code in enumerate(owner.codes):
        browser = Browser(world)
        page = owner.at_the_code(browser)
        if page.request.path == "/login/mfa" and number and number % 4 == 0:
            world.clock.move(hours=2)
            browser = Browser(world)
            page = owner.at_the_code(browser)
        answer = browser.follow(browser.submit(page, code=code, method="backup_code"))
    assert where(answer) == "/login/mfa/codes"
    fresh = codes_on(browser.follow(answer))
    assert len(fresh) == 10
    assert not set(fresh) & set(owner.codes)
    # Never confirmed: they do not count, and the next sign-in shows others.
    other = Browser(world)
    page = owner.at_the_code(other)
    assert other.submit(page, code=fresh[0], method="backup_code").status_code == 401


def test_step_up_by_acr_values(world: World, tenant: TenantFixture, client: ClientFixture) -> None:
    person, browser = world.user(tenant), Browser(world)
    assert said_of(world, client, browser.complete(client, person))["acr"] == PASSWORD
    refused = answered(browser.authorize(client, prompt="none", acr_values=MFA))
    assert refused["error"] == "login_required"
    asked = browser.authorize(client, acr_values=f"urn:unknown {MFA}")
    assert where(asked) == "/login/password", "a second factor is set up after the password only"
    page = browser.follow(browser.follow(browser.sign_in(asked, person)))
    assert page.request.path == "/login/mfa/setup"
    app = App(world, secret_on(page))
    shown = browser.follow(browser.follow(browser.submit(page, code=app.code())))
    answer = browser.follow(browser.submit(shown, kept="yes"))
    said = said_of(world, client, answer)
    assert (said["acr"], said["amr"]) == (MFA, ["pwd", "otp", "mfa"])
    assert "error" not in answered(browser.authorize(client, prompt="none", acr_values=MFA))


@pytest.mark.parametrize("wish", [{"prompt": "login"}, {"max_age": "60"}])
def test_signing_in_again_takes_both_factors_again(
    world: World, owner: Owner, wish: dict[str, str]
) -> None:
    browser = Browser(world)
    owner.sign_in(browser)
    world.clock.move(minutes=5)
    before = world.clock.now()
    page = owner.at_the_code(browser, **wish)
    assert page.request.path == "/login/mfa"
    world.clock.move(minutes=2)
    answer = browser.follow(browser.submit(page, code=owner.app.code()))
    said = said_of(world, owner.client, answer)
    assert said["auth_time"] == int(world.clock.now().timestamp())
    assert said["auth_time"] - int(before.timestamp()) == 120


def test_requiring_it_ends_what_was_had_with_a_password(
    world: World, tenant: TenantFixture, client: ClientFixture
) -> None:
    person, browser = world.user(tenant), Browser(world)
    party = Party(world, client)
    tokens = party.redeem(browser.code(client, person)).json
    waiting = answered(browser.authorize(client))["code"]
    require(world, tenant)
    assert party.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"
    assert party.redeem(waiting).json["error"] == "invalid_grant"
    assert not party.introspect(tokens["access_token"]).json["active"]
    assert where(browser.authorize(client)) == "/login/password"
    require(world, tenant, required=False)
    assert party.refresh(tokens["refresh_token"]).json["error"] == "invalid_grant"


def test_a_level_one_session_that_slipped_through_is_none(
    world: World, tenant: TenantFixture, client: ClientFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if it had been asked whether a factor is due just before the rule was made."""
    person, browser = world.user(tenant), Browser(world)
    asked = browser.follow(browser.authorize(client))
    require(world, tenant)
    monkeypatch.setattr(SecondFactors, "is_due", lambda *_asked: False)
    back = browser.sign_in(asked, person)
    assert "__Host-as-session" in str(back.headers)
    assert where(browser.follow(back)) == "/login/password"
    assert answered(browser.authorize(client, prompt="none"))["error"] == "login_required"


def test_a_browser_is_known_only_after_the_second_factor(world: World, owner: Owner) -> None:
    browser = Browser(world)
    page = owner.at_the_code(browser)
    assert browser.http.get_cookie("__Host-as-device", "auth.example") is None
    browser.submit(page, code=owner.app.code())
    assert browser.http.get_cookie("__Host-as-device", "auth.example") is not None
    assert browser.http.get_cookie("__Host-as-partial", "auth.example") is None


def test_an_operator_resets_the_factors(world: World, owner: Owner) -> None:
    browser, user = Browser(world), owner.user
    tokens = Party(world, owner.client).redeem(answered(owner.sign_in(browser))["code"]).json
    halfway_there = Browser(world)
    page = owner.at_the_code(halfway_there)
    world.services.database.write(
        lambda tx: world.services.factors.reset(
            tx,
            user.tenant.id,
            user.id,
            by=replace(world.operator, principal=user.tenant.id),
            reason="lost phone",
        )
    )
    refused = Party(world, owner.client).refresh(tokens["refresh_token"])
    assert refused.json["error"] == "invalid_grant"
    assert where(browser.authorize(owner.client)) == "/login/password"
    assert where(halfway_there.submit(page, code=owner.app.code())) == "/oauth/authorize"
    again = Browser(world)
    back = again.sign_in(again.authorize(owner.client), user)
    assert "__Host-as-session" in str(back.headers), "optional, and there is no factor any more"
    assert len(events(world, user.tenant.id, "factors.reset")) == 1
