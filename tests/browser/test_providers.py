"""Chromium signs in through providers: a simulated one, and oidc-provider from npm with its pages.

With and without scripts, under the policy of our pages: what follows a form stays with them.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.providers import Far, Upstream, application, connected, person
from tests.support.chromium import watched_page
from tests.support.demo import PASSWORD, Demo
from tests.support.oidc_provider import SECRET, OidcProvider, Registered, oidc_provider
from tests.support.process import free_port
from tests.support.providers import OpenId, openid

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenId]:
    with openid() as simulated:
        yield simulated


@pytest.fixture(scope="module")
def redirect_uri() -> Iterator[str]:
    with application() as there:
        yield there


@pytest.fixture(scope="module")
def simulated(provider: OpenId) -> Far:
    return Far(provider.url, provider.client_id, provider.client_secret, "Acme")


@pytest.fixture(scope="module")
def making(demo: Demo, redirect_uri: str, simulated: Far) -> Upstream:
    """A connection that makes accounts."""
    return connected(demo, redirect_uri, simulated, "--creates-people")


@pytest.fixture(scope="module")
def strict(demo: Demo, redirect_uri: str, simulated: Far) -> Upstream:
    """One that makes none."""
    return connected(demo, redirect_uri, simulated)


def test_a_button_leads_there_and_back_to_the_application(
    page: Page, making: Upstream, provider: OpenId, *, scripts: bool
) -> None:
    provider.person(email=f"grace-{scripts}@acme.test", name="Grace Hopper")
    making.begin(page)
    page.get_by_role("button", name="Continue with Acme").click()
    assert "code" in making.answer(page)
    page.goto(f"{making.demo.issuer}/account")
    expect(page.get_by_role("main")).to_contain_text("Grace Hopper")


def test_a_hint_of_the_application_leads_there_without_a_page(
    page: Page, making: Upstream, provider: OpenId, *, scripts: bool
) -> None:
    provider.person(email=f"hinted-{scripts}@acme.test")
    making.begin(page, idp_hint="work")
    assert "code" in making.answer(page)


def test_who_says_no_there_chooses_another_way_here(
    page: Page, making: Upstream, provider: OpenId
) -> None:
    provider.person(email="grace@acme.test").denies = True
    making.begin(page, idp_hint="work")
    expect(page).to_have_url(re.compile("/login/password"))
    expect(page.get_by_role("status")).to_contain_text("You did not go on with Acme")
    page.reload()
    expect(page.get_by_label("Password", exact=True)).to_be_visible()


def test_who_is_unknown_signs_in_once_and_from_then_on_with_the_provider(
    page: Page, chromium: Browser, strict: Upstream, provider: OpenId, *, scripts: bool
) -> None:
    email = f"ada-{scripts}@acme.test".lower()
    person(strict, email, PASSWORD)
    ada = provider.person(email=f"other.{email}")
    strict.begin(page)
    page.get_by_role("button", name="Continue with Acme").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Connect your account")
    page.get_by_role("link", name="Sign in to your account").click()
    expect(page.get_by_role("note")).to_contain_text(f"Acme ({ada.email})")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    assert "code" in strict.answer(page)
    with watched_page(chromium, java_script_enabled=scripts) as (elsewhere, watch):
        strict.begin(elsewhere)
        elsewhere.get_by_role("button", name="Continue with Acme").click()
        assert "code" in strict.answer(elsewhere)
        assert watch.complaints == []


def test_back_of_the_browser_leads_from_the_provider_to_the_sign_in_page(
    page: Page, making: Upstream, provider: OpenId
) -> None:
    """The page between them is gone from the history: nobody is sent on again by it."""
    page.route(f"{provider.url}/**", lambda route: route.fulfill(body="The provider's page"))
    making.begin(page)
    page.get_by_role("button", name="Continue with Acme").click()
    page.wait_for_url(f"{provider.url}/**")
    page.go_back()
    expect(page).to_have_url(re.compile("/login/password"))


@pytest.fixture(scope="module")
def real(
    request: pytest.FixtureRequest,
    demo: Demo,
    redirect_uri: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Upstream]:
    """A connection to oidc-provider, which shows its own pages."""
    port = free_port()
    far = Far(f"http://localhost:{port}", "ours", SECRET, "Work")
    made = connected(demo, redirect_uri, far, "--creates-people")
    ours = Registered("ours", [made.callback])
    folder = tmp_path_factory.mktemp("op")
    with oidc_provider(request.config, folder, ours, pages=True, port=port) as running:
        assert isinstance(running, OidcProvider)
        yield made


@pytest.mark.node
def test_the_pages_of_a_real_provider_lie_between(
    chromium: Browser, real: Upstream, tmp_path: Path, *, scripts: bool
) -> None:
    with watched_page(chromium, java_script_enabled=scripts) as (page, _):
        # Its pages load a typeface from elsewhere.
        page.route(re.compile("^https:"), lambda route: route.abort())
        real.begin(page)
        page.get_by_role("button", name="Continue with Work").click()
        page.locator("input[name=login]").fill("grace@corp.example")
        page.locator("input[name=password]").fill("anything")
        page.locator("button[type=submit]").click()
        page.wait_for_url(re.compile(r"/interaction/|/callback\?code="))
        if "/interaction/" in page.url:
            page.screenshot(path=tmp_path / "consent.png")
            page.locator("button[type=submit]").click()
        assert "code" in real.answer(page)
        page.goto(f"{real.demo.issuer}/account")
        expect(page.get_by_role("main")).to_contain_text("Name of grace")
