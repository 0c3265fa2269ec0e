"""Walks to where authorization requests end on a page of ours, as walk.py does."""

from urllib.parse import urlencode

from playwright.sync_api import Page

from tests.browser.walk import Stop
from tests.support.demo import Demo

SLUG, NAME, REDIRECT = "aster", "Aster Games", "https://games.aster.example/callback"


def refused_requests(page: Page, demo: Demo, stop: Stop) -> None:
    """Come from an application that registered itself, and by a link that is over."""
    client_id = _registered(page, demo)
    wrong = {"client_id": client_id, "redirect_uri": REDIRECT, "response_type": "code"}
    page.goto(f"{demo.issuer}/oauth/authorize?{urlencode({**wrong, 'scope': 'unknown'})}")
    page.locator("main a.button").wait_for()
    stop("leave")
    over = {"client_id": client_id, "request_uri": "urn:ietf:params:oauth:request_uri:over"}
    page.goto(f"{demo.issuer}/oauth/authorize?{urlencode(over)}")
    stop("link-over")


def _registered(page: Page, demo: Demo) -> str:
    """Let the tenant allow it, and the application do it."""
    run = demo.installation.run
    run("tenants", "create", SLUG, "--name", "Aster", "--type", "customer")
    run("tenants", "set", SLUG, "--client-registration", "pkce-optional")
    made = run("registrations", "create-token", "--tenant", SLUG, "--name", "Games")
    answer = page.request.post(
        f"{demo.issuer}/oauth/register",
        headers={"Authorization": f"Bearer {made['initial_access_token']}"},
        data={"client_name": NAME, "redirect_uris": [REDIRECT]},
    )
    assert answer.status == 201, answer.text()
    return str(answer.json()["client_id"])
