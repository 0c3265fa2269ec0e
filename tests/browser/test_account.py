"""The account pages with a browser, with and without scripts."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.walk import sign_in
from tests.support.chromium import watched_page
from tests.support.demo import Demo

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def enter(page: Page, demo: Demo, email: str) -> None:
    """Come in by the front page."""
    page.goto(demo.issuer)
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, email)
    page.wait_for_url("**/account")


def test_a_person_changes_the_profile_and_reads_it_in_another_language(
    page: Page, demo: Demo
) -> None:
    enter(page, demo, "viewer@globex.test")
    page.get_by_role("link", name="Profile").click()
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_label("Language").select_option("de")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Ihr Profil wurde gespeichert.")
    expect(page.get_by_label("Zeitzone")).to_have_value("Europe/Berlin")
    page.get_by_label("Sprache").select_option("")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("status")).to_have_text("Your profile was saved.")


def test_a_person_ends_the_session_of_another_browser(
    page: Page, demo: Demo, chromium: Browser
) -> None:
    with watched_page(chromium) as (elsewhere, _watch):
        enter(elsewhere, demo, "admin@globex.test")
        enter(page, demo, "admin@globex.test")
        page.get_by_role("link", name="Sessions", exact=True).click()
        page.get_by_role("link", name="End all other sessions").click()
        page.get_by_role("button", name="End all others").click()
        expect(page.get_by_role("status")).to_contain_text("ended")
        elsewhere.goto(f"{demo.issuer}/account")
        expect(elsewhere.get_by_role("heading", level=1)).to_have_text("Sign in")
        expect(page.get_by_text("This browser")).to_be_visible()


def test_a_person_switches_between_two_accounts(page: Page, demo: Demo) -> None:
    enter(page, demo, "admin@globex.test")
    page.get_by_role("link", name="Organizations").click()
    page.get_by_role("link", name="Sign in with another account").click()
    sign_in(page, "viewer@globex.test")
    expect(page.get_by_role("main")).to_contain_text("viewer@globex.test")
    page.locator("summary").click()
    page.get_by_role("button", name="admin@globex.test").click()
    expect(page.get_by_role("main")).to_contain_text("admin@globex.test")
