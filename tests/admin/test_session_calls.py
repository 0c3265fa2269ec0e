"""The API called by a page of ours: the session counts only where the page names it."""

import pytest
from werkzeug.test import TestResponse

from tests.admin.console import Console, enter
from tests.support.browser import ISSUER
from tests.support.world import World


@pytest.fixture(name="console")
def _console(world: World) -> Console:
    return enter(world, "PLATFORM_ADMIN")


def call(
    console: Console, method: str = "GET", path: str = "/tenants", **headers: str
) -> TestResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return console.browser.http.open(
        f"/api/v1{path}", method=method, base_url=ISSUER, headers=sent, json=None
    )


def named(console: Console) -> str:
    """Return the session as the page's forms name it."""
    return console.session


def test_the_page_calls_with_the_session_that_it_names(console: Console) -> None:
    answer = call(
        console, Console_Session=named(console), Sec_Fetch_Site="same-origin", Origin=ISSUER
    )
    assert answer.status_code == 200


def test_a_cookie_alone_is_no_credential(console: Console) -> None:
    assert call(console).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_sites_page_is_refused(console: Console, headers: dict[str, str]) -> None:
    answer = call(console, Console_Session=named(console), **headers)
    assert answer.status_code == 401


def test_another_browsers_session_is_not_there(world: World, console: Console) -> None:
    other = enter(world, "PLATFORM_ADMIN")
    assert call(console, Console_Session=named(other)).status_code == 401
    assert call(console, Console_Session="ses_nothing").status_code == 401


def test_a_preflight_is_not_answered_with_yes(console: Console) -> None:
    answer = call(
        console,
        "OPTIONS",
        Origin="https://evil.example",
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="console-session",
    )
    assert answer.status_code >= 400
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_what_is_sensitive_takes_a_sign_in_of_just_now(world: World, console: Console) -> None:
    tenant, session = world.tenant(), named(console)
    world.clock.move(minutes=6)
    path = f"/tenants/{tenant.id}"
    assert call(console, "GET", path, Console_Session=session).status_code == 200
    late = call(console, "POST", f"{path}/suspend", Console_Session=session)
    assert (late.status_code, late.json["type"]) == (
        403,
        "urn:authserver:problem:recent_sign_in_needed",
    )


def test_a_session_that_ended_calls_nothing(console: Console) -> None:
    session = named(console)
    console.browser.submit(console.browser.get("/login/logout"))
    assert call(console, Console_Session=session).status_code == 401


def test_the_description_is_for_everybody_and_names_only_ones_own_session(
    world: World, console: Console
) -> None:
    page = console.browser.get("/api/v1/docs")
    assert f'data-session="{named(console)}"' in page.text
    stranger = world.app.test_client().get("/api/v1/docs", base_url=ISSUER)
    assert stranger.status_code == 200
    assert 'data-session=""' in stranger.text
