"""The demo's tenant invites, and lets people register, by the commands that operators have."""

import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import Page

from tests.support.demo import Demo, mailed_link
from tests.support.process import Worker

TENANT = "initech"


def invited(demo: Demo, email: str) -> str:
    """Have an administrator invite an address, and return the link of the mail."""
    demo.installation.run(
        "invitations", "create", "--tenant", TENANT, "--email", email,
        "--role", "customer_viewer", "--role", "SUPPORT_AGENT", "--inviter", "admin@initech.test",
    )  # fmt: skip
    # The server hears nothing of a command, and looks every fifteen seconds.
    with Worker(demo.installation):
        return mailed_link(demo, email)


def opened(demo: Demo) -> str:
    """Let people with an address of the tenant register, and return the id of a client of it."""
    demo.installation.run(
        "tenants", "set", TENANT, "--registration", "on",
        "--registration-domains", "initech.test,initech.example",
    )  # fmt: skip
    made = demo.installation.run(
        "clients", "create", "--tenant", TENANT, "--name", "Initech Desk",
        "--kind", "spa", "--redirect-uri", "https://desk.initech.test/callback",
        "--scope", "openid",
    )  # fmt: skip
    return str(made["client_id"])


def open_sign_in(page: Page, demo: Demo) -> str:
    """Go to the sign-in page for a client of the tenant alone; return the flow's handle."""
    query = {
        "client_id": opened(demo),
        "redirect_uri": "https://desk.initech.test/callback",
        "response_type": "code",
        "scope": "openid",
        "state": "s",
        "nonce": secrets.token_urlsafe(),
        "code_challenge": secrets.token_urlsafe(32),
        "code_challenge_method": "S256",
    }
    page.goto(f"{demo.issuer}/oauth/authorize?{urlencode(query)}")
    page.wait_for_url("**/login/password**")
    return parse_qs(urlsplit(page.url).query)["flow"][0]
