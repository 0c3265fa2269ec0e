"""What ends an authorization and its tokens, and what does not: RFC 9700 row R-26, TOP-10."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.spec.tools import (
    Stage,
    change_password,
    disable_person,
    error_of,
    part,
    resume,
    rotate_secret,
    set_client,
    set_roles,
    suspend,
)

pytestmark = pytest.mark.every_database

INVALID_GRANT = (400, "invalid_grant")
OFFLINE = "openid offline_access orders:read"
ONLINE = "openid orders:read"


def sign_out(browser: object) -> None:
    assert browser.submit(browser.get("/login/logout")).status_code == 303


def tokens_with_browser(on: Stage, scope: str) -> tuple[dict[str, object], object]:
    browser = on.browser()
    tokens = on.party.redeem(browser.code(on.client, on.person, scope=scope)).json
    return tokens, browser


@pytest.mark.bcp("R-26")
def test_sign_out_ends_session_bound_tokens(on: Stage) -> None:
    tokens, browser = tokens_with_browser(on, ONLINE)
    sign_out(browser)
    assert error_of(on.party.refresh(tokens["refresh_token"])) == INVALID_GRANT
    assert on.party.userinfo(tokens["access_token"]).status_code == 401
    assert on.party.introspect(tokens["access_token"]).json == {"active": False}


@pytest.mark.bcp("R-26")
def test_offline_access_survives_sign_out(on: Stage) -> None:
    tokens, browser = tokens_with_browser(on, OFFLINE)
    sign_out(browser)
    assert on.party.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.bcp("R-26")
def test_the_mere_idle_expiry_of_the_session_ends_no_tokens(on: Stage) -> None:
    tokens, browser = tokens_with_browser(on, ONLINE)
    on.world.clock.move(hours=3)
    assert "/login/password" in browser.authorize(on.client).headers["Location"]
    assert on.party.refresh(tokens["refresh_token"]).status_code == 200


@pytest.mark.bcp("R-26")
def test_a_code_of_a_session_that_was_signed_out_is_dead(on: Stage) -> None:
    browser = on.browser()
    code = browser.code(on.client, on.person)
    sign_out(browser)
    assert error_of(on.party.redeem(code)) == INVALID_GRANT


ENDINGS: dict[str, Callable[[Stage], object]] = {
    "password changed": lambda on: change_password(on.world, on.person),
    "person disabled": lambda on: disable_person(on.world, on.person),
    "tenant suspended": lambda on: suspend(on.world, on.tenant),
    "client disabled": lambda on: set_client(on.world, on.client, enabled=False),
    "secret replaced at once": lambda on: rotate_secret(on.world, on.client),
}
AGAIN: dict[str, Callable[[Stage], object]] = {
    "tenant suspended": lambda on: resume(on.world, on.tenant),
    "client disabled": lambda on: set_client(on.world, on.client, enabled=True),
}


@pytest.mark.bcp("R-26")
@pytest.mark.parametrize("scope", [ONLINE, OFFLINE])
@pytest.mark.parametrize("ending", ENDINGS)
def test_what_ends_an_authorization_ends_its_tokens_at_once(
    on: Stage, ending: str, scope: str
) -> None:
    tokens, browser = tokens_with_browser(on, scope)
    code = browser.code(on.client, on.person, scope=scope)
    changed = ENDINGS[ending](on)
    if isinstance(changed, str):
        on.client.secret = changed
    assert on.party.userinfo(tokens["access_token"]).status_code == 401
    assert on.party.refresh(tokens["refresh_token"]).status_code in {400, 401}
    if ending != "secret replaced at once":
        assert on.party.redeem(code).status_code in {400, 401}
    if ending in AGAIN:
        AGAIN[ending](on)
        assert error_of(on.party.refresh(tokens["refresh_token"])) == INVALID_GRANT
        assert on.party.userinfo(tokens["access_token"]).status_code == 401
        assert on.party.introspect(tokens["access_token"]).json == {"active": False}


@pytest.mark.bcp("R-26")
@pytest.mark.parametrize("ending", ["password changed", "tenant suspended"])
def test_what_ends_the_session_asks_for_the_password_again(on: Stage, ending: str) -> None:
    browser = on.browser()
    browser.complete(on.client, on.person)
    ENDINGS[ending](on)
    if ending in AGAIN:
        AGAIN[ending](on)
    assert "/login/password" in browser.authorize(on.client).headers["Location"]


@pytest.mark.bcp("R-26")
def test_a_secret_replaced_with_an_overlap_ends_nothing(on: Stage) -> None:
    tokens = on.tokens()
    new = rotate_secret(on.world, on.client, timedelta(hours=1))
    assert on.party.refresh(tokens["refresh_token"]).status_code == 200
    on.client.secret = new
    assert on.party.userinfo(tokens["access_token"]).status_code == 200


@pytest.mark.bcp("R-26")
def test_a_change_of_roles_holds_for_the_next_token(on: Stage) -> None:
    on.world.user(on.tenant, "admin")
    tokens = on.tokens()
    assert part(tokens["access_token"], 1)["roles"] == ["admin"]
    set_roles(on.world, on.person, "FINANCE_ANALYST", "customer_viewer")
    renewed = on.party.refresh(tokens["refresh_token"]).json
    said = part(renewed["access_token"], 1)["roles"]
    assert said == ["FINANCE_ANALYST", "customer_viewer"]
    assert on.party.userinfo(tokens["access_token"]).json["roles"] == said
