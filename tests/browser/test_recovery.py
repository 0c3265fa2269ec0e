"""A forgotten password in a real browser, with and without scripts."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_sign_in import begin, enter
from tests.support.demo import Demo, mailed_link

pytestmark = [pytest.mark.browser, pytest.mark.processes]

NEW = "Better-Lantern-8"


def test_a_new_password_by_mail_and_back_into_the_sign_in(page: Page, demo: Demo) -> None:
    email = demo.installation.person("initech").email
    begin(page, demo)
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("Email address").fill(email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")
    link = mailed_link(demo, email)
    page.goto(link)
    expect(page).to_have_url(f"{demo.issuer}/login/recover/new")
    expect(page.get_by_label("Email address")).to_have_value(email)
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("alert")).to_have_text("This password cannot be used.")
    page.get_by_label("New password").fill(NEW)
    page.get_by_role("button", name="Set the password").click()
    expect(page).to_have_url(f"{demo.issuer}/login/recover/done")
    page.get_by_role("link", name="Continue to sign in").click()
    enter(page, email, NEW)
    expect(page.get_by_text(email).first).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link is no longer valid")
    page.get_by_role("link", name="Ask for a new mail").click()
    expect(page.get_by_label("Email address")).to_have_value("")
