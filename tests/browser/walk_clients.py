"""Walks through the console's screens about clients, APIs, providers and registration."""

from playwright.sync_api import Page

from tests.browser.walk import Stop, send
from tests.browser.walk_console import enter, menu
from tests.support.demo import Demo


def clients(page: Page, demo: Demo, stop: Stop) -> None:
    """Register a machine, look at everything about it, end a secret, refuse a web application."""
    enter(page, demo, "admin@acme.test")
    menu(page, "/clients")
    stop("clients")
    page.locator(".head-actions a").first.click()
    page.locator(".kinds").wait_for()
    stop("client-kinds")
    page.locator('.kinds a[href$="/web"]').click()
    page.locator("#redirect_uris").fill("http://shop.example/cb")
    page.locator("#name").fill("Shop")
    send(page)
    page.locator(".callout-error").first.wait_for()
    stop("client-refused")
    page.goto(page.url.replace("/web", "/service"))
    page.locator("#name").fill("Nightly export")
    page.locator("#scopes").fill("reports:read")
    page.locator("#ip_allowlist").fill("203.0.113.0/24\n2001:db8::/32")
    send(page)
    page.locator(".secret-values").wait_for()
    stop("client-secret")
    page.locator(".form-end a").click()
    page.wait_for_url("**/clients/cli_*")
    stop("client")
    _one(page, page.url, stop)


def _one(page: Page, one: str, stop: Stop) -> None:
    """Look at everything about a client, from no address of its own and from any."""
    page.goto(f"{one}/edit")
    stop("client-edit")
    page.goto(f"{one}/metadata")
    stop("client-metadata")
    page.goto(f"{one}/secrets/new")
    stop("client-secret-new")
    page.locator("#expires_in_days").fill("7")
    send(page)
    page.locator(".secret-values").wait_for()
    page.goto(f"{one}/secrets")
    stop("client-secrets")
    page.goto(f"{one}/snippets")
    stop("client-snippets")
    page.goto(f"{one}/test")
    page.locator(".form-test button").click()
    page.locator(".steps").wait_for()
    stop("client-test-refused")
    page.goto(f"{one}/edit")
    page.locator("#ip_allowlist").fill("")
    send(page)
    page.wait_for_url(one)
    page.goto(f"{one}/test")
    page.locator(".form-test button").click()
    page.locator(".steps").wait_for()
    stop("client-test")
    page.goto(f"{one}/delete")
    stop("client-delete")


def apis(page: Page, demo: Demo, stop: Stop) -> None:
    """Register an API, connect a provider, let applications register themselves."""
    enter(page, demo, "admin@globex.test")
    menu(page, "/resource-servers")
    stop("apis-none")
    page.locator(".head-actions a").first.click()
    page.locator("#audience").fill("https://orders.globex.example/")
    page.locator("#name").fill("Orders")
    page.locator("#scopes").fill("orders:read = See your orders\norders:write = Place orders")
    stop("api-new")
    send(page)
    page.wait_for_url("**/resource-servers/rsv_*")
    stop("api")
    page.goto(f"{page.url}/edit")
    page.locator("#who").select_option("named")
    stop("api-edit")
    menu(page, "/connections")
    page.locator(".head-actions a").first.click()
    page.locator(".kinds").wait_for()
    stop("provider-kinds")
    page.locator('.kinds a[href$="/oidc"]').click()
    stop("provider-new")
    for name, text in (
        ("name", "corp"),
        ("server", "https://login.globex.example"),
        ("label", "Globex SSO"),
        ("client_id", "authserver"),
        ("client_secret", "of-the-provider"),
    ):
        page.locator(f"#{name}").fill(text)
    send(page)
    page.wait_for_url("**/connections/corp")
    stop("provider")
    page.goto(f"{page.url}/test")
    send(page)
    page.locator(".callout-error").wait_for()
    stop("provider-unreachable")
    menu(page, "/connections")
    stop("providers")
    menu(page, "/initial-access-tokens")
    page.locator(".head-actions a").first.click()
    page.locator("#name").fill("Certification")
    stop("registration-new")
    send(page)
    page.locator(".secret-values").wait_for()
    page.locator(".form-end a").click()
    stop("registrations")
