"""Walking around the second factor: the password alone gives nothing."""

import pytest

from tests.attacks.factors import MFA, SESSION, has_session
from tests.support.authenticator import App, Owner, halfway, secret_on, where
from tests.support.browser import Browser, Party, answered, hidden
from tests.support.rules import every_rule
from tests.support.world import ClientFixture, World


def everything(browser: Browser, flow: str, client: ClientFixture) -> dict[str, object]:
    """Try every URL of the server with what the browser has."""
    tried: dict[str, object] = {}
    app = browser.world.app
    for rule in every_rule(app):
        if rule.arguments or rule.rule == "/login/logout":
            continue
        for method in sorted({"GET", "POST"} & (rule.methods or set())):
            form = {
                "flow": flow,
                "csrf_token": token_of(browser),
                "decision": "allow",
                "kept": "yes",
            }
            query = {"flow": flow}
            tried[f"{method} {rule.rule}"] = (
                browser.get(rule.rule, query_string=query)
                if method == "GET"
                else browser.post(rule.rule, data=form)
            )
    for prompt in (None, "none"):
        tried[f"authorize {prompt}"] = browser.authorize(client, prompt=prompt)
    return tried


def token_of(browser: Browser) -> str:
    return hidden(browser.get("/login/logout"))["csrf_token"]


@pytest.mark.attack("ATK-077")
@pytest.mark.attack("ATK-080")
@pytest.mark.parametrize("stage", ["code", "set-up"])
def test_with_only_the_password_done_no_url_gives_anything(
    world: World, owner: Owner, client: ClientFixture, stage: str
) -> None:
    browser = Browser(world)
    if stage == "code":
        page = owner.at_the_code(browser)
        person = owner.user
    else:
        person = world.user(client.tenant)
        page = halfway(browser, client, person, acr_values=MFA)
    flow = page.request.args["flow"]
    for name, answer in everything(browser, flow, client).items():
        location = answer.headers.get("Location", "")
        assert "code=" not in location, name
        assert SESSION not in str(answer.headers), name
        assert "access_token" not in answer.text, name
    assert not has_session(browser)
    assert person.email not in browser.get("/").text
    assert answered(browser.authorize(client, prompt="none"))["error"] == "login_required"
    assert where(browser.get("/oauth/authorize", query_string={"flow": flow})).startswith(
        "/login/mfa"
    )


@pytest.mark.every_database
@pytest.mark.attack("ATK-077")
def test_the_state_before_the_factor_is_no_session_by_any_name(world: World, owner: Owner) -> None:
    """Its cookie's value, presented as a session, as a device, as a token."""
    browser = Browser(world)
    owner.at_the_code(browser)
    value = browser.http.get_cookie("__Host-as-partial", "auth.example").value
    thief = Browser(world)
    for name in (SESSION, "__Host-as-device", "__Host-as-flow"):
        thief.http.set_cookie(name, value, domain="auth.example", secure=True)
    assert answered(thief.authorize(owner.client, prompt="none"))["error"] == "login_required"
    party = Party(world, owner.client)
    assert party.userinfo(value).status_code == 401
    assert not party.introspect(value).json["active"]
    assert party.refresh(value).json["error"] == "invalid_grant"
    assert party.redeem(value).json["error"] == "invalid_grant"


@pytest.mark.attack("ATK-077")
@pytest.mark.parametrize("missing", ["__Host-as-partial", "__Host-as-flow"])
def test_the_state_belongs_to_its_browser(world: World, owner: Owner, missing: str) -> None:
    browser, thief = Browser(world), Browser(world)
    page = owner.at_the_code(browser)
    thief.authorize(owner.client)  # a flow cookie of its own
    stolen = {"__Host-as-partial", "__Host-as-flow"} - {missing}
    for name in stolen:
        value = browser.http.get_cookie(name, "auth.example").value
        thief.http.set_cookie(name, value, domain="auth.example", secure=True)
    form = {**hidden(page), "csrf_token": token_of(thief), "code": owner.app.code()}
    answer = thief.post("/login/mfa", data=form)
    assert SESSION not in str(answer.headers)
    assert not has_session(thief)


