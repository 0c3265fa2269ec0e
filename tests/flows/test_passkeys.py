"""Sign-ins with passkeys, as people go through them."""

from typing import Any

import pytest

from tests.flows.test_second_factor import MFA, require, said_of
from tests.support.authenticator import Owner, codes_on, halfway, where
from tests.support.browser import Browser
from tests.support.passkeys import (
    ALONE,
    EDDSA,
    ES256,
    RS256,
    SECOND,
    SET_UP,
    Holder,
    SoftKey,
    ask,
    options,
    send,
)
from tests.support.trail import events
from tests.support.world import ClientFixture, TenantFixture, World


@pytest.fixture
def tenant(world: World) -> TenantFixture:
    return world.tenant()


@pytest.fixture
def client(world: World, tenant: TenantFixture) -> ClientFixture:
    return world.client(tenant)


@pytest.fixture
def holder(world: World, client: ClientFixture) -> Holder:
    return Holder(world, client)


def to_the_client(browser: Browser, answer: Any) -> Any:
    """Follow what comes after the last factor, and allow what is asked."""
    answer = browser.follow(answer)
    if where(answer) == "/login/consent":
        answer = browser.follow(browser.submit(browser.follow(answer), decision="allow"))
    assert where(answer) == "client"
    return answer


def test_first_sign_in_where_a_second_factor_is_required_makes_a_passkey(
    world: World, tenant: TenantFixture, client: ClientFixture
) -> None:
    require(world, tenant)
    person, browser, key = world.user(tenant), Browser(world), SoftKey()
    page = halfway(browser, client, person)
    assert "/login/mfa/passkey-setup" in page.text, "the app is not the only way"
    offered = options(browser, page, SET_UP)
    assert offered["rp"] == {"name": f"Tenant {tenant.slug}", "id": "auth.example"}
    assert offered["user"]["name"] == person.email
    assert person.id not in str(offered)
    assert offered["attestation"] == "none"
    assert [one["alg"] for one in offered["pubKeyCredParams"]] == [ES256, EDDSA, RS256]
    chosen = offered["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")
    answer = browser.follow(send(browser, page, SET_UP, key.create(offered)))
    assert where(answer) == "/login/mfa/codes"
    shown = browser.follow(answer)
    assert len(codes_on(shown)) == 10
    done = to_the_client(browser, browser.submit(shown, kept="yes"))
    said = said_of(world, client, done)
    assert (said["acr"], said["amr"]) == (MFA, ["pwd", "swk", "user", "mfa"])


@pytest.mark.parametrize(("synced", "kind"), [(True, "swk"), (False, "hwk")])
@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
def test_a_passkey_alone_is_two_factors(
    world: World, client: ClientFixture, algorithm: int, kind: str, *, synced: bool
) -> None:
    holder = Holder(world, client, SoftKey(algorithm, synced=synced))
    browser = Browser(world)
    page = holder.at_the_page(browser)
    asked = options(browser, page, ALONE)
    assert asked["rpId"] == "auth.example"
    assert asked["userVerification"] == "required"
    assert not asked.get("allowCredentials"), "nobody is known yet"
    done = to_the_client(browser, send(browser, page, ALONE, holder.key.get(asked)))
    said = said_of(world, client, done)
    assert (said["acr"], said["amr"]) == (MFA, [kind, "user", "mfa"])
    assert said["auth_time"] == int(world.clock.now().timestamp())
    assert where(browser.authorize(client, acr_values=MFA, prompt="none")) == "client"
    assert browser.http.get_cookie("__Host-as-device", "auth.example") is not None
    facts = [one.document["facts"] for one in events(world, client.tenant.id, "sign_in.succeeded")]
    assert facts[-1] == {"second_factor": "passkey"}


def test_who_has_a_passkey_is_asked_for_it_after_the_password(world: World, holder: Holder) -> None:
    browser = Browser(world)
    page = holder.at_the_factor(browser)
    assert page.request.path == SECOND
    asked = options(browser, page, SECOND)
    assert len(asked["allowCredentials"]) == 1
    done = to_the_client(browser, send(browser, page, SECOND, holder.key.get(asked)))
    said = said_of(world, holder.client, done)
    assert (said["acr"], said["amr"]) == (MFA, ["pwd", "swk", "user", "mfa"])


def test_a_security_key_need_not_say_whose_it_is_after_the_password(
    world: World, holder: Holder
) -> None:
    browser = Browser(world)
    page = holder.at_the_factor(browser)
    holder.key.handle = None
    made = holder.key.get(options(browser, page, SECOND))
    assert send(browser, page, SECOND, made).status_code == 303


def test_a_backup_code_stands_in_for_a_passkey(world: World, holder: Holder) -> None:
    browser = Browser(world)
    page = holder.at_the_factor(browser)
    assert "Use the authenticator app instead" not in page.text
    other = browser.get(
        "/login/mfa", query_string={"flow": page.request.args["flow"], "method": "backup_code"}
    )
    assert "Use a passkey instead" in other.text
    assert "Use the authenticator app instead" not in other.text
    answer = browser.submit(other, code=codes_on(holder.codes_page)[0])
    said = said_of(world, holder.client, to_the_client(browser, answer))
    assert said["amr"] == ["pwd", "otp", "mfa"]


def test_who_has_an_app_and_a_passkey_may_choose(world: World, client: ClientFixture) -> None:
    owner = Owner(world, client)
    page = owner.at_the_code()
    assert page.request.path == "/login/mfa"
    assert "Use a passkey instead" not in page.text
    assert ask(Browser(world), page, SECOND).status_code in {303, 400}


def test_a_passkey_signs_in_to_the_account_pages(world: World, holder: Holder) -> None:
    browser = Browser(world)
    page = browser.follow(browser.get("/account/security"))
    answer = send(browser, page, ALONE, holder.key.get(options(browser, page, ALONE)))
    assert answer.headers["Location"] == "/account/security"
    assert holder.user.email in browser.follow(answer).text


def test_the_sign_in_page_offers_passkeys_to_browsers_that_can(
    world: World, client: ClientFixture
) -> None:
    browser = Browser(world)
    page = browser.follow(browser.authorize(client)).text
    assert 'autocomplete="username webauthn"' in page
    assert 'data-passkey="get"' in page
    assert "js/passkeys.js" in page


def test_the_password_lockout_is_none_for_passkeys(world: World, holder: Holder) -> None:
    for _ in range(6):
        stranger = Browser(world)
        stranger.sign_in(stranger.authorize(holder.client), holder.user, password="Wrong-Horse-7")
    assert len(events(world, holder.user.tenant.id, "account.locked")) == 1
    assert where(holder.sign_in(Browser(world))) == "/oauth/authorize"


def test_an_operator_takes_passkeys_away_too(world: World, holder: Holder) -> None:
    gone = world.services.database.write(
        lambda tx: world.services.factors.reset(
            tx, holder.user.tenant.id, holder.user.id, by=world.operator, reason="lost phone"
        )
    )
    assert (gone.authenticators, gone.passkeys) == (0, 1)
    assert holder.sign_in(Browser(world)).status_code == 401
    browser = Browser(world)
    back = browser.sign_in(browser.authorize(holder.client), holder.user)
    assert "__Host-as-session" in str(back.headers)
