"""Device authorization: RFC 8628, R-41."""

import re
from typing import Any

import pytest

from tests.spec.devices import (
    SCOPE,
    Device,
    an_address,
    approve,
    arrive,
    ask,
    decide,
    enter,
    somewhere,
)
from tests.spec.tools import (
    API,
    Stage,
    disable_person,
    error_of,
    events,
    part,
    restarted,
    set_client,
    stage,
)
from tests.support.browser import ISSUER, hidden
from tests.support.world import World


@pytest.fixture(name="device")
def _device(world: World) -> Device:
    on = stage(world, "device", audiences=[API])
    answer = ask(on)
    assert answer.status_code == 200, answer.text
    return Device(on, answer.json, an_address())


@pytest.mark.every_database
@pytest.mark.rfc("RFC 8628 section 6.1")
@pytest.mark.rfc("RFC 8628 section 3.2")
def test_a_device_is_given_codes_and_an_address(device: Device) -> None:
    given = device.given
    assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", given["user_code"])
    assert given["verification_uri"] == f"{ISSUER}/device"
    assert given["verification_uri_complete"] == f"{ISSUER}/device?user_code={given['user_code']}"
    assert (given["expires_in"], given["interval"]) == (600, 5)
    assert len(given["device_code"]) > 40


@pytest.mark.rfc("RFC 8628 section 3.3")
@pytest.mark.rfc("RFC 8628 section 3.5")
@pytest.mark.bcp("R-41")
def test_a_person_allows_a_device_and_it_gets_tokens(device: Device) -> None:
    assert error_of(device.poll()) == (400, "authorization_pending")
    browser = device.browser()
    page = arrive(browser, device.given["user_code"], device.on.person)
    for shown in ("Client device", device.given["user_code"], "127.0.0.1", device.on.person.email):
        assert shown in page.text
    assert "See your profile" in page.text
    assert "Did you start this yourself" in page.text
    assert error_of(device.later()) == (400, "authorization_pending")
    assert "Your device is connected" in decide(browser, page).text
    tokens = device.later().json
    claims = part(tokens["access_token"], 1)
    assert claims["sub"] == device.on.person.id
    assert tokens["scope"] == SCOPE
    assert part(tokens["id_token"], 1)["aud"] == device.on.client.id
    assert device.on.party.refresh(tokens["refresh_token"]).status_code == 200
    trail = {
        name: len(events(device.on.world, device.on.tenant, name))
        for name in ("device.requested", "device.code_entered", "device.approved")
    }
    assert set(trail.values()) == {1}


@pytest.mark.rfc("RFC 8628 section 3.5")
def test_a_refusal_is_told(device: Device) -> None:
    browser = device.browser()
    page = arrive(browser, device.given["user_code"], device.on.person)
    assert "was not connected" in decide(browser, page, "deny").text
    assert error_of(device.later()) == (400, "access_denied")


@pytest.mark.rfc("RFC 8628 section 3.5")
def test_a_code_expires(device: Device) -> None:
    browser = device.browser()
    page = arrive(browser, device.given["user_code"], device.on.person)
    device.on.world.clock.move(seconds=600)
    assert error_of(device.poll()) == (400, "expired_token")
    assert "took too long" in decide(browser, page).text
    assert error_of(device.later()) == (400, "expired_token")


@pytest.mark.rfc("RFC 8628 section 3.5")
def test_who_asks_too_often_waits_longer_in_every_process(device: Device) -> None:
    clock = device.on.world.clock
    assert error_of(device.poll()) == (400, "authorization_pending")
    clock.move(seconds=4)
    with restarted(device.on.world) as other:
        elsewhere = Device(Stage(other, device.on.tenant, device.on.person, device.on.client), {})
        elsewhere.given = device.given
        assert error_of(elsewhere.poll()) == (400, "slow_down")
    clock.move(seconds=9)
    assert error_of(device.poll()) == (400, "slow_down")
    clock.move(seconds=15)
    assert error_of(device.poll()) == (400, "authorization_pending")


@pytest.mark.rfc("RFC 8628 section 3.3.1")
@pytest.mark.attack("ATK-048")
@pytest.mark.rfc("RFC 8628 section 5.4")
def test_the_complete_address_changes_nothing_before_the_person_does(device: Device) -> None:
    browser = device.browser()
    browser.code(device.on.world.client(device.on.tenant), device.on.person)
    page = browser.get(device.given["verification_uri_complete"].removeprefix(ISSUER))
    assert device.given["user_code"] in page.text
    other = device.browser()
    arrive(other, device.given["user_code"], device.on.person)
    assert enter(browser, device.given["user_code"]).status_code == 400


@pytest.mark.bcp("R-41")
def test_a_code_belongs_to_the_browser_that_entered_it(device: Device) -> None:
    """better-auth CVE-2026-45337: somebody else confirms, or denies."""
    world, browser = device.on.world, device.browser()
    page = arrive(browser, device.given["user_code"], device.on.person)
    stranger = world.user(device.on.tenant)
    theirs = device.browser()
    theirs.code(world.client(device.on.tenant), stranger)
    assert enter(theirs, device.given["user_code"]).status_code == 400
    handle = {"flow": hidden(page)["flow"]}
    assert theirs.get("/login/consent", query_string=handle).status_code == 400
    own = hidden(theirs.get("/login/logout"))
    forged = {**hidden(page), "csrf_token": own["csrf_token"], "decision": "allow"}
    assert theirs.post("/login/consent", data=forged).status_code == 400
    assert error_of(device.later()) == (400, "authorization_pending")
    assert "Your device is connected" in decide(browser, page).text


