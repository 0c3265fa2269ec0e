"""From an empty installation to something that works, by nothing but what the console offers.

A first administrator signs in, makes a customer with looks of its own, registers an application
that gets tokens, and a partner whose program does. Every step begins at a link on the page.
"""

import re
import time
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.browser.walk import a_file, send
from tests.support.chromium import watched_page
from tests.support.demo import PASSWORD
from tests.support.pictures import picture
from tests.support.process import Installation, Person, ServerProcess, make_installation

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

TEN_MINUTES = 600


@pytest.fixture(name="made", scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, Person]]:
    """Set up what the README sets up: the first tenant, and its administrator."""
    made = make_installation(tmp_path_factory.mktemp("story"))
    first = made.person(made.tenant("acme"), "PLATFORM_ADMIN")
    with ServerProcess(made):
        yield made, first


class Administrator:
    """Somebody who reads what the pages say, and follows it."""

    def __init__(self, page: Page, made: Installation) -> None:
        self.page, self.made = page, made

    def sign_in(self, who: Person) -> None:
        self.page.goto(f"{self.made.issuer}/account")
        self.page.locator("#email").fill(who.email)
        self.page.locator("#password").fill(PASSWORD)
        send(self.page)
        self.page.locator(".switcher summary").click()
        self.page.get_by_role("link", name="Administration").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Acme")

    def add_tenant(self, name: str, kind: str, *, own_issuer: bool = False) -> None:
        """Make a tenant, and come into it."""
        self.page.locator(".place summary").click()
        self.page.get_by_role("link", name="All tenants").click()
        self.page.get_by_role("link", name="New tenant").click()
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_label("Short name").fill(name.lower())
        self.page.get_by_label("Type").select_option(kind)
        if own_issuer:
            self.page.get_by_label("An issuer of its own").check()
        send(self.page)
        self.page.get_by_role("link", name="Work in it").click()
        self.page.get_by_label("Reason").fill("Setting up what they have bought")
        send(self.page)
        expect(self.page.locator(".open-tenant")).to_contain_text("Setting up what they")

    def menu(self, name: str) -> None:
        self.page.locator(".rail-body").get_by_role("link", name=name, exact=True).click()

    def give_looks(self, colour: str) -> None:
        self.menu("Overview")
        self.page.get_by_role("link", name=re.compile("Make it look like yours")).click()
        self.page.locator("input[data-colour]").first.fill(colour)
        send(self.page)
        self.page.locator('a[href$="/logo"]').click()
        self.page.locator("input[type=file]").set_input_files(a_file(picture("PNG", (64, 64))))
        send(self.page)
        expect(self.page.get_by_role("link", name="Remove the logo")).to_be_visible()

    def add_client(self, kind: str, name: str) -> dict[str, str]:
        """Register a client, and keep what is shown once."""
        self.menu("Overview")
        self.page.get_by_role("link", name=re.compile("Register an application")).click()
        self.page.locator(f'a[href$="/new/{kind}"]').click()
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.locator("#scopes").fill("reports:read")
        send(self.page)
        rows = self.page.locator(".secret-values > div")
        shown = {
            row.locator("dt").inner_text(): row.locator("code").inner_text() for row in rows.all()
        }
        self.page.get_by_role("link", name="I have kept it").click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(name)
        return shown


def token(issuer: str, shown: dict[str, str]) -> requests.Response:
    """Ask for a token with what the console showed, as the program will."""
    client_id, secret = sorted(shown.values(), key=lambda value: not value.startswith("cli_"))
    return requests.post(
        f"{issuer}/oauth/token",
        data={"grant_type": "client_credentials", "scope": "reports:read"},
        auth=(client_id, secret),
        timeout=10,
    )


def test_a_first_administrator_comes_to_working_applications_in_ten_minutes(
    chromium: Browser, made: tuple[Installation, Person]
) -> None:
    installation, first = made
    begun = time.monotonic()
    with watched_page(chromium) as (page, watch):
        somebody = Administrator(page, installation)
        somebody.sign_in(first)
        somebody.add_tenant("Globex", "customer", own_issuer=True)
        somebody.give_looks("#7a1fa2")
        shown = somebody.add_client("service", "Nightly export")
        assert token(installation.issuer, shown).status_code == 200
        somebody.add_tenant("Initech", "partner")
        assert (
            token(installation.issuer, somebody.add_client("partner", "Orders")).status_code == 200
        )
        somebody.menu("Trail")
        for event in (
            "A client was registered",
            "Somebody of the platform works in the tenant",
            "A tenant was created",
        ):
            expect(page.get_by_role("link", name=event).first).to_be_visible()
        page.goto(f"{installation.issuer}/t/globex/login/password?to=overview")
        expect(page.locator(".brand")).to_contain_text("Globex")
        expect(page.locator(".brand img")).to_be_visible()
        assert watch.complaints == []
        assert watch.strangers == []
    assert time.monotonic() - begun < TEN_MINUTES
