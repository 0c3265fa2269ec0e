"""Who is to sign in, how, and in which language: OpenID Connect Core section 3.1.2.1."""

from datetime import timedelta
from typing import Any

import pytest

from authserver.clients.options import Options
from authserver.tenants.policy import TenantPolicy
from tests.spec.objects import KEY
from tests.spec.test_prompt_and_max_age import asks
from tests.spec.tools import Stage, change, get, part, stage, tenant_stage
from tests.support.browser import Browser, answered
from tests.support.world import World


def signed_in(on: Stage) -> tuple[Browser, str]:
    """A browser with the person in it, and an ID token about them."""
    browser = on.browser()
    code = browser.code(on.client, on.person)
    return browser, on.party.redeem(code).json["id_token"]


@pytest.mark.every_database
@pytest.mark.rfc("OpenID Connect Core section 3.1.2.1")
@pytest.mark.bcp("R-45")
def test_a_hint_that_is_not_the_clients_own_id_token_is_refused(world: World, on: Stage) -> None:
    browser, hint = signed_in(on)
    header, claims, _ = hint.split(".")
    tokens = on.tokens()
    other, away = stage(world), tenant_stage(world)
    for wrong in (
        "x",
        f"{header}.{claims}.",
        hint[:-4] + "AAAA",
        KEY.sign({"alg": "ES256", "typ": "JWT"}, part(hint, 1)),
        tokens["access_token"],
        tokens["refresh_token"],
        other.tokens()["id_token"],
        away.tokens()["id_token"],
    ):
        told = answered(browser.authorize(on.client, id_token_hint=wrong, prompt="none"))
        assert told["error"] == "invalid_request", wrong
        assert "code" not in told


@pytest.mark.rfc("OpenID Connect Core section 3.1.2.1")
def test_the_person_of_the_hint_is_answered_for_and_nobody_else(on: Stage) -> None:
    browser, hint = signed_in(on)
    assert asks(browser.authorize(on.client, id_token_hint=hint, prompt="none")) == "code"
    colleague = Stage(on.world, on.tenant, on.world.user(on.tenant), on.client)
    another, _ = signed_in(colleague)
    told = another.authorize(on.client, id_token_hint=hint, prompt="none")
    assert asks(told) == "login_required"
    assert asks(another.authorize(on.client, id_token_hint=hint)) == "password"


@pytest.mark.rfc("OpenID Connect Core section 3.1.2.1")
def test_an_expired_hint_still_says_who_is_meant(on: Stage) -> None:
    browser, hint = signed_in(on)
    on.world.clock.move(minutes=50)
    assert asks(browser.authorize(on.client, id_token_hint=hint, prompt="none")) == "code"


@pytest.mark.rfc("OpenID Connect Core section 3.1.2.1")
def test_somebody_else_who_signs_in_meanwhile_is_an_error(on: Stage) -> None:
    _, hint = signed_in(on)
    colleague, browser = on.world.user(on.tenant), on.browser()
    page = browser.authorize(on.client, id_token_hint=hint)
    back = browser.follow(browser.sign_in(page, colleague))
    assert asks(back) == "login_required"
    meant = on.browser()
    page = meant.authorize(on.client, id_token_hint=hint)
    assert asks(meant.follow(meant.sign_in(page, on.person))) == "code"


@pytest.mark.rfc("OpenID Connect Core section 3.1.2.1")
def test_a_new_sign_in_of_the_one_meant_is_nobody_elses(on: Stage) -> None:
    browser, hint = signed_in(on)
    on.world.clock.move(seconds=1)
    colleague = on.world.user(on.tenant)
    page = browser.follow(browser.authorize(on.client, id_token_hint=hint, prompt="login"))
    assert on.person.email in page.text
    back = browser.submit(page, email=colleague.email, password=colleague.password)
    tokens = on.party.redeem(answered(browser.follow(back))["code"]).json
    assert part(tokens["id_token"], 1)["sub"] == on.person.id, "the address is not asked for"


@pytest.mark.rfc("OpenID Connect Registration section 2")
def test_registered_defaults_count_where_the_request_is_silent(world: World) -> None:
    on = stage(world, options=Options(default_max_age=60, require_auth_time=True))
    browser, hint = signed_in(on)
    assert isinstance(part(hint, 1)["auth_time"], int)
    on.world.clock.move(seconds=61)
    assert asks(browser.authorize(on.client)) == "password"
    assert asks(browser.authorize(on.client, max_age="3600")) == "code"
    published = get(world, "/.well-known/openid-configuration").json["acr_values_supported"]
    strong = next(acr for acr in published if acr.endswith("mfa"))
    demanding = Options(default_acr_values=(strong,))
    on = Stage(world, on.tenant, on.person, world.client(on.tenant, options=demanding))
    assert asks(browser.authorize(on.client, prompt="none")) == "login_required"
    weak = next(acr for acr in published if acr.endswith("password"))
    assert asks(browser.authorize(on.client, acr_values=weak, prompt="none")) == "consent_required"


@pytest.mark.rfc("OpenID Connect Core section 3.1.2.1")
def test_auth_time_moves_with_a_new_sign_in_and_with_nothing_else(on: Stage) -> None:
    browser, first = signed_in(on)
    on.world.clock.move(minutes=2)
    code = browser.code(on.client, on.person)
    second = on.party.redeem(code).json["id_token"]
    assert part(second, 1)["auth_time"] == part(first, 1)["auth_time"]
    code = browser.code(on.client, on.person, prompt="login")
    third = part(on.party.redeem(code).json["id_token"], 1)
    assert third["auth_time"] - part(first, 1)["auth_time"] == timedelta(minutes=2).seconds


@pytest.mark.rfc("OpenID Connect Core section 3.1.2.1")
@pytest.mark.parametrize(
    "wishes",
    [
        {"display": "page"},
        {"display": "popup"},
        {"display": "hologram"},
        {"claims_locales": "se"},
        {"ui_locales": "xx-unknown ## de_de"},
        {"acr_values": "urn:unknown 1 2"},
    ],
    ids=str,
)
def test_wishes_that_nobody_can_meet_are_no_errors(on: Stage, wishes: dict[str, Any]) -> None:
    assert "code" in answered(on.browser().complete(on.client, on.person, **wishes))


@pytest.mark.rfc("Initiating User Registration via OpenID Connect section 4")
def test_create_leads_to_the_page_that_makes_accounts(on: Stage) -> None:
    closed = on.browser().authorize(on.client, prompt="create")
    assert asks(closed) == "password", "where nobody can register, people sign in"
    actor, policy = on.world.operator, TenantPolicy(registration_open=True)
    change(
        on.world,
        lambda tx: on.world.services.tenants.set_policy(tx, on.tenant.slug, policy, actor=actor),
    )
    browser, _ = signed_in(on)
    on.world.clock.move(seconds=1)
    answer = browser.authorize(on.client, prompt="create")
    assert asks(answer) == "register", "whoever is signed in"
    page = browser.follow(answer)
    flow = page.request.args["flow"]
    assert page.status_code == 200
    assert asks(browser.get(f"/oauth/authorize?flow={flow}")) == "register"
    back = browser.sign_in(browser.get(f"/login/password?flow={flow}"), on.person)
    assert asks(browser.follow(back)) == "code", "who has an account may sign in instead"
    assert asks(browser.authorize(on.client, prompt="create none")) == "invalid_request"
