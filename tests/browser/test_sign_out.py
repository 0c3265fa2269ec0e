"""Signing out with a browser: applications are told, and the way back is taken."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from authserver.clients.models import Client
from authserver.clients.options import Options
from authserver.settings import from_environment
from authserver.tenants.service import bump_snapshots
from authserver.wiring.services import build
from tests.browser.walk import allow, sign_in, sign_out
from tests.support.demo import Demo
from tests.support.process import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def enter(page: Page, demo: Demo, email: str) -> None:
    """Sign in to the demo application."""
    page.goto(demo.application)
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, email)
    page.wait_for_url(re.compile(rf"^({demo.issuer}/login/consent|{demo.application}/$)"))
    if "/login/consent" in page.url:
        page.locator("button[value=allow]").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def is_out(page: Page, demo: Demo) -> bool:
    page.goto(demo.application)
    return page.get_by_role("link", name="Sign in").count() == 1


@contextmanager
def told_by_frame(demo: Demo, uri: str) -> Iterator[None]:
    """Let the demo application be told by the browser, too."""
    services = build(from_environment(demo.installation.environment))
    portal = Client.name == "Demo Portal"

    def write(options: Options) -> None:
        changed = update(Client).where(portal).values(options=options.to_json())
        services.database.write(lambda tx: (tx.platform().execute(changed), bump_snapshots(tx)))

    with services.database.read() as view:
        before = Options.from_json(view.platform().scalar(select(Client.options).where(portal)))
    write(replace(before, frontchannel_logout_uri=uri, frontchannel_logout_session_required=True))
    try:
        yield
    finally:
        write(before)
        services.database.close()


@pytest.mark.rfc("OIDC Back-Channel Logout 2.5")
def test_the_application_forgets_who_signs_out_at_the_server(page: Page, demo: Demo) -> None:
    enter(page, demo, "viewer@globex.test")
    page.goto(f"{demo.issuer}/login/logout")
    expect(page.get_by_text("viewer@globex.test")).to_be_visible()
    sign_out(page, demo)
    wait_for(lambda: is_out(page, demo), "the application to be told")


@pytest.mark.rfc("OIDC RP-Initiated Logout 2 and 3")
def test_who_signs_out_at_the_application_comes_back_from_the_server(
    page: Page, demo: Demo
) -> None:
    enter(page, demo, "admin@globex.test")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign out there too").click()
    page.wait_for_url(f"{demo.application}/signed-out")
    page.goto(f"{demo.issuer}/account")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


@pytest.mark.rfc("OIDC RP-Initiated Logout 2: after the question, back through the form")
def test_who_is_asked_and_agrees_comes_back_too(page: Page, demo: Demo) -> None:
    """Chromium holds a form's redirects to the policy of its page."""
    enter(page, demo, "admin@globex.test")
    page.get_by_role("button", name="Sign out").click()
    there = page.get_by_role("link", name="Sign out there too").get_attribute("href") or ""
    page.goto(re.sub(r"&id_token_hint=[^&]*", "", there))
    page.locator("main form button").click()
    page.wait_for_url(f"{demo.application}/signed-out")


@pytest.mark.rfc("OIDC Front-Channel Logout 2")
def test_the_browser_tells_in_a_frame_and_goes_back(page: Page, demo: Demo) -> None:
    told: list[str] = []
    page.route(
        "**/by-frame**",
        lambda route: (told.append(route.request.url), route.fulfill(body="<p>bye</p>")),
    )
    with told_by_frame(demo, f"{demo.application}/by-frame"):
        enter(page, demo, "admin@globex.test")
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("link", name="Sign out there too").click()
        page.wait_for_url(f"{demo.application}/signed-out", timeout=10_000)
    assert len(told) == 1
    assert re.search(r"\?iss=http%3A%2F%2F.*&sid=ses_", told[0])


@pytest.mark.rfc("OIDC Core 4")
def test_an_application_is_opened_from_the_account(page: Page, demo: Demo) -> None:
    allow_first(page, demo)
    page.goto(f"{demo.issuer}/account/applications")
    page.get_by_role("link", name="Open Demo Portal").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def allow_first(page: Page, demo: Demo) -> None:
    """Be signed in, with the application allowed."""
    page.goto(f"{demo.issuer}/account")
    sign_in(page, "admin@globex.test")
    page.wait_for_url("**/account")
    allow(page, demo)
