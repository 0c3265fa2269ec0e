"""An invitation through a real mail server with TLS, a server process and a real browser."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Post, link_in
from tests.support.chromium import watched_page
from tests.support.process import Worker

pytestmark = [pytest.mark.browser, pytest.mark.processes]

EMAIL, NEW = "grace@orchid.example", "Better-Lantern-8"


def test_what_the_mail_server_got_leads_to_an_account(post: Post, chromium: Browser) -> None:
    made = post.installation
    who = ("--tenant", "orchid", "--email", EMAIL)
    made.run("invitations", "create", *who, "--role", "admin")
    with Worker(made):  # the server would look when fifteen seconds are over
        letter = post.next_letter()
    assert (letter["To"], letter["Subject"]) == (EMAIL, "You are invited")
    with watched_page(chromium) as (page, watch):
        page.goto(link_in(letter))
        expect(page.get_by_role("heading", level=1)).to_have_text("Join Orchid")
        page.get_by_label("Your name").fill("Grace Hopper")
        page.get_by_label("Password", exact=True).fill(NEW)
        page.get_by_role("button", name="Create the account and join").click()
        page.get_by_role("link", name="Continue to sign in").click()
        page.get_by_label("Email address").fill(EMAIL)
        page.get_by_label("Password", exact=True).fill(NEW)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page).to_have_url(f"{made.issuer}/account")
    assert watch.complaints == []
    listed = made.run("invitations", "list", "--tenant", "orchid", "--state", "accepted")
    assert [one["roles"] for one in listed["invitations"]] == [["admin"]]
