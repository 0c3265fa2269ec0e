"""The hosted pages that are not the sign-in itself."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.test_sign_in import enter, sign_in
from tests.support.demo import Demo
from tests.support.process import Registered, wait_for
from tests.support.tokens import authorization_url

pytestmark = [pytest.mark.browser, pytest.mark.processes]


class Receiver(BaseHTTPRequestHandler):
    """An application that takes its answers by form_post."""

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        fields = parse_qs(self.rfile.read(length).decode())
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"<h1>{' '.join(sorted(fields))}</h1>".encode())

    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def form_client(demo: Demo) -> Iterator[Registered]:
    """Register an application that listens."""
    with ThreadingHTTPServer(("localhost", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://localhost:{server.server_address[1]}/callback"
        yield demo.installation.web_client("acme", url, "--first-party")
        server.shutdown()


def test_form_post_comes_back_with_and_without_scripts(
    page: Page, demo: Demo, form_client: Registered, *, scripts: bool
) -> None:
    page.goto(authorization_url(demo.issuer, form_client, response_mode="form_post"))
    enter(page, "admin@acme.test")
    if not scripts:
        page.get_by_role("button", name="Continue").click()
    expect(page).to_have_url(form_client.redirect_uri)
    expect(page.get_by_role("heading")).to_have_text("code iss state")


def test_the_front_page_says_who_is_signed_in(page: Page, demo: Demo) -> None:
    page.goto(demo.issuer)
    expect(page.get_by_role("heading", level=1)).to_have_text("You are not signed in")
    sign_in(page, demo, "viewer@globex.test")
    page.goto(demo.issuer)
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed in")
    expect(page.get_by_text("viewer@globex.test")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/oauth/authorize?client_id=nobody", 400),
        ("/login/password", 400),
        ("/no/such/page", 404),
    ],
)
def test_an_error_page_says_what_to_do_and_under_which_reference(
    page: Page, demo: Demo, path: str, *, status: int
) -> None:
    answer = page.goto(demo.issuer + path)
    assert answer is not None
    assert answer.status == status
    reference = answer.headers["x-correlation-id"]
    expect(page.get_by_role("heading", level=1)).not_to_be_empty()
    expect(page.get_by_text(reference)).to_be_visible()


def test_an_unregistered_redirect_uri_is_shown_not_followed(
    page: Page, demo: Demo, form_client: Registered
) -> None:
    elsewhere = Registered(form_client.id, None, "http://localhost:9/elsewhere")
    page.goto(authorization_url(demo.issuer, elsewhere))
    expect(page).to_have_url(re.compile(f"^{demo.issuer}/oauth/authorize"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("does not work")


def test_the_mails_of_the_demo_can_be_read(page: Page, demo: Demo) -> None:
    page.goto(demo.application)
    page.get_by_role("link", name="Sign in").click()
    for _ in range(5):
        page.get_by_label("Email address").fill("admin@initech.test")
        page.get_by_label("Password", exact=True).fill("Wrong-Horse-9")
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("alert")).to_be_visible()
    subject = "Sign-in to your account is locked for a while"
    wait_for(lambda: subject in requests.get(f"{demo.issuer}/dev/mail", timeout=5).text, "mail")
    page.goto(f"{demo.issuer}/dev/mail")
    page.get_by_role("link", name=subject).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)
    expect(page.get_by_text("admin@initech.test")).to_be_visible()
    mail = page.frame_locator("iframe")
    expect(mail.get_by_role("heading", name=subject)).to_be_visible()
    expect(page.locator("pre")).to_contain_text("Hello Ines Tech,")
    page.get_by_role("link", name="All mails").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mails that were sent")