@pytest.mark.attack("ATK-080")
def test_the_state_of_one_flow_is_none_in_another(
    world: World, owner: Owner, client: ClientFixture
) -> None:
    browser = Browser(world)
    page = owner.at_the_code(browser)
    second = browser.follow(browser.authorize(client))
    flow = hidden(second)["flow"]
    form = {**hidden(page), "flow": flow, "code": owner.app.code()}
    answer = browser.post("/login/mfa", data=form)
    assert where(answer) == "/oauth/authorize"
    assert where(browser.follow(answer)) == "/login/password"
    assert not has_session(browser)


@pytest.mark.attack("ATK-077")
def test_the_state_is_short_lived(world: World, owner: Owner) -> None:
    browser = Browser(world)
    page = owner.at_the_code(browser)
    world.clock.move(minutes=15)
    answer = browser.submit(page, code=owner.app.code())
    assert where(browser.follow(answer)) == "/login/password"
    assert not has_session(browser)


@pytest.mark.attack("ATK-078")
@pytest.mark.parametrize("event", ["disabled", "suspended", "password"])
def test_what_closes_the_account_between_the_factors_closes_the_sign_in(
    world: World, owner: Owner, event: str
) -> None:
    browser = Browser(world)
    page = owner.at_the_code(browser)
    services, user, by = world.services, owner.user, owner.actor()
    hashed = services.hasher.hash("Another-Horse-8")
    close = {
        "disabled": lambda tx: services.accounts.set_enabled(
            tx, user.tenant.id, user_id=user.id, enabled=False, actor=by
        ),
        "suspended": lambda tx: services.tenants.suspend(tx, user.tenant.slug, by),
        "password": lambda tx: services.accounts.set_password(
            tx, user.tenant.id, user_id=user.id, password_hash=hashed, actor=by
        ),
    }
    services.database.write(close[event])
    services.watch.changed()
    browser.submit(page, code=owner.app.code())
    assert not has_session(browser)


@pytest.mark.attack("ATK-081")
def test_a_fresh_password_alone_satisfies_no_wish_for_a_second_factor(
    world: World, client: ClientFixture
) -> None:
    person, browser = world.user(client.tenant), Browser(world)
    browser.complete(client, person)
    for more in ({"prompt": "login"}, {"max_age": "0"}, {}):
        asked = browser.authorize(client, acr_values=MFA, **more)
        assert where(asked) == "/login/password"
        page = browser.follow(browser.follow(browser.sign_in(asked, person)))
        assert page.request.path == "/login/mfa/setup"
        refused = browser.authorize(client, acr_values=MFA, prompt="none")
        assert answered(refused)["error"] == "login_required"


@pytest.mark.attack("ATK-081")
def test_a_stale_second_factor_does_not_satisfy_max_age(world: World, owner: Owner) -> None:
    browser = Browser(world)
    owner.sign_in(browser)
    world.clock.move(minutes=10)
    refused = browser.authorize(owner.client, prompt="none", max_age="60", acr_values=MFA)
    assert answered(refused)["error"] == "login_required"


@pytest.mark.attack("ATK-084")
def test_who_knows_the_password_cannot_add_an_app_beside_the_owners(
    world: World, client: ClientFixture
) -> None:
    """Begun before the owner set one up, and confirmed afterwards."""
    person, thief = world.user(client.tenant), Browser(world)
    page = halfway(thief, client, person, acr_values=MFA)
    stolen = App(world, secret_on(page))
    owner = Browser(world)
    theirs = halfway(owner, client, person, acr_values=MFA)
    assert secret_on(theirs) != stolen.secret, "each sign-in has a secret of its own"
    assert owner.submit(theirs, code=App(world, secret_on(theirs)).code()).status_code == 303
    answer = thief.submit(page, code=stolen.code())
    assert where(thief.follow(answer)) == "/login/password"
    world.clock.move(minutes=1)
    again = halfway(thief, client, person)
    assert again.request.path == "/login/mfa"
    assert thief.submit(again, code=stolen.code()).status_code == 401
    set_up = thief.get("/login/mfa/setup", query_string={"flow": again.request.args["flow"]})
    assert where(set_up) == "/oauth/authorize"


def test_a_form_from_elsewhere_is_refused(world: World, owner: Owner) -> None:
    browser = Browser(world)
    page = owner.at_the_code(browser)
    form = {"flow": page.request.args["flow"], "code": owner.app.code()}
    assert browser.post("/login/mfa", data=form).status_code == 400
    good = {**hidden(page), "code": owner.app.code()}
    evil = browser.post("/login/mfa", data=good, headers={"Origin": "https://evil.example"})
    assert evil.status_code == 403
    assert not has_session(browser)
