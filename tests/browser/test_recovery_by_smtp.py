"""A forgotten password through a real mail server with TLS, with and without scripts."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Post, link_in
from tests.support.process import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.processes]

NEW = "Better-Lantern-8"


def enter(page: Page, email: str, password: str) -> None:
    """Fill in the password page."""
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_what_the_mail_server_got_leads_to_a_new_password(post: Post, page: Page) -> None:
    made = post.installation
    email = made.person("orchid").email
    page.goto(f"{made.issuer}/account")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("Email address").fill(email)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")
    letter = post.next_letter()
    assert letter["To"] == email
    link = link_in(letter)
    assert link.startswith(f"{made.issuer}/login/recover/new?token=")
    page.goto(link)
    expect(page).to_have_url(f"{made.issuer}/login/recover/new")
    page.get_by_label("New password").fill(NEW)
    page.get_by_role("button", name="Set the password").click()
    expect(page).to_have_url(f"{made.issuer}/login/recover/done")
    # The server says so to the person, by the same way and with nothing to follow.
    told = post.next_letter()
    assert (told["To"], told["Subject"]) == (email, "Your password was changed")
    page.get_by_role("link", name="Continue to sign in").click()
    enter(page, email, PASSWORD)
    expect(page.get_by_role("alert")).to_be_visible()
    enter(page, email, NEW)
    expect(page).to_have_url(f"{made.issuer}/account")
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link is no longer valid")
