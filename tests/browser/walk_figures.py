"""Walks through the partner's pages, and through the console's charts, as walk.py does."""

import itertools

from playwright.sync_api import Page

from tests.browser.walk import Stop, send, sign_in, sign_out
from tests.support.demo import Demo

# The stops, and the template that each shows.
PARTNER = {
    "partner": "partner",
    "partner-client": "partner/client",
    "partner-secret": "partner/secret",
    "partner-secret-made": "partner/secret_made",
    **dict.fromkeys(("partner-addresses", "partner-addresses-refused"), "partner/addresses"),
}
USAGE = ("console-usage-of-all", "console-usage", "console-usage-of-client")
_NUMBERS = itertools.count()


def partner(page: Page, demo: Demo, stop: Stop) -> None:
    """Look at the clients and at one, change its secrets, and from where it may call."""
    own = _client(demo)
    page.goto(f"{demo.issuer}/partner")
    sign_in(page, "admin@initech.test")
    page.wait_for_url("**/partner")
    stop("partner")
    page.get_by_role("link", name="Demo Partner").click()
    page.wait_for_url("**/partner/client?**")
    page.goto(f"{page.url}&period=7d")
    stop("partner-client")
    page.goto(f"{demo.issuer}/partner/secret?about={own}")
    send(page)
    page.locator(".secret-once").last.wait_for()
    stop("partner-secret-made")
    page.goto(f"{demo.issuer}/partner/secret?about={own}")
    stop("partner-secret")
    page.goto(f"{demo.issuer}/partner/addresses?about={own}")
    page.locator("#addresses").fill("192.0.2.0/24\n2001:db8::/48")
    stop("partner-addresses")
    page.locator("#addresses").fill("192.0.2.0/24\nnowhere")
    send(page)
    page.locator(".field-error").wait_for()
    stop("partner-addresses-refused")
    sign_out(page, demo)


def usage(page: Page, demo: Demo, stop: Stop) -> None:
    """Look at the figures of all, of a tenant and of a client, and at a client's quotas."""
    page.goto(f"{demo.issuer}/console")
    sign_in(page, "admin@acme.test")
    page.wait_for_url("**/console/**")
    page.goto(f"{demo.issuer}/console/usage?period=7d")
    stop("console-usage-of-all")
    page.locator("#rows a").first.click()
    page.wait_for_url("**/usage")
    stop("console-usage")
    page.locator("#rows a").first.click()
    page.wait_for_url("**/clients/**/usage")
    stop("console-usage-of-client")
    sign_out(page, demo)


def _client(demo: Demo) -> str:
    made = demo.installation.run(
        *("clients", "create", "--tenant", "initech", "--kind", "partner"),
        *("--name", f"Feed {next(_NUMBERS) + 1}", "--scope", "orders:read"),
        *("--audience", "https://orders.example/"),
    )
    return str(made["client_id"])
