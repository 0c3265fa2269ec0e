"""The account chooser with a browser: two tenants, a guest, with and without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.walk import sign_in
from tests.support.demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def arrive(page: Page, demo: Demo, *people: str) -> None:
    """Sign people in at the front door, and go to the application."""
    for email in people:
        page.goto(f"{demo.issuer}/login/password?to=overview")
        sign_in(page, email)
        page.wait_for_url("**/account")
    page.goto(demo.application)


def consent(page: Page, demo: Demo) -> None:
    """Allow the application what it asks for, if it asks."""
    page.wait_for_url(re.compile(rf"^({demo.issuer}/login/consent|{demo.application}/$)"))
    if "/login/consent" in page.url:
        page.get_by_role("button", name="Allow").click()
    page.wait_for_url(f"{demo.application}/")


def test_a_person_chooses_between_accounts_of_two_tenants(page: Page, demo: Demo) -> None:
    arrive(page, demo, "admin@globex.test", "admin@initech.test")
    page.get_by_role("link", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Choose an account")
    page.get_by_role("button", name="Globex").first.click()
    consent(page, demo)
    expect(page.get_by_role("main")).to_contain_text("admin@globex.test")
    page.get_by_role("button", name="Sign out").click()
    page.goto(demo.application)
    page.get_by_role("link", name="Sign in").click()
    page.wait_for_url(f"{demo.application}/")
    expect(page.get_by_role("main")).to_contain_text("admin@globex.test")


def test_a_person_signs_out_of_one_and_uses_another(page: Page, demo: Demo) -> None:
    arrive(page, demo, "viewer@globex.test", "ops@initech.test")
    page.get_by_role("link", name="Choose an account").click()
    page.get_by_role("button", name="Sign out of ops@initech.test").click()
    expect(page.get_by_role("main")).not_to_contain_text("ops@initech.test")
    expect(page.get_by_role("main")).to_contain_text("viewer@globex.test")
    page.get_by_role("button", name="Use another account").click()
    sign_in(page, "admin@globex.test")
    consent(page, demo)
    expect(page.get_by_role("main")).to_contain_text("admin@globex.test")


def test_somebody_who_is_a_guest_chooses_where_to_work(page: Page, demo: Demo) -> None:
    page.goto(demo.application)
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, "support@acme.test")
    page.get_by_role("button", name="Guest").click()
    consent(page, demo)
    expect(page.get_by_role("main")).to_contain_text("globex")
    page.goto(f"{demo.issuer}/account/tenants")
    expect(page.get_by_role("main")).to_contain_text("Acme")


def test_the_chooser_is_usable_by_keyboard_alone(page: Page, demo: Demo) -> None:
    arrive(page, demo, "admin@globex.test", "viewer@globex.test")
    page.get_by_role("link", name="Choose an account").click()
    first = page.locator("button[name=account]").first
    page.keyboard.press("Tab")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    consent(page, demo)