def test_the_same_browser_may_enter_its_code_again(device: Device) -> None:
    browser = device.browser()
    arrive(browser, device.given["user_code"], device.on.person)
    page = arrive(browser, device.given["user_code"].lower().replace("-", " "), device.on.person)
    assert "Your device is connected" in decide(browser, page).text


def test_a_person_whom_the_client_does_not_serve_does_not_get_in(device: Device) -> None:
    world = device.on.world
    stranger, browser = world.user(world.tenant()), device.browser()
    page = arrive(browser, device.given["user_code"], stranger)
    assert "/login/password" in page.request.path
    assert page.status_code == 400 or "device-code" not in page.text


@pytest.mark.rfc("RFC 8628 section 5.1")
@pytest.mark.bcp("R-41")
def test_wrong_codes_are_counted_across_processes_and_new_tries(device: Device) -> None:
    world = device.on.world
    for _ in range(3):
        assert enter(device.browser(), "BCDF-GHJK").status_code == 400
    with restarted(world) as other:
        for _ in range(2):
            assert enter(somewhere(other, address=device.address), "nonsense").status_code == 400
        refused = enter(somewhere(other, address=device.address), device.given["user_code"])
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 800
    assert "too many wrong codes" in refused.text
    assert enter(device.browser(), device.given["user_code"]).status_code == 429
    world.clock.move(minutes=16)
    fresh = Device(device.on, ask(device.on).json)
    assert enter(device.browser(), fresh.given["user_code"]).status_code == 303


@pytest.mark.rfc("RFC 8628 section 5.1")
def test_a_right_code_does_not_give_new_guesses(device: Device) -> None:
    for _ in range(4):
        assert enter(device.browser(), "BCDF-GHJK").status_code == 400
    for _ in range(2):
        own = ask(device.on).json
        assert enter(device.browser(), own["user_code"]).status_code == 303
    assert enter(device.browser(), "BCDF-GHJK").status_code == 400
    assert enter(device.browser(), device.given["user_code"]).status_code == 429


@pytest.mark.rfc("RFC 8628 section 3.4")
def test_a_device_code_is_bound_to_its_client_and_good_once(device: Device) -> None:
    world = device.on.world
    approve(device)
    other = world.client(device.on.tenant, "device")
    theirs = Device(Stage(world, device.on.tenant, device.on.person, other), device.given)
    assert error_of(theirs.later()) == (400, "invalid_grant")
    tokens = device.poll().json
    assert error_of(device.later()) == (400, "invalid_grant")
    assert error_of(device.on.party.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    assert len(events(world, device.on.tenant, "code.replayed")) == 1


@pytest.mark.bcp("R-26")
@pytest.mark.parametrize("what", ["person", "client", "signed out"])
def test_what_ends_before_the_device_asks_again(device: Device, what: str) -> None:
    browser = approve(device)
    if what == "person":
        disable_person(device.on.world, device.on.person)
    elif what == "client":
        set_client(device.on.world, device.on.client, enabled=False)
    else:
        browser.submit(browser.get("/login/logout"))
    error = (401, "invalid_client") if what == "client" else (400, "invalid_grant")
    assert error_of(device.later()) == error


def test_a_device_goes_on_when_the_person_signs_out_elsewhere(device: Device) -> None:
    browser = approve(device)
    tokens = device.later().json
    browser.submit(browser.get("/login/logout"))
    assert device.on.party.refresh(tokens["refresh_token"]).status_code == 200
    disable_person(device.on.world, device.on.person)
    again = device.on.party.refresh(tokens["refresh_token"])
    assert error_of(again) == (400, "invalid_grant")


@pytest.mark.rfc("RFC 8628 section 3.1")
@pytest.mark.attack("ATK-120")
@pytest.mark.parametrize(
    ("kind", "form", "error"),
    [
        ("web", {}, "unauthorized_client"),
        ("service", {"scope": "orders:read"}, "unauthorized_client"),
        ("device", {"scope": "admin"}, "invalid_scope"),
        ("device", {"resource": "https://elsewhere.example/"}, "invalid_target"),
    ],
)
def test_what_the_client_may_not_ask_for_is_refused(
    world: World, kind: str, form: dict[str, Any], error: str
) -> None:
    assert error_of(ask(stage(world, kind), **form)) == (400, error)


@pytest.mark.rfc("RFC 8628 section 3.1")
def test_a_confidential_device_proves_who_it_is(world: World) -> None:
    on = stage(world, "device", auth_method="client_secret_basic")
    assert ask(on).status_code == 200
    on.client.secret = "wrong"
    assert error_of(ask(on)) == (401, "invalid_client")


@pytest.mark.attack("ATK-114")
def test_a_code_is_of_one_issuer(world: World) -> None:
    tenant = world.tenant(own_issuer=True)
    client = world.client(tenant, "device", at_tenant_issuer=True)
    on = Stage(world, tenant, world.user(tenant), client, f"/t/{tenant.slug}")
    given = ask(on).json
    assert given["verification_uri"] == f"{ISSUER}/t/{tenant.slug}/device"
    assert enter(somewhere(world), given["user_code"]).status_code == 400
    approve(Device(on, given))
    assert Device(on, given).later().status_code == 200


@pytest.mark.attack("ATK-114")
def test_a_client_of_another_issuer_is_unknown(world: World) -> None:
    on = stage(world, "device")
    elsewhere = world.tenant(own_issuer=True)
    theirs = Stage(world, on.tenant, on.person, on.client, f"/t/{elsewhere.slug}")
    assert error_of(ask(theirs)) == (401, "invalid_client")
