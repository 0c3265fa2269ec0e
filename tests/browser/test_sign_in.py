"""People with a browser, with and without scripts, at the demo application."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.demo import PASSWORD, Demo

pytestmark = [pytest.mark.browser, pytest.mark.processes]


def begin(page: Page, demo: Demo) -> None:
    """Go from the application to the password page."""
    page.goto(demo.application)
    page.get_by_role("link", name="Sign in").click()
    expect(page).to_have_url(re.compile(f"^{demo.issuer}/login/password"))


def enter(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_in(page: Page, demo: Demo, email: str) -> None:
    """Sign in and allow what is asked, where it is asked."""
    begin(page, demo)
    enter(page, email)
    page.wait_for_url(re.compile(rf"^({demo.issuer}/login/consent|{demo.application}/$)"))
    if "/login/consent" in page.url:
        page.get_by_role("button", name="Allow").click()
    expect(page).to_have_url(f"{demo.application}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed in")


def test_a_person_signs_in_and_the_application_calls_its_api(page: Page, demo: Demo) -> None:
    sign_in(page, demo, "noc@acme.test")
    expect(page.get_by_text("noc@acme.test").first).to_be_visible()
    page.get_by_role("button", name="/operations").click()
    expect(page.get_by_role("status")).to_contain_text("/operations answered 200")
    page.get_by_role("button", name="/reports").click()
    expect(page.get_by_role("status")).to_contain_text("/reports answered 200")
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_text("refreshed 1 time")).to_be_visible()


def test_a_person_without_the_role_is_refused_by_the_api(page: Page, demo: Demo) -> None:
    sign_in(page, demo, "finance@acme.test")
    page.get_by_role("button", name="/operations").click()
    expect(page.get_by_role("status")).to_contain_text("/operations answered 403")


def test_a_person_signs_out_of_the_application_and_of_the_server(page: Page, demo: Demo) -> None:
    sign_in(page, demo, "viewer@globex.test")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out here")
    page.get_by_role("link", name="Sign out there too").click()
    expect(page).to_have_url(f"{demo.application}/signed-out")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    begin(page, demo)


def test_a_wrong_password_is_said_and_the_address_is_kept(page: Page, demo: Demo) -> None:
    begin(page, demo)
    enter(page, "support@acme.test", "not the password")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page).to_have_title(re.compile("^Error:"))
    expect(page.get_by_label("Email address")).to_have_value("support@acme.test")
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    expect(page.get_by_label("Password", exact=True)).to_be_focused()


def test_who_denies_comes_back_to_the_application_without_a_sign_in(page: Page, demo: Demo) -> None:
    begin(page, demo)
    enter(page, "ops@initech.test")
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("That did not work")
    expect(page).to_have_url(re.compile(f"^{demo.application}/callback"))


def test_the_keyboard_alone_is_enough(page: Page, demo: Demo) -> None:
    begin(page, demo)
    expect(page.get_by_label("Email address")).to_be_focused()
    page.keyboard.type("admin@globex.test")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"^({demo.issuer}/login/consent|{demo.application}/$)"))
    if "/login/consent" in page.url:
        allow = page.get_by_role("button", name="Allow")
        allow.focus()
        page.keyboard.press("Enter")
    expect(page).to_have_url(f"{demo.application}/")
