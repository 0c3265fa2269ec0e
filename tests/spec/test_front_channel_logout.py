"""OpenID Connect Front-Channel Logout 1.0: the browser tells the clients of the session."""

import re
from html import unescape
from typing import Any

import jwt
import pytest
from werkzeug.test import TestResponse

from authserver.clients.options import Options
from tests.support.browser import Browser
from tests.support.signing_out import BACK, tokens_of
from tests.support.world import ClientFixture, World

_FRAME = re.compile(r'<iframe src="([^"]+)"')


def told_by_frame(world: World, tenant: Any, name: str, **more: Any) -> ClientFixture:
    options = Options(
        frontchannel_logout_uri=f"https://{name}.example/out?x=1",
        post_logout_redirect_uris=(BACK,),
        **more,
    )
    return world.client(
        tenant,
        first_party=True,
        options=options,
        name=name.capitalize(),
        redirect_uris=[f"https://{name}.example/callback"],
    )


def frames(page: TestResponse) -> list[str]:
    return [unescape(url) for url in _FRAME.findall(page.text)]


@pytest.mark.every_database
@pytest.mark.rfc("OIDC Front-Channel Logout 2 and 3: iss and sid where the client wants them")
def test_the_last_page_has_a_frame_for_each_client_and_leads_back(world: World) -> None:
    tenant = world.tenant()
    user, browser = world.user(tenant), Browser(world)
    plain = told_by_frame(world, tenant, "plain")
    named = told_by_frame(world, tenant, "named", frontchannel_logout_session_required=True)
    quiet = world.client(tenant, first_party=True)
    for client in (plain, quiet, named):
        tokens = tokens_of(world, browser, client, user)
    sid = jwt.decode(tokens["id_token"], options={"verify_signature": False})["sid"]
    query = {
        "id_token_hint": tokens["id_token"],
        "post_logout_redirect_uri": BACK,
        "state": "the state",
    }
    answer = browser.get("/oauth/logout", query_string=query)
    page = browser.follow(answer)
    assert sorted(frames(page)) == [
        f"https://named.example/out?x=1&iss=https%3A%2F%2Fauth.example&sid={sid}",
        "https://plain.example/out?x=1",
    ]
    policy = page.headers["Content-Security-Policy"]
    assert "frame-src https://named.example https://plain.example" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["Refresh"] == f"5; url={BACK}?state=the+state"
    assert f'href="{BACK}?state=the+state"' in page.text
    assert "data-onward" in page.text
    assert frames(browser.follow(answer)) == [], "once"


def test_signing_out_here_tells_them_too(world: World) -> None:
    tenant = world.tenant()
    user, browser = world.user(tenant), Browser(world)
    tokens_of(world, browser, told_by_frame(world, tenant, "plain"), user)
    page = browser.follow(browser.submit(browser.get("/login/logout")))
    assert frames(page) == ["https://plain.example/out?x=1"]
    assert "Refresh" not in page.headers
    assert "frame-src" not in browser.get("/login/signed-out").headers["Content-Security-Policy"]


def test_clients_of_other_browsers_get_no_frame(world: World) -> None:
    tenant = world.tenant()
    user, browser, other = world.user(tenant), Browser(world), Browser(world)
    tokens_of(world, other, told_by_frame(world, tenant, "plain"), user)
    tokens_of(world, browser, world.client(tenant, first_party=True), user)
    page = browser.follow(browser.submit(browser.get("/login/logout")))
    assert frames(page) == []


def test_more_clients_than_fit_into_a_cookie_get_no_frame(world: World) -> None:
    tenant = world.tenant()
    user, browser = world.user(tenant), Browser(world)
    for number in range(14):
        tokens_of(world, browser, told_by_frame(world, tenant, f"c{number}"), user)
    answer = browser.submit(browser.get("/login/logout"))
    (cookie,) = [one for one in answer.headers.getlist("Set-Cookie") if "as-flow" in one]
    assert len(cookie) < 4096
    assert len(frames(browser.follow(answer))) == 12
