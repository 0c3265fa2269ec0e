"""An invitation through a real mail server with TLS, a server process and a real browser."""

from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from tests.support.chromium import watched_page
from tests.support.mailserver import PASSWORD, USER, MailServer, make_certificate, running
from tests.support.process import Installation, ServerProcess, make_installation, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.processes]

EMAIL, NEW = "grace@orchid.example", "Better-Lantern-8"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[MailServer, Installation]]:
    """Run a mail server, and an installation that sends by it from its own process."""
    certificate = make_certificate(tmp_path / "certificate")
    with running(certificate, auth=True) as mail:
        secret = quote(PASSWORD, safe="")
        made = make_installation(
            tmp_path,
            smtp_url=f"smtp://{USER}:{secret}@localhost:{mail.port}",
            smtp_ca_file=str(certificate.path),
        )
        made.tenant("orchid", "customer")
        with ServerProcess(made):
            yield mail, made


def test_what_the_mail_server_got_leads_to_an_account(
    server: tuple[MailServer, Installation], chromium: Browser
) -> None:
    mail, made = server
    who = ("--tenant", "orchid", "--email", EMAIL)
    made.run("invitations", "create", *who, "--role", "admin")
    wait_for(lambda: bool(mail.received), "the invitation")
    (envelope,) = mail.received
    assert envelope.rcpt_tos == [EMAIL]
    message = message_from_bytes(bytes(envelope.content), policy=default)
    assert message["Subject"] == "You are invited"
    words = message.get_body(("plain",)).get_content().split()
    (link,) = [word for word in words if "token=" in word]
    with watched_page(chromium) as (page, watch):
        page.goto(link)
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
