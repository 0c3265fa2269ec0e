"""Walks to a simulated provider and back, and stops on the way: part of walk.py's tours."""

import re

from playwright.sync_api import Page, Route

from authserver.audit.events import Actor
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.settings import from_environment
from authserver.tenants.service import get_by_slug
from authserver.wiring.services import build
from tests.browser.providers import Far, Upstream, application, connected, person
from tests.browser.walk import Stop
from tests.support.demo import PASSWORD, Demo
from tests.support.process import wait_for
from tests.support.providers import OpenId, openid

DOMAIN = "hooli.example"
EMAIL = f"ada.byron@{DOMAIN}"


def providers(page: Page, demo: Demo, stop: Stop) -> None:
    """See the buttons, go to a provider, come back unknown, sign in and be connected."""
    with openid() as there, application() as redirect_uri:
        far = Far(there.url, there.client_id, there.client_secret, "Hooli Workforce")
        hooli = connected(demo, redirect_uri, far)
        person(hooli, EMAIL, PASSWORD)
        _well_known(hooli, there)
        hooli.begin(page)
        stop("sign-in-providers")
        _to_the_provider(page, hooli, stop)
        there.person(email="ada.lovelace@gmail.com").denies = True
        _press(page, hooli)
        page.locator("#note").wait_for()
        stop("sign-in-cancelled")
        there.person(email="ada.lovelace@gmail.com")
        _press(page, hooli)
        page.wait_for_url("**/login/federation/link**")
        stop("link")
        page.locator("main a.button").click()
        page.locator("[role=note]").wait_for()
        stop("sign-in-link")
        sign_in_there(page)
        hooli.answer(page)
        _routed(hooli)
        page.context.clear_cookies()
        wait_for(lambda: _asks_address_first(page, hooli), "the server to hear of the domain")
        stop("sign-in-address")


def sign_in_there(page: Page) -> None:
    """Fill in the sign-in page, which has more than one form."""
    page.locator("#email").fill(EMAIL)
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")


def _well_known(hooli: Upstream, there: OpenId) -> None:
    """Connect the providers that everybody knows; nobody goes there."""
    for kind, label in (("google", "Google"), ("github", "GitHub")):
        hooli.demo.installation.run(
            "connections", "create", kind, "--kind", kind, "--tenant", hooli.tenant,
            "--label", label, "--client-id", "ours", "--secret-stdin", stdin=there.client_secret,
        )  # fmt: skip


def _press(page: Page, hooli: Upstream) -> None:
    page.locator(f'form[action$="{hooli.connection_id}"] button').click()


def _to_the_provider(page: Page, hooli: Upstream, stop: Stop) -> None:
    """Stand still on the page that goes on by itself, then go back."""
    there = re.compile(rf"/login/federation/{hooli.connection_id}$")
    page.route(there, _still)
    _press(page, hooli)
    page.locator("main a.button").wait_for()
    stop("to-a-provider")
    page.unroute(there)
    hooli.begin(page)


def _asks_address_first(page: Page, hooli: Upstream) -> bool:
    hooli.begin(page)
    page.locator("#email").wait_for()
    return page.locator("#password").count() == 0


def _still(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace('http-equiv="refresh"', ""))


def _routed(hooli: Upstream) -> None:
    """Let the tenant have proved its domain, as the DNS would say, and send its people there."""
    services = build(from_environment(hooli.demo.installation.environment))
    federation, actor = services.federation, Actor("operator", "", new_id("cor"))

    def job(transaction: Transaction) -> None:
        tenant_id = get_by_slug(transaction, hooli.tenant).id
        domain = federation.domains.add(transaction, tenant_id, DOMAIN, actor=actor)
        found = [domain.record[1]]
        federation.domains.verify(transaction, tenant_id, DOMAIN, found=found, actor=actor)
        federation.routing.send(transaction, tenant_id, DOMAIN, name="work", actor=actor)

    services.database.write(job)
    services.database.close()
