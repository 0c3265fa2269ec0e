"""Walks through the console's screens about webhooks."""

from playwright.sync_api import Page

from tests.browser.walk import Stop, send
from tests.browser.walk_console import enter, menu
from tests.support.demo import Demo

# The template that each stop shows.
STOPS = {
    **dict.fromkeys(("webhooks-none", "webhooks", "webhook", "webhook-delivery"), "console/detail"),
    **dict.fromkeys(
        ("webhook-new", "webhook-test", "webhook-rotate", "webhook-delete"), "console/form"
    ),
    "webhook-secret": "console/secret",
    "webhook-deliveries": "console/list",
}


def webhooks(page: Page, demo: Demo, stop: Stop) -> None:
    """Have a server told of events, look at what did not arrive, exchange the secret."""
    enter(page, demo, "admin@globex.test")
    menu(page, "/webhooks")
    stop("webhooks-none")
    page.locator(".head-actions a").first.click()
    page.locator("#url").fill("https://hooks.globex.invalid/authserver")
    page.locator("#description").fill("Keeps the shop's customers current")
    page.locator("#events").fill("user.*\nclient.changed")
    stop("webhook-new")
    send(page)
    page.locator(".secret-values").wait_for()
    stop("webhook-secret")
    page.locator(".form-end a").click()
    page.wait_for_url("**/webhooks/whe_*")
    one = page.url
    page.goto(f"{one}/test")
    stop("webhook-test")
    send(page)
    page.wait_for_url(one)
    _wait_for_an_attempt(page, f"{one}/deliveries")
    stop("webhook-deliveries")
    page.locator("td a").first.click()
    page.wait_for_url("**/deliveries/whd_*")
    stop("webhook-delivery")
    page.goto(one)
    stop("webhook")
    page.goto(f"{one}/secrets/new")
    stop("webhook-rotate")
    page.goto(f"{one}/delete")
    stop("webhook-delete")
    menu(page, "/webhooks")
    stop("webhooks")


def _wait_for_an_attempt(page: Page, url: str) -> None:
    """Look again until the worker has tried it."""
    for _ in range(100):
        page.goto(url)
        if page.locator(".badge-warn").count():
            return
        page.wait_for_timeout(200)
    raise AssertionError("nothing was tried")
